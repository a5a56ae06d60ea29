#include <weir/base/timer_wheel.h>

#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "timers.h"

namespace weir {
namespace {

using test::Timers;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::uint32_t kHour = 3'600'000;

TEST(TimerWheel, ExpiresAtItsTickAndNotBefore) {
  for (std::uint32_t delay : {1U, 255U, 256U, 257U, 65535U, 65536U, 1U << 24, (1U << 31) - 1}) {
    Timers timers{1, Tick{12345}};
    timers.wheel.arm(0, Tick{12345} + delay);
    EXPECT_THAT(timers.expire(Tick{12345} + (delay - 1)), IsEmpty()) << delay;
    EXPECT_TRUE(timers.links[0].is_armed());
    EXPECT_THAT(timers.expire(Tick{12345} + delay), ElementsAre(0)) << delay;
    EXPECT_FALSE(timers.links[0].is_armed());
    EXPECT_EQ(timers.wheel.armed(), 0U);
  }
}

TEST(TimerWheel, ExpiresInOrderOverAllLevels) {
  Timers timers{6};
  const std::uint32_t delays[] = {1U << 25, 3, 70'000, 300, 1U << 24, 299};
  for (std::uint32_t i = 0; i < 6; ++i) timers.wheel.arm(i, Tick{delays[i]});
  EXPECT_THAT(timers.expire(Tick{1U << 26}), ElementsAre(1, 5, 3, 2, 4, 0));
}

TEST(TimerWheel, ExpiresAPastTickAtTheNextAdvance) {
  Timers timers{2, Tick{1000}};
  timers.wheel.arm(0, Tick{5});
  timers.wheel.arm(1, Tick{1000});
  EXPECT_EQ(timers.wheel.next_expiry(Tick{1}), Tick{1000});
  EXPECT_THAT(timers.expire(Tick{1000}), UnorderedElementsAre(0, 1));
}

TEST(TimerWheel, MovesAnArmedTimer) {
  Timers timers{1};
  timers.wheel.arm(0, Tick{100});
  timers.wheel.arm(0, Tick{200'000});
  EXPECT_EQ(timers.wheel.armed(), 1U);
  EXPECT_THAT(timers.expire(Tick{199'999}), IsEmpty());
  timers.wheel.arm(0, Tick{200'500});
  timers.wheel.arm(0, Tick{200'001});
  EXPECT_THAT(timers.expire(Tick{200'001}), ElementsAre(0));
  EXPECT_THAT(timers.expire(Tick{kHour}), IsEmpty());
}

TEST(TimerWheel, CancelsAnywhereInASlot) {
  Timers timers{5};
  for (std::uint32_t i = 0; i < 5; ++i) timers.wheel.arm(i, Tick{1000});
  for (std::uint32_t i : {4U, 2U, 0U}) timers.wheel.cancel(i);
  timers.wheel.cancel(2);  // again: nothing happens
  EXPECT_EQ(timers.wheel.armed(), 2U);
  EXPECT_THAT(timers.expire(Tick{1000}), UnorderedElementsAre(1, 3));
}

TEST(TimerWheel, GoesOnAcrossTheWrapOfTicks) {
  Timers timers{3, Tick{0xffff'ff00}};
  timers.wheel.arm(0, Tick{0xffff'ffff});
  timers.wheel.arm(1, Tick{0});
  timers.wheel.arm(2, Tick{kHour});
  EXPECT_EQ(timers.wheel.next_expiry(Tick{}), Tick{0xffff'ffff});
  EXPECT_THAT(timers.expire(Tick{0xffff'fffe}), IsEmpty());
  EXPECT_THAT(timers.expire(Tick{0xffff'ffff}), ElementsAre(0));
  EXPECT_THAT(timers.expire(Tick{0}), ElementsAre(1));
  EXPECT_THAT(timers.expire(Tick{kHour - 1}), IsEmpty());
  EXPECT_THAT(timers.expire(Tick{kHour}), ElementsAre(2));
}

TEST(TimerWheel, StopsAtItsBudgetAndGoesOnWhereItWas) {
  Timers timers{101};
  for (std::uint32_t i = 0; i < 100; ++i) timers.wheel.arm(i, Tick{50});
  std::uint32_t expired = 0;
  const auto count = [&](std::uint32_t) { ++expired; };
  EXPECT_EQ(timers.wheel.advance(Tick{60}, 40, count), 40U);
  EXPECT_EQ(expired, 40U);
  EXPECT_EQ(timers.wheel.next_expiry(Tick{}), Tick{50});
  timers.wheel.arm(100, Tick{55});  // in the past by now: due at once
  EXPECT_EQ(timers.wheel.advance(Tick{60}, 1000, count), 61U);
  EXPECT_EQ(timers.wheel.armed(), 0U);
}

TEST(TimerWheel, BoundsTheWorkOfTakingASlotApart) {
  Timers timers{1000};
  for (std::uint32_t i = 0; i < 1000; ++i) timers.wheel.arm(i, Tick{70'000 + i % 50});
  std::uint32_t expired = 0;
  const auto count = [&](std::uint32_t) { ++expired; };
  std::uint32_t calls = 1;
  while (timers.wheel.advance(Tick{70'049}, 10, count) == 10) {
    EXPECT_EQ(timers.wheel.next_expiry(Tick{1}).after(Tick{70'049}), false);
    ++calls;
  }
  EXPECT_EQ(expired, 1000U);
  EXPECT_LE(calls, 4 * 1000U / 10 + 1);
}

TEST(TimerWheel, LetsACalleeArmAndCancelAnyTimer) {
  Timers timers{4};
  for (std::uint32_t i = 0; i < 3; ++i) timers.wheel.arm(i, Tick{10});
  std::vector<std::uint32_t> expired;
  const auto callee = [&](std::uint32_t index) {
    expired.push_back(index);
    timers.wheel.arm(index, Tick{20});  // itself
    for (std::uint32_t i = 0; i < 3; ++i) {
      if (i != index && !expired.empty() && expired.size() == 1) timers.wheel.cancel(i);  // those taken with it
    }
    timers.wheel.arm(3, Tick{15});
  };
  EXPECT_EQ(timers.wheel.advance(Tick{10}, 100, callee), 1U);
  EXPECT_EQ(timers.wheel.armed(), 2U);
  EXPECT_THAT(timers.expire(Tick{19}), ElementsAre(3));
  EXPECT_THAT(timers.expire(Tick{20}), ElementsAre(expired[0]));
}

TEST(TimerWheel, IsNotCaughtByATimerThatArmsItselfForNow) {
  Timers timers{1};
  timers.wheel.arm(0, Tick{5});
  std::uint32_t expired = 0;
  const auto again = [&](std::uint32_t index) {
    ++expired;
    timers.wheel.arm(index, Tick{5});
  };
  EXPECT_LT(timers.wheel.advance(Tick{10}, 1000, again), 3U);
  const std::uint32_t before = expired;
  EXPECT_EQ(timers.wheel.next_expiry(Tick{}), Tick{10});
  timers.wheel.advance(Tick{10}, 1000, again);
  EXPECT_EQ(expired, before + 1);
}

TEST(TimerWheel, LeavesNothingBehindWhenTheBudgetEndsWithinTheCurrentTick) {
  Timers timers{3, Tick{0}};
  timers.wheel.arm(0, Tick{7});
  timers.wheel.arm(1, Tick{7});
  const auto arm_third = [&](std::uint32_t) { timers.wheel.arm(2, Tick{7}); };
  EXPECT_EQ(timers.wheel.advance(Tick{7}, 1, arm_third), 1U);
  EXPECT_EQ(timers.expire(Tick{300}).size(), 2U);
}

TEST(TimerWheel, StepsOverHoursWithoutWalkingEveryTick) {
  Timers timers{2};
  timers.wheel.arm(0, Tick{20 * 24 * kHour});
  timers.wheel.arm(1, Tick{kHour});
  EXPECT_LE(timers.wheel.next_expiry(Tick{}).value, kHour);
  std::uint32_t expired = 0;
  const std::uint32_t work = timers.wheel.advance(Tick{20 * 24 * kHour}, 1000, [&](std::uint32_t) { ++expired; });
  EXPECT_EQ(expired, 2U);
  EXPECT_LE(work, 2 * 4U);
}

TEST(TimerWheel, NamesNoExpiryWhenNothingIsArmed) {
  Timers timers{1};
  EXPECT_EQ(timers.wheel.next_expiry(Tick{77}), Tick{77});
  timers.wheel.arm(0, Tick{5});
  EXPECT_EQ(timers.wheel.next_expiry(Tick{77}), Tick{5});
  timers.wheel.cancel(0);
  EXPECT_EQ(timers.wheel.next_expiry(Tick{77}), Tick{77});
}

}  // namespace
}  // namespace weir
