// What a process is made from: ports, routes, sizes, TCP. Plain values, already checked (run/config.h reads them).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <weir/stack/limits.h>
#include <weir/tcp/settings.h>
#include <weir/tcp/syn_cookie.h>
#include <weir/wire/address.h>

namespace weir::run {

inline constexpr unsigned kWorkersMax = 64;
inline constexpr unsigned kPortsMax = 16;

enum class HugePages : std::uint8_t {
  kAuto,     // used when there are enough of them, else ordinary memory, said in one line
  kNever,    // ordinary memory (EAL --no-huge)
  kRequire,  // start-up fails without them
};

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

// One port of the NIC layer. It has as many queues as the process has workers.
struct PortConfig {
  std::string device;                  // "0000:03:00.0", or a vdev with its arguments: "net_af_packet0,iface=eth1"
  std::vector<Prefix> addresses{};     // its own, at most one network per entry
  std::vector<IpAddress> announced{};  // virtual and source addresses served here besides, in networks of `addresses`
  std::uint16_t mtu = 1500;            // bytes of IP
  std::optional<MacAddress> mac{};     // else the device's own
  bool tso = true;                     // leaves cutting segments to a device that can
  bool operator==(const PortConfig&) const = default;
};

struct RouteConfig {
  Prefix destination;  // 0.0.0.0/0 and ::/0 are the default routes
  IpAddress via;       // same family, in a network of a port
  bool operator==(const RouteConfig&) const = default;
};

// A neighbour that is not asked for by ARP or NDP.
struct NeighbourConfig {
  IpAddress address;
  MacAddress mac;
  bool operator==(const NeighbourConfig&) const = default;
};

// Of a service or server, whose place among those of the file is the number of its group of listeners.
struct LimitsConfig {
  std::string name;
  stack::Limits limits;
  bool operator==(const LimitsConfig&) const = default;
};

// `connections`, `cold_blocks`, `half_open`, `time_wait_*`, `limited_sources` and `packets` are of the whole process;
// workers share them evenly (per_worker()).
struct ProcessConfig {
  std::string name = "weir";          // EAL file prefix, name of the control socket: [a-z0-9_-]{1,32}
  std::uint32_t workers = 1;          // 1..kWorkersMax
  std::optional<std::string> lcores;  // EAL --lcores syntax; else the first allowed CPUs
  HugePages huge_pages = HugePages::kAuto;
  std::uint32_t memory_mb = 0;    // given to EAL; 0: what the forecast asks for
  std::uint32_t packets = 65536;  // in the packet pool
  std::uint32_t connections = 65536;
  std::uint32_t cold_blocks = 0;  // connections that hold text or recover from a loss at once; 0: all
  std::uint32_t half_open = 16384;
  std::uint32_t time_wait_v4 = 131072;
  std::uint32_t time_wait_v6 = 65536;
  std::uint32_t limited_sources = 65536;  // source prefixes whose connections are counted at once
  std::vector<LimitsConfig> limits;       // one for each service or server
  bool connection_timers = true;          // Host::set_timer() of connections; the programs of `weir` have no use for it
  std::uint32_t idle_sleep_us = 0;        // longest sleep of an idle worker; 0: busy polling
  std::uint32_t missteer_every = 0;       // every n-th flow is treated as arrived at the wrong worker; 0: none
  std::filesystem::path control_socket;   // default: /run/weir/NAME.sock
  // Of SYN cookies, shared with other nodes: the file and what it held; without, they are made up at start.
  std::filesystem::path cookie_secrets_file;
  std::optional<tcp::CookieSecrets> cookie_secrets;
  LogLevel log_level = LogLevel::kInfo;
  std::chrono::milliseconds drain_deadline{30000};  // from SIGTERM to the end of what is still open
  std::vector<PortConfig> ports;                    // 1..kPortsMax
  std::vector<RouteConfig> routes;
  std::vector<NeighbourConfig> neighbours;
  tcp::Settings tcp;

  // A worker's share of a number that is meant for the process, rounded up.
  std::uint32_t per_worker(std::uint32_t of_process) const { return (of_process + workers - 1) / workers; }
};

std::filesystem::path default_control_socket(const std::string& name);

}  // namespace weir::run
