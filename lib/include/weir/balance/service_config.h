// What a service is, as configured. Plain values: the configuration file is read elsewhere (run), which also
// names file and line of what is wrong; the ranges are stated here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weir/base/siphash.h>
#include <weir/tcp/settings.h>
#include <weir/wire/address.h>

namespace weir::balance {

using std::chrono::milliseconds;

inline constexpr std::uint16_t kWeightMax = 256;
inline constexpr std::uint8_t kRetriesMax = 7;
inline constexpr std::size_t kBackendsMax = 1024;  // of one service
inline constexpr std::size_t kServicesMax = 1024;
inline constexpr std::uint32_t kMaglevTableMax = 5'000'011;  // prime
inline constexpr std::uint32_t kBufferBytesMin = 16384;

enum class Mode : std::uint8_t { kProxy };
enum class SchedulerKind : std::uint8_t { kRoundRobin, kLeastConnections, kMaglev };
enum class ProxyProtocol : std::uint8_t { kNone, kV1, kV2 };
// As the configuration file writes them: "proxy"; "round_robin", "least_connections", "maglev"; "none", "v1", "v2".
const char* to_string(Mode mode);
const char* to_string(SchedulerKind kind);
const char* to_string(ProxyProtocol version);

struct BackendConfig {
  std::string name;  // unique in its service; Maglev places a back end by its name
  Endpoint address;
  std::uint16_t weight = 1;  // 0 .. kWeightMax; 0 drains: no new connections, existing ones live on

  bool operator==(const BackendConfig&) const = default;
};

// A check is a TCP connection, opened through the data path itself and reset once it stands.
struct HealthConfig {
  bool enabled = true;
  milliseconds interval{2000};  // between checks of one back end, +-10 %; >= 10 ms
  milliseconds timeout{1000};   // of one check
  std::uint8_t rise = 2;        // successes in a row that bring a back end up, >= 1
  std::uint8_t fall = 3;        // failures in a row, of checks or of clients' connects, that take it down, >= 1
};

struct TimeoutConfig {
  milliseconds connect{5000};  // from accepting the client to an open back end, every retry included
  milliseconds idle{300000};   // nothing moved in either direction: both sides are reset
  milliseconds close{30000};   // the same once one side has closed, and for the last bytes to be acknowledged
};

struct ServiceConfig {
  std::string name;              // unique
  std::vector<Endpoint> listen;  // virtual addresses, IPv4 and IPv6; one at least
  Mode mode = Mode::kProxy;
  SchedulerKind scheduler = SchedulerKind::kRoundRobin;
  std::uint32_t maglev_table = 65537;   // entries; a prime, at most kMaglevTableMax, >= 100 times the back ends
  SipKey maglev_key;                    // of the client hash; equal on nodes that are to choose equally
  std::vector<BackendConfig> backends;  // one at least, kBackendsMax at most; either family
  HealthConfig health;
  TimeoutConfig timeouts;
  std::uint8_t retries = 3;  // further back ends tried for one client, 0 .. kRetriesMax
  // Bound on what Weir holds of one direction of one connection: half of it unread, half of it unsent or
  // unacknowledged. When it is full the sender's window closes. >= kBufferBytesMin.
  std::uint32_t buffer_bytes = 524288;
  ProxyProtocol proxy_protocol = ProxyProtocol::kNone;  // header towards back ends
  std::uint32_t backlog = 1024;                         // accept queue, per listen address and core
  // Addresses of this host that connections to back ends come from, either family. Empty for a family: the host's
  // own choice, one address.
  std::vector<IpAddress> sources;
  // Of this service's connections, on both sides, instead of the process's. Buffers and nagle are the service's own:
  // see settings_of() in balance/service.h.
  std::optional<tcp::Settings> tcp;
};

struct BalancerConfig {
  std::vector<ServiceConfig> services;
  std::uint32_t sessions = 32768;  // proxied connections per core; each takes two connections of the host
};

}  // namespace weir::balance
