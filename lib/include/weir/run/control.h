// What a running process answers on its control socket: requests and answers are JSON, one object per line.
// docs/configuration.md describes them. Transport: run/control_server.h.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <weir/balance/status.h>
#include <weir/base/instant.h>
#include <weir/load/board.h>
#include <weir/stack/host.h>

namespace weir::run {

inline constexpr std::uint32_t kConnectionsPerPage = 1000;  // at most, in one answer

// Counts since start.
struct WorkerStatus {
  unsigned lcore = 0;
  std::uint64_t turns = 0;       // of the loop
  std::uint64_t busy_turns = 0;  // that had packets or timers to handle
  std::uint64_t sleeps = 0;
  std::uint64_t busy_ns = 0, idle_ns = 0;  // of busy turns, and of the others
  double busy_share = 0;                   // of time, over the last second or so: 0..1
  std::uint64_t rx_packets = 0, rx_bytes = 0, tx_packets = 0, tx_bytes = 0;
  std::uint64_t handed_over = 0, taken_over = 0, hand_over_full = 0;  // packets through the rings between workers
};

struct PortStatus {
  std::string device;
  std::string mac;
  bool link_up = false;
  std::uint32_t link_mbps = 0;  // 0: not known
  std::uint16_t mtu = 0;
  std::uint16_t queues = 0;
  std::vector<std::string> addresses;
  std::vector<std::string> choices;  // "checksum on receive: device", "RSS predicted: no", ...
  std::uint64_t rx_packets = 0, rx_bytes = 0, tx_packets = 0, tx_bytes = 0;
  std::uint64_t rx_missed = 0, rx_errors = 0, tx_errors = 0;
  std::uint64_t rx_no_packets = 0;  // among rx_errors: the packet pool was empty
  std::uint64_t tx_dropped = 0;     // among tx_errors: the transmit ring stayed full
  std::uint64_t tx_merged = 0;      // among tx_packets: left to the device to cut off others (TSO)
};

// What the control thread looks at and acts on. Every function is called on that thread, while workers run.
struct ControlSubject {
  std::string program;  // "lb", "serve"
  std::string name;
  Instant started{};
  std::function<Instant()> now;
  std::vector<const stack::Host*> hosts;               // in worker order; outlive the control thread
  std::vector<const stack::DropCounters*> link_drops;  // of the workers' network layers
  std::function<std::vector<WorkerStatus>()> workers;
  std::function<std::vector<PortStatus>()> ports;
  std::function<stack::PoolLevels()> pools;                       // of the process: packets
  std::function<std::vector<balance::ServiceStatus>()> services;  // of a balancer, else empty
  std::function<std::vector<load::ServerStatus>()> servers;       // of a server, else empty
  std::function<std::string()> state;                             // "running", "draining"
  // Reads again what may change while the process runs; what is wrong (then nothing changed), or empty.
  std::function<std::string()> reload;
  std::function<void()> drain, stop;  // return at once
};

// Answers one request line. Never throws: what is wrong with a request is its answer,
// {"ok": false, "error": "..."}.
std::string answer(const ControlSubject& subject, std::string_view request);

}  // namespace weir::run
