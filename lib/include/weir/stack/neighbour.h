// One station on a link: its address, its MAC and how sure we are of it. The machine of RFC 4861 §7.3.2 serves ARP too.
#pragma once

#include <cstdint>

#include <weir/base/index_pool.h>
#include <weir/base/instant.h>
#include <weir/base/timer_wheel.h>
#include <weir/wire/address.h>

namespace weir::stack {

enum class NeighbourState : std::uint8_t {
  kIncomplete,  // asked everybody, no answer yet; packets wait
  kReachable,   // confirmed lately
  kStale,       // known, not confirmed lately, not used since
  kDelay,       // stale and in use: about to be probed
  kProbe,       // asking the station itself
  kFailed,      // nobody answered: packets are dropped for a moment
  kPermanent,   // configured
};
const char* to_string(NeighbourState state);

// RFC 4861 §10 where it names them.
struct NeighbourSettings {
  std::uint32_t entries = 4096;
  Duration reachable_time = 30s;  // the mean: each confirmation lasts 0.5 to 1.5 of it (§6.3.2)
  Duration retransmit_time = 1s;
  Duration delay_first_probe_time = 5s;
  Duration stale_time = 10min;          // an unused stale entry is forgotten
  Duration failed_time = 1s;            // no new questions for so long after a failure
  Duration contest_interval = 200ms;    // between probes when somebody else claims the address
  std::uint8_t solicitations_max = 3;   // MAX_MULTICAST_SOLICIT and MAX_UNICAST_SOLICIT
  std::uint8_t queued_packets_max = 8;  // per neighbour: the oldest gives way (RFC 1122 §2.3.2.2)
  std::uint32_t queued_total_max = 1024;
};

struct Neighbour {
  IpAddress address;
  TimerLinks timer;
  std::uint32_t idle_older = kNoIndex;  // list of those that may be evicted
  std::uint32_t idle_newer = kNoIndex;
  std::uint32_t waiting_first = kNoIndex;  // packets that wait for the answer
  std::uint32_t waiting_last = kNoIndex;
  std::uint16_t interface = 0;
  MacAddress mac;
  NeighbourState state = NeighbourState::kIncomplete;
  std::uint8_t solicitations = 0;
  std::uint8_t waiting = 0;
  bool contested = false;  // another MAC claims the address: the one we know is being asked
  bool answered = false;   // its MAC was told in answer to a question of ours
  bool is_idle = false;    // in the list
};

}  // namespace weir::stack
