#include <weir/balance/status.h>

namespace weir::balance {

const char* to_string(Mode mode) {
  switch (mode) {
    case Mode::kProxy:
      return "proxy";
  }
  return "?";
}

const char* to_string(SchedulerKind kind) {
  switch (kind) {
    case SchedulerKind::kRoundRobin:
      return "round_robin";
    case SchedulerKind::kLeastConnections:
      return "least_connections";
    case SchedulerKind::kMaglev:
      return "maglev";
  }
  return "?";
}

const char* to_string(ProxyProtocol version) {
  switch (version) {
    case ProxyProtocol::kNone:
      return "none";
    case ProxyProtocol::kV1:
      return "v1";
    case ProxyProtocol::kV2:
      return "v2";
  }
  return "?";
}

const char* to_string(CheckResult result) {
  switch (result) {
    case CheckResult::kNone:
      return "none";
    case CheckResult::kPassed:
      return "passed";
    case CheckResult::kRefused:
      return "refused";
    case CheckResult::kTimeout:
      return "timeout";
    case CheckResult::kFailed:
      return "failed";
  }
  return "?";
}

const char* to_string(ServiceState state) {
  switch (state) {
    case ServiceState::kUp:
      return "up";
    case ServiceState::kDown:
      return "down";
    case ServiceState::kDraining:
      return "draining";
  }
  return "?";
}

}  // namespace weir::balance
