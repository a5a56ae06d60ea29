// What a machine's facts mean for Weir, and what to type.
#pragma once

#include <string>
#include <vector>

#include <weir/doctor/facts.h>

namespace weir::doctor {

enum class Verdict : std::uint8_t { kOk, kCostsSpeed, kDoesNotWork };
const char* to_string(Verdict verdict);  // "ok", "costs speed", "does not work"

struct Judgement {
  Verdict verdict = Verdict::kOk;
  std::string text;     // what is, and what it means
  std::string command;  // to type; empty: nothing to do
};

struct Finding {
  std::string check;    // "cpu.governor"; never renamed, programs ask for it
  std::string title;    // for people
  std::string subject;  // "machine", or the name of a NIC
  Judgement judgement;
};

// All checks in the order of their tables; those that have nothing to look at leave no finding.
std::vector<Finding> examine(const Facts& facts);
Verdict worst(const std::vector<Finding>& findings);

std::string to_text(const std::vector<Finding>& findings);
// {"schema": 1, "verdict": ..., "counts": {...}, "findings": [{"check", "title", "subject", "verdict", "text",
// "command"}]}; command is null where there is nothing to do. Keys may be added, none is renamed or taken away.
std::string to_json(const std::vector<Finding>& findings);

}  // namespace weir::doctor
