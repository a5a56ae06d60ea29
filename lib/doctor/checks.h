// The checks: pure functions from facts to a judgement; nothing where there is nothing to look at.
#pragma once

#include <optional>
#include <span>

#include <weir/doctor/finding.h>

namespace weir::doctor {

using Judged = std::optional<Judgement>;

struct MachineCheck {
  const char* id;
  const char* title;
  Judged (*judge)(const Facts&);
};
struct NicCheck {
  const char* id;
  const char* title;
  Judged (*judge)(const Facts&, const NicFacts&);
};

std::span<const MachineCheck> cpu_checks();
std::span<const MachineCheck> memory_checks();
std::span<const NicCheck> nic_checks();        // can it be used at all?
std::span<const NicCheck> nic_speed_checks();  // and well?

inline Judgement ok(std::string text, std::string command = "") {
  return {Verdict::kOk, std::move(text), std::move(command)};
}
inline Judgement slow(std::string text, std::string command) {
  return {Verdict::kCostsSpeed, std::move(text), std::move(command)};
}
inline Judgement broken(std::string text, std::string command) {
  return {Verdict::kDoesNotWork, std::move(text), std::move(command)};
}

}  // namespace weir::doctor
