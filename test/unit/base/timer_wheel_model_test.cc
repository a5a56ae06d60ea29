// The wheel against the plainest model of it: a sorted map.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "support/seed.h"
#include "timers.h"

namespace weir {
namespace {

constexpr std::uint32_t kTimers = 200;

// Counts time in 64 bits, so that it never wraps.
class WheelAndModel {
 public:
  WheelAndModel(std::uint64_t seed, std::uint64_t start)
      : random_(seed), now_(start), timers_(kTimers, Tick{static_cast<std::uint32_t>(start)}), due_(kTimers) {}

  void step() {
    if (random_.chance(60)) {
      arm(random_.below(kTimers));
    } else if (random_.chance(40)) {
      cancel(random_.below(kTimers));
    } else {
      advance(now_ + delay(), 1 + random_.below(20));
    }
    check_next_expiry();
  }
  // Everything armed expires in the end.
  void drain() {
    is_draining_ = true;
    advance(now_ + 0x7fff'ffff, 1000);
    EXPECT_EQ(timers_.wheel.armed(), 0U);
    for (std::uint32_t i = 0; i < kTimers; ++i) EXPECT_FALSE(due_[i] || timers_.links[i].is_armed());
  }

 private:
  static Tick tick(std::uint64_t time) { return Tick{static_cast<std::uint32_t>(time)}; }
  // From a millisecond to 12 days.
  std::uint64_t delay() { return random_.next() >> (34 + random_.below(30)); }

  void arm(std::uint32_t index) {
    const std::uint64_t at = random_.chance(5) ? now_ - random_.below(1000) : now_ + delay();
    timers_.wheel.arm(index, tick(at));
    due_[index] = at;
  }
  void cancel(std::uint32_t index) {
    timers_.wheel.cancel(index);
    due_[index].reset();
  }
  void expire(std::uint32_t index) {
    ASSERT_TRUE(due_[index]) << "expired, but not armed: " << index;
    EXPECT_LE(*due_[index], now_) << "early: " << index;
    EXPECT_FALSE(timers_.links[index].is_armed());
    due_[index].reset();
    if (is_draining_) return;
    if (random_.chance(20)) cancel(random_.below(kTimers));
    if (random_.chance(20)) arm_later(index);
    if (random_.chance(20)) arm_later(random_.below(kTimers));
  }
  // Beyond now, so that the model need not know about rounds.
  void arm_later(std::uint32_t index) {
    const std::uint64_t at = now_ + 1 + delay();
    timers_.wheel.arm(index, tick(at));
    due_[index] = at;
  }
  void advance(std::uint64_t now, std::uint32_t budget) {
    now_ = now;
    while (timers_.wheel.advance(tick(now), budget, [&](std::uint32_t i) { expire(i); }) == budget) continue;
    for (std::uint32_t i = 0; i < kTimers; ++i) EXPECT_FALSE(due_[i] && *due_[i] <= now_) << "late: " << i;
  }
  void check_next_expiry() {
    std::uint64_t first = now_ + 0x7fff'ffff;
    std::uint32_t armed = 0;
    for (const auto& at : due_) {
      if (!at) continue;
      first = std::min(first, std::max(*at, now_));
      ++armed;
    }
    EXPECT_EQ(timers_.wheel.armed(), armed);
    const std::uint32_t ahead = timers_.wheel.next_expiry(tick(first)).since(tick(now_));
    EXPECT_LE(ahead, first - now_);
    const bool is_in_lowest_level = first - now_ <= 255 - (now_ & 0xff);
    if (is_in_lowest_level) {
      EXPECT_EQ(ahead, first - now_);
    }
  }

  Random random_;
  std::uint64_t now_;
  bool is_draining_ = false;
  test::Timers timers_;
  std::vector<std::optional<std::uint64_t>> due_;
};

TEST(TimerWheelModel, BehavesAsASortedMap) {
  WEIR_SEEDED(seed);
  for (std::uint64_t start : {0x1'0000'0000ULL, 0x1'ffff'fff0ULL, 0x1'7fff'ffffULL, 0x1'00ff'ff00ULL}) {
    WheelAndModel both{seed, start};
    for (int i = 0; i < 20'000 && !testing::Test::HasFailure(); ++i) both.step();
    both.drain();
  }
}

}  // namespace
}  // namespace weir
