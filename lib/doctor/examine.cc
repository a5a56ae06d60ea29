#include <algorithm>

#include "checks.h"

namespace weir::doctor {

namespace {

void look(std::span<const MachineCheck> checks, const Facts& facts, std::vector<Finding>& findings) {
  for (const MachineCheck& check : checks)
    if (Judged judged = check.judge(facts)) findings.push_back({check.id, check.title, "machine", std::move(*judged)});
}

void look(std::span<const NicCheck> checks, const Facts& facts, const NicFacts& nic, std::vector<Finding>& findings) {
  for (const NicCheck& check : checks)
    if (Judged judged = check.judge(facts, nic))
      findings.push_back({check.id, check.title, nic.name, std::move(*judged)});
}

// A machine without a NIC is told so, rather than passed over.
void note_no_nic(const Facts& facts, std::vector<Finding>& findings) {
  if (!facts.nics.empty()) return;
  findings.push_back({"nic.none", "NIC", "machine",
                      slow("no NIC on PCI: only virtual devices (net_af_packet, net_memif, net_tap) remain",
                           "weir doctor --config FILE looks at the ports of a configuration")});
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kCostsSpeed:
      return "costs speed";
    case Verdict::kDoesNotWork:
      return "does not work";
  }
  return "?";
}

std::vector<Finding> examine(const Facts& facts) {
  std::vector<Finding> findings;
  look(cpu_checks(), facts, findings);
  look(memory_checks(), facts, findings);
  note_no_nic(facts, findings);
  for (const NicFacts& nic : facts.nics) {
    look(nic_checks(), facts, nic, findings);
    if (nic.present) look(nic_speed_checks(), facts, nic, findings);
  }
  return findings;
}

Verdict worst(const std::vector<Finding>& findings) {
  Verdict worst = Verdict::kOk;
  for (const Finding& finding : findings) worst = std::max(worst, finding.judgement.verdict);
  return worst;
}

}  // namespace weir::doctor
