// What is known about services at one moment: copies, for `weir ctl services`, metrics and tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <weir/balance/service_config.h>
#include <weir/base/instant.h>

namespace weir::balance {

enum class CheckResult : std::uint8_t {
  kNone,  // not checked yet, or checks are off
  kPassed,
  kRefused,  // answered with a reset
  kTimeout,
  kFailed,  // the check itself could not be sent (no port, no memory, no route)
};
const char* to_string(CheckResult result);

enum class ServiceState : std::uint8_t {
  kUp,        // at least one back end takes new connections
  kDown,      // none does: clients are reset at once
  kDraining,  // takes no new clients
};
const char* to_string(ServiceState state);

struct BackendStatus {
  std::string name;
  Endpoint address;
  std::uint16_t weight = 0;
  bool healthy = true;
  Instant since{};  // of the last change of `healthy`, or start
  CheckResult last_check = CheckResult::kNone;
  std::uint64_t checks_passed = 0, checks_failed = 0;
  std::uint64_t open = 0;                     // connections now, those being opened included
  std::uint64_t total = 0;                    // connections tried since start
  std::uint64_t refused = 0;                  // connects answered with a reset or an ICMP error
  std::uint64_t timeout = 0;                  // connects not answered
  std::uint64_t reset = 0;                    // open connections that the back end reset or that timed out
  std::uint64_t bytes_in = 0, bytes_out = 0;  // clients' bytes towards it, its bytes towards clients
};

struct ServiceStatus {
  std::string name;
  std::vector<Endpoint> listen;
  Mode mode = Mode::kProxy;
  SchedulerKind scheduler = SchedulerKind::kRoundRobin;
  ServiceState state = ServiceState::kUp;
  std::uint64_t open = 0;           // client connections now
  std::uint64_t total = 0;          // client connections accepted since start
  std::uint64_t retries = 0;        // further back ends tried
  std::uint64_t client_resets = 0;  // connections ended by a reset or a timeout of the client
  std::uint64_t no_backend = 0;     // clients reset because no back end was up
  std::uint64_t out_of_tries = 0;   // clients reset because no back end answered in time
  std::uint64_t no_resources = 0;   // clients reset because source ports or memory ran out
  std::uint64_t idle_timeouts = 0;
  std::uint64_t close_timeouts = 0;
  std::vector<BackendStatus> backends = {};
};

}  // namespace weir::balance
