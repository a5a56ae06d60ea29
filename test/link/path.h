// One direction of a link as a model: a queue before a wire of some rate, which delays, loses, reorders and duplicates.
// Time is handed in and chance comes from a seed, so that the same packets meet the same fate again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include <weir/base/instant.h>
#include <weir/base/random.h>

namespace weir::link {

// Percentages are of TCP packets: all others (ARP, neighbour discovery, ping) are only queued and delayed.
struct PathSettings {
  double rate_mbit = 0;                // of whole frames without FCS; 0: no limit, and no queue
  Duration delay = 0ms;                // from the end of a packet's transmission to its arrival
  std::uint32_t queue_packets = 1000;  // that wait or are being transmitted; others are dropped
  double loss_percent = 0;             // in the long run, whether single or in bursts
  double burst_packets = 0;            // mean length of a burst of losses (Gilbert's model); 0: each packet for itself
  double reorder_percent = 0;          // arrive `late` later than they would have
  Duration late = 1ms;
  double duplicate_percent = 0;  // arrive twice
  double mark_percent = 0;       // say Congestion Experienced, where their sender can take it (RFC 3168)
};

struct PathCounts {
  std::uint64_t offered = 0;     // frames that came
  std::uint64_t queue_full = 0;  // dropped before the wire
  std::uint64_t lost = 0;        // on the wire
  std::uint64_t bursts = 0;      // of losses, one packet or more each
  std::uint64_t late = 0;        // held back, so that others may overtake
  std::uint64_t duplicated = 0;
};

// When a packet is to arrive, whether a second time, and whether with a mark of congestion.
struct Arrival {
  Instant due;
  bool twice = false;
  bool marked = false;
};

class Path {
 public:
  Path(const PathSettings& settings, std::uint64_t seed);

  // What becomes of a frame that comes at `now`, which never goes back; nothing: it is gone.
  std::optional<Arrival> on_frame(Instant now, std::size_t bytes, bool is_tcp);
  const PathCounts& counts() const { return counts_; }

 private:
  std::optional<Instant> transmit(Instant now, std::size_t bytes);
  bool lose();
  bool is_in_burst();

  const PathSettings settings_;
  PathCounts counts_;
  // One each, so that a change of one percentage leaves the other draws as they were.
  Random losses_, lateness_, copies_, marks_;
  std::deque<Instant> departures_;  // at most queue_packets
  bool losing_ = false;
};

// "rate=100,delay=10,queue=200,loss=1,burst=3,reorder=2,late=5,duplicate=1": Mbit/s, ms, packets, percent. Each may be
// left out. Throws std::invalid_argument that names what is wrong.
PathSettings parse_path(const std::string& text);

}  // namespace weir::link
