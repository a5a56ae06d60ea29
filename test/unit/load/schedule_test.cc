// Open-loop starts: when each is meant to be, and what is due.
#include <gtest/gtest.h>

#include <weir/load/schedule.h>

namespace weir::load {
namespace {

constexpr Instant kBegin{1000s};

TEST(Schedule, StandsStillUntilItIsToldARate) {
  Schedule schedule;
  EXPECT_FALSE(schedule.is_running());
  EXPECT_EQ(schedule.due(kBegin), 0u);
}

TEST(Schedule, StartsAreEvenlySpaced) {
  Schedule schedule;
  schedule.change(kBegin, 1000, 0s);
  EXPECT_EQ(schedule.due(kBegin), 0u);
  for (int i = 1; i <= 5000; ++i) {
    EXPECT_NEAR(static_cast<double>((schedule.next() - kBegin).count()), i * 1e6, 2.0);
    schedule.take();
  }
  EXPECT_EQ(schedule.due(kBegin + 5s), 0u);
  EXPECT_EQ(schedule.due(kBegin + 5002ms), 2u);
}

TEST(Schedule, WhatIsLateKeepsItsIntendedTime) {
  Schedule schedule;
  schedule.change(kBegin, 10, 0s);
  EXPECT_EQ(schedule.due(kBegin + 10s), 100u);
  EXPECT_EQ(schedule.next(), kBegin + 100ms);
  schedule.take();
  EXPECT_EQ(schedule.next(), kBegin + 200ms);
  EXPECT_EQ(schedule.due(kBegin + 10s), 99u);
}

TEST(Schedule, RampReachesTheRateEvenly) {
  Schedule schedule;
  schedule.change(kBegin, 1000, 2s);
  EXPECT_NEAR(static_cast<double>(schedule.due(kBegin + 1s)), 250, 1);   // half the rate, half of that on average
  EXPECT_NEAR(static_cast<double>(schedule.due(kBegin + 2s)), 1000, 1);  // as much as one second at full rate
  EXPECT_NEAR(static_cast<double>(schedule.due(kBegin + 3s)), 2000, 1);
  Instant before = kBegin;
  for (int i = 0; i < 3000; ++i, schedule.take()) {
    EXPECT_GE(schedule.next(), before);
    before = schedule.next();
  }
  EXPECT_NEAR(std::chrono::duration<double>(before - kBegin).count(), 4, 0.01);
}

TEST(Schedule, AnotherRateForgetsWhatWasNotTaken) {
  Schedule schedule;
  schedule.change(kBegin, 1'000'000, 0s);
  EXPECT_GT(schedule.due(kBegin + 1s), 999'990u);
  schedule.change(kBegin + 1s, 100, 0s);
  EXPECT_EQ(schedule.due(kBegin + 1s), 0u);
  EXPECT_NEAR(static_cast<double>(schedule.due(kBegin + 2s)), 100, 1);
  schedule.stop();
  EXPECT_EQ(schedule.due(kBegin + 9s), 0u);
}

}  // namespace
}  // namespace weir::load
