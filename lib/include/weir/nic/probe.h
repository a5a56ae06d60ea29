// What a port can do, found out by opening it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <weir/nic/port.h>

namespace weir::nic {

struct Probe {
  std::string driver;            // DPDK's: "net_ice"
  std::uint16_t queues_max = 0;  // of each direction
  Offloads offloads;             // as chosen for the queues asked for
  bool rss_key_settable = false;
  RssState rss;
  LinkState link;
};

// Opens the port as a process with config.queues workers would, waits at most `patience` for its link, looks, and
// closes it. EAL runs. Throws SetupError where such a process could not start.
Probe probe(const PortConfig& config, PacketPool& packets, std::chrono::milliseconds patience);

}  // namespace weir::nic
