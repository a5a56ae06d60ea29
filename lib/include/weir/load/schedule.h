// When things are to start, whatever came of those before: an open loop. A start that comes late keeps its intended
// time, so that a stall shows in the latencies of all that it held up.
#pragma once

#include <cstdint>

#include <weir/base/instant.h>

namespace weir::load {

class Schedule {
 public:
  // From `begin` on the rate (starts a second, above 0) is reached evenly within `ramp_up`. What was due and not taken
  // before is forgotten.
  void change(Instant begin, double rate, Duration ramp_up);
  void stop() { rate_ = 0; }
  bool is_running() const { return rate_ > 0; }

  // How many are due at `now` and were not taken.
  std::uint64_t due(Instant now) const;
  // The intended time of the next one; stays until take().
  Instant next() const { return next_; }
  void take(std::uint64_t count = 1);

 private:
  double starts_until(double seconds) const;
  double seconds_of(double start) const;  // the inverse

  Instant begin_{};
  Instant next_{};
  double rate_ = 0;
  double ramp_ = 0;  // seconds
  std::uint64_t taken_ = 0;
};

}  // namespace weir::load
