// Timed objects under a wheel, as the tests use it.
#pragma once

#include <cstdint>
#include <vector>

#include <weir/base/timer_wheel.h>

namespace weir::test {

struct Links {
  std::vector<TimerLinks>* all;
  TimerLinks& operator()(std::uint32_t index) const { return all->at(index); }
};

struct Timers {
  explicit Timers(std::uint32_t count, Tick now = Tick{0}) : links(count), wheel(Links{&links}, now) {}
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // What expires up to `now`, in order, however many calls it takes.
  std::vector<std::uint32_t> expire(Tick now, std::uint32_t budget = 1000) {
    std::vector<std::uint32_t> expired;
    while (wheel.advance(now, budget, [&](std::uint32_t index) { expired.push_back(index); }) == budget) continue;
    return expired;
  }

  std::vector<TimerLinks> links;
  TimerWheel<Links> wheel;
};

}  // namespace weir::test
