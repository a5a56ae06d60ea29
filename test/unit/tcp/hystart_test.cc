// HyStart++: when slow start ends before anything is lost.
#include <gtest/gtest.h>

#include "hystart.h"

namespace weir::test {
namespace {

using tcp::HyStart;
using tcp::hystart_on_ack;
using tcp::HyStartPhase;

class HyStartTest : public ::testing::Test {
 protected:
  // A round of ACKs that measure round trips of `us`; the last one ends it. The phase after each of them.
  HyStartPhase round(std::uint32_t us, int acks = 10) {
    const SeqNum end = nxt;
    nxt += 1000;
    for (int i = 1; i < acks; ++i) phase = hystart_on_ack(hystart, {una, nxt, us});
    before_end = phase;
    una = end;
    phase = hystart_on_ack(hystart, {una, nxt, us});
    return phase;
  }
  HyStart hystart;
  SeqNum una{0xffff'ff00};
  SeqNum nxt{0xffff'ff80};
  HyStartPhase phase = HyStartPhase::kSlowStart;
  HyStartPhase before_end = HyStartPhase::kSlowStart;
};

TEST_F(HyStartTest, EvenRoundTripsLeaveSlowStartAlone) {
  for (int i = 0; i < 30; ++i) EXPECT_EQ(round(20'000), HyStartPhase::kSlowStart);
}

TEST_F(HyStartTest, LongerRoundTripsSlowItDownAndFiveRoundsEndIt) {
  round(20'000);
  round(20'000);
  round(24'000);  // 4 ms more: the first of the five
  EXPECT_EQ(before_end, HyStartPhase::kConservative);
  for (int i = 2; i <= 4; ++i) EXPECT_EQ(round(26'000), HyStartPhase::kConservative) << i;
  EXPECT_EQ(round(26'000), HyStartPhase::kDone);
}

TEST_F(HyStartTest, ShorterRoundTripsResumeSlowStart) {
  round(20'000);
  round(20'000);
  round(30'000);
  EXPECT_EQ(phase, HyStartPhase::kConservative);
  EXPECT_EQ(round(29'000), HyStartPhase::kSlowStart);
  EXPECT_EQ(round(60'000), HyStartPhase::kConservative);  // and may end it later
}

TEST_F(HyStartTest, FewerThanEightSamplesSayNothing) {
  round(20'000);
  round(20'000);
  EXPECT_EQ(round(90'000, 7), HyStartPhase::kSlowStart);
  hystart = {};
  round(20'000);
  round(20'000);
  EXPECT_EQ(round(90'000, 8), HyStartPhase::kConservative);
}

TEST_F(HyStartTest, AcksThatMeasureNothingAreNoSamples) {
  round(20'000);
  round(20'000);
  nxt += 1000;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(hystart_on_ack(hystart, {una, nxt, {}}), HyStartPhase::kSlowStart);
}

struct Threshold {
  std::uint32_t round_trip_us, longer_us;
};
class HyStartThreshold : public HyStartTest, public ::testing::WithParamInterface<Threshold> {};

// An eighth of the round trip, between 4 and 16 ms.
INSTANTIATE_TEST_SUITE_P(Table, HyStartThreshold,
                         ::testing::Values(Threshold{200, 4000}, Threshold{32'000, 4000}, Threshold{64'000, 8000},
                                           Threshold{128'000, 16'000}, Threshold{400'000, 16'000}));

TEST_P(HyStartThreshold, IsAnEighthWithinBounds) {
  const auto [base, longer] = GetParam();
  round(base);
  round(base);
  EXPECT_EQ(round(base + longer - 1), HyStartPhase::kSlowStart);
  hystart = {};
  round(base);
  round(base);
  EXPECT_EQ(round(base + longer), HyStartPhase::kConservative);
}

}  // namespace
}  // namespace weir::test
