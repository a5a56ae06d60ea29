// CUBIC's curve against RFC 9438 in floating point, and the bounds that integers must keep.
#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "cubic.h"

namespace weir::test {
namespace {

using tcp::Cubic;
using tcp::cubic_grow;
using tcp::cubic_window;
using tcp::CubicAck;
using tcp::CubicEpoch;
using tcp::kWindowMax;

// Equation 1 of RFC 9438, in segments and seconds.
double reference_curve(double w_max, double cwnd_epoch, double t) {
  const double k = std::cbrt((w_max - cwnd_epoch) / 0.4);
  return 0.4 * std::pow(t - k, 3) + w_max;
}

CubicEpoch epoch_of(std::uint32_t w_max, std::uint32_t cwnd, std::uint32_t mss) {
  return {.w_max = w_max * mss, .cwnd_prior = w_max * mss, .k_ms = tcp::cubic_k_ms((w_max - cwnd) * mss, mss)};
}

struct Curve {
  std::uint32_t w_max, cwnd, mss;
};
constexpr std::array kCurves{
    Curve{20, 14, 1460},      Curve{100, 70, 1460},          Curve{1000, 700, 1460},         Curve{10'000, 7000, 1220},
    Curve{10'000, 8500, 536}, Curve{735'000, 514'500, 1460}, Curve{1U << 20, 734'003, 1000}, Curve{50'000, 35'000, 48},
    Curve{100, 100, 8948}};

TEST(CubicCurve, IsTheRfcsWithinOnePercent) {
  for (const Curve& curve : kCurves) {
    const CubicEpoch epoch = epoch_of(curve.w_max, curve.cwnd, curve.mss);
    for (std::uint32_t t = 0; t <= 60'000; t += 250) {
      const double expected =
          std::min<double>(kWindowMax, curve.mss * reference_curve(curve.w_max, curve.cwnd, t / 1000.0));
      EXPECT_NEAR(cubic_window(epoch, curve.mss, t), expected, expected / 100) << curve.w_max << " at " << t;
    }
  }
}

TEST(CubicCurve, NeverFallsNorOverflowsForDays) {
  for (const Curve& curve : kCurves) {
    const CubicEpoch epoch = epoch_of(curve.w_max, curve.cwnd, curve.mss);
    std::uint32_t before = cubic_window(epoch, curve.mss, 0);
    EXPECT_GE(before, curve.cwnd * curve.mss / 100 * 99);
    for (std::uint64_t t = 1; t < 0xffff'ffffU; t += 1 + t / 64) {
      const std::uint32_t now = cubic_window(epoch, curve.mss, static_cast<std::uint32_t>(t));
      EXPECT_GE(now, before) << curve.w_max << " at " << t;
      EXPECT_LE(now, kWindowMax);
      before = now;
    }
    EXPECT_EQ(before, kWindowMax);
  }
}

TEST(CubicCurve, FindsTheTimeToTheOldMaximum) {
  EXPECT_EQ(tcp::cubic_k_ms(0, 1460), 0U);
  EXPECT_EQ(tcp::cubic_k_ms(1460 * 400, 1460), 10'000U);   // cube root of 400 / 0.4
  EXPECT_EQ(tcp::cubic_k_ms(1460 * 3200, 1460), 20'000U);  // 8 times as far, twice the time
  EXPECT_NEAR(tcp::cubic_k_ms(kWindowMax, 48), 1000 * std::cbrt(kWindowMax / 48.0 / 0.4), 2);
}

// Drives the algorithm round by round, every second segment acknowledged, and follows it in floating point.
class CubicFlow : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kMss = 1460;
  void reduce(std::uint32_t segments) { cwnd = tcp::cubic_reduce(cubic, segments * kMss, segments * kMss); }
  // A round trip of ACKs, the last of them `milliseconds` from here.
  void round(std::uint32_t milliseconds) {
    const std::uint32_t window = cwnd;
    const Tick start = now;
    for (std::uint32_t acked = 0; acked < window; acked += 2 * kMss) {
      now = start + static_cast<std::uint32_t>(std::uint64_t{milliseconds} * acked / window);
      ack(milliseconds, std::min(2 * kMss, window - acked));
    }
    now = start + milliseconds;
  }
  void ack(std::uint32_t milliseconds, std::uint32_t acked) {
    cwnd = cubic_grow(cubic, {.cwnd = cwnd, .mss = kMss, .acked = acked, .round_trip_ms = milliseconds, .now = now});
  }
  double segments() const { return static_cast<double>(cwnd) / kMss; }

  Cubic cubic;
  std::uint32_t cwnd = 0;
  Tick now{0xffff'f000};  // the clock wraps soon
};

TEST_F(CubicFlow, FollowsTheCurveBackToTheOldMaximumAndBeyond) {
  reduce(1000);
  EXPECT_EQ(cwnd, 700 * kMss);
  for (int i = 0; i < 150; ++i) {
    round(100);
    // The window of the round at hand aims at the curve one round later, and arrives with the round's last ACK.
    const double t = 0.1 * (i + 1);
    EXPECT_NEAR(segments(), reference_curve(1000, 700, t), reference_curve(1000, 700, t) / 50) << "at " << t << " s";
  }
  EXPECT_GT(segments(), 1000);
}

TEST_F(CubicFlow, IsNeverSlowerThanRenoOnShortPaths) {
  reduce(20);
  double reno = 14;
  for (int i = 0; i < 40; ++i) {
    round(5);
    reno += reno < 20 ? 9.0 / 17 : 1;
    EXPECT_NEAR(segments(), reno, reno / 20) << "round " << i;
  }
}

TEST_F(CubicFlow, GrowsByNoMoreThanHalfInARoundTrip) {
  reduce(1000);
  cwnd = 10 * kMss;  // far below what the curve says
  now = now + 1;
  for (int i = 0; i < 8; ++i) {
    const std::uint32_t before = cwnd;
    round(1000);
    EXPECT_LE(cwnd, before + before / 2 + before / 8);  // aims move while the round lasts
    EXPECT_GT(cwnd, before);
  }
}

TEST_F(CubicFlow, OneAckForManyWindowsCountsForOne) {
  reduce(1000);
  ack(100, 2 * kMss);
  const std::uint32_t before = cwnd;
  now = now + 60'000;
  ack(100, kWindowMax);
  EXPECT_LE(cwnd, before + before / 2);
}

TEST_F(CubicFlow, GivesUpMoreWhenTheMaximumWasNotReachedAgain) {
  reduce(100);
  round(10);
  EXPECT_EQ(cubic.epoch.w_max, 100 * kMss);
  const std::uint32_t at_loss = cwnd;
  cwnd = tcp::cubic_reduce(cubic, at_loss, at_loss);
  EXPECT_EQ(cubic.epoch.w_max, at_loss * 17 / 20);
  EXPECT_EQ(cubic.epoch.cwnd_prior, at_loss);
}

TEST_F(CubicFlow, UnusedTimeIsTakenOut) {
  reduce(1000);
  for (int i = 0; i < 10; ++i) round(100);
  Cubic rested = cubic;
  const std::uint32_t before = cwnd;
  const Tick stopped = rested.updated_at;
  const CubicAck next{.cwnd = before, .mss = kMss, .acked = 2 * kMss, .round_trip_ms = 100, .now = stopped + 50};
  CubicAck later = next;
  later.now = next.now + 3'600'000;
  tcp::cubic_skip(rested, stopped + 3'600'000);
  EXPECT_EQ(cubic_grow(rested, later), cubic_grow(cubic, next));
}

TEST_F(CubicFlow, WithoutAMaximumItProbesFromWhereItStarts) {
  cwnd = 100 * kMss;
  round(100);
  EXPECT_EQ(cubic.epoch.w_max, 100 * kMss);
  EXPECT_EQ(cubic.epoch.k_ms, 0U);
  EXPECT_LT(cwnd, 102 * kMss);
}

TEST_F(CubicFlow, TimeoutForgetsTheMaximum) {
  reduce(1000);
  tcp::cubic_forget(cubic);
  cwnd = 500 * kMss;
  ack(100, kMss);
  EXPECT_EQ(cubic.epoch.w_max, 500 * kMss);
  EXPECT_EQ(cubic.epoch.k_ms, 0U);
}

TEST_F(CubicFlow, UndoBringsTheEpochBack) {
  reduce(1000);
  for (int i = 0; i < 10; ++i) round(100);
  const CubicEpoch before = cubic.epoch;
  static_cast<void>(tcp::cubic_reduce(cubic, cwnd, cwnd));
  tcp::cubic_forget(cubic);
  tcp::cubic_undo(cubic);
  EXPECT_EQ(cubic.epoch.w_max, before.w_max);
  EXPECT_EQ(cubic.epoch.cwnd_prior, before.cwnd_prior);
  EXPECT_EQ(cubic.epoch.w_est, before.w_est);
  EXPECT_EQ(cubic.epoch.k_ms, before.k_ms);
  EXPECT_EQ(cubic.epoch.started, before.started);
}

TEST_F(CubicFlow, SurvivesTheLargestWindowForHours) {
  cwnd = kWindowMax;
  static_cast<void>(tcp::cubic_reduce(cubic, kWindowMax, kWindowMax));
  cwnd = kWindowMax / 10 * 7;
  for (int i = 0; i < 3600 * 4; ++i) {
    const std::uint32_t before = cwnd;
    ack(200, cwnd);
    now = now + 1000;
    ASSERT_GE(cwnd, before);
    ASSERT_LE(cwnd, kWindowMax);
  }
  EXPECT_EQ(cwnd, kWindowMax);
}

}  // namespace
}  // namespace weir::test
