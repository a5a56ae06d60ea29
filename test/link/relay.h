// Joins two interfaces as a link of given properties would. One thread, woken by frames and by the next one's time.
#pragma once

#include <array>
#include <string>

#include "frames.h"
#include "path.h"
#include "port.h"

namespace weir::link {

struct RelaySettings {
  std::string left, right;  // interfaces
  PathSettings to_right, to_left;
  std::uint64_t seed = 1;
};

// What happened in one direction beside Path's own counts.
struct RelayCounts {
  std::uint64_t delivered = 0, delivered_bytes = 0;
  std::uint64_t reordered = 0;  // delivered after one that came later
  std::uint64_t marked = 0;     // with Congestion Experienced
  std::uint64_t unfit = 0;      // too long, no place left, or refused by the interface: the result is not to be trusted
  Duration latest{};            // longest that a frame left after its time
};

class Relay {
 public:
  // Throws std::system_error.
  explicit Relay(const RelaySettings& settings);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Until SIGTERM or SIGINT; all counts as a line of JSON on standard output then, and at every SIGUSR1.
  void run();

 private:
  struct Direction {
    Port& from;
    Port& to;
    Path path;
    Schedule schedule;
    RelayCounts counts;
    std::uint64_t number = 0;         // frames taken up
    std::uint64_t latest_number = 0;  // highest delivered
  };

  void receive(Direction& direction);
  void take(Direction& direction, std::span<const std::byte> frame, Instant now);
  void schedule(Direction& direction, std::span<const std::byte> frame, const Arrival& arrival);
  void deliver(Direction& direction, Instant now);
  void count(Direction& direction, const UnderWay& frame, Instant now);
  void arm_timer();
  bool on_signal();
  void print();

  Port left_, right_;
  Frames frames_;
  std::array<Direction, 2> directions_;
  int timer_, signals_, events_;
};

}  // namespace weir::link
