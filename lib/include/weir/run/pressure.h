// Whether more comes than is taken in.
#pragma once

#include <algorithm>

namespace weir::run {

// Full bursts, one after another, are told from the few that follow a moment's pause. One thread.
class Pressure {
 public:
  static constexpr unsigned kHigh = 32;  // turns with a full burst, less those without: 1024 packets, a usual ring
  static constexpr unsigned kMax = kHigh + 8;  // so soon it ends

  void note(bool is_burst_full) {
    if (is_burst_full)
      level_ = std::min(level_ + 1, kMax);
    else if (level_ > 0)
      --level_;
  }
  bool is_high() const { return level_ >= kHigh; }

 private:
  unsigned level_ = 0;
};

}  // namespace weir::run
