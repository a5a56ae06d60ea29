// Whether more comes than is taken in.
#pragma once

#include <algorithm>

#include <weir/base/instant.h>

namespace weir::run {

// A burst that is full leaves packets behind. Most of the time spent on such bursts, for longer than it takes to work
// off what a ring gathers during a pause, is too much work. One thread.
class Pressure {
 public:
  static constexpr Duration kHigh = 10ms;        // spent on full bursts, less what was spent otherwise
  static constexpr Duration kMax = kHigh + 1ms;  // so soon it ends

  void note(bool is_burst_full, Duration spent) {
    level_ = std::clamp(is_burst_full ? level_ + spent : level_ - spent, Duration::zero(), kMax);
  }
  bool is_high() const { return level_ >= kHigh; }

 private:
  Duration level_{};
};

}  // namespace weir::run
