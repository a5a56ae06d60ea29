// `weir doctor`: what this machine and its NICs lack, and what to type.
#include <fmt/format.h>

#include <weir/doctor/finding.h>

#include "commands.h"

namespace weir::app {
namespace {

int report(doctor::Facts facts, bool json) {
  doctor::probe_ports(facts);
  const std::vector<doctor::Finding> findings = doctor::examine(facts);
  fmt::print("{}", json ? doctor::to_json(findings) : doctor::to_text(findings));
  return doctor::worst(findings) == doctor::Verdict::kDoesNotWork ? kFailed : kDone;
}

}  // namespace

int run_doctor(const DoctorOptions& options) {
  try {
    std::optional<run::AnyConfig> config;
    if (!options.config.empty()) config = run::load_any_config(options.config);
    return report(doctor::gather(doctor::this_machine(), std::move(config)), options.json);
  } catch (const run::ConfigError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kUnusable;
  }
}

}  // namespace weir::app
