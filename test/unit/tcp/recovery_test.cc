// Loss: fast retransmit, NewReno, SACK, limited transmit, and the congestion window around them.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

constexpr std::int64_t kMss = 1460;

class Recovery : public ::testing::Test {
 protected:
  explicit Recovery(bool sack = false) : peer{{.settings = newreno(), .sack = sack}} {
    peer.establish();
    peer.sends(40 * kMss);
    for (int i = 0; i < 10; ++i) peer.hears({.seq = i * kMss, .length = kMss});  // IW10
    peer.hears_nothing();
  }
  void duplicate(int times = 1, std::int64_t ack = 0) {
    for (int i = 0; i < times; ++i) peer.says({.ack = ack});
  }
  void hears(std::int64_t segment) { peer.hears({.flags = ".", .seq = segment * kMss, .length = kMss}); }
  Peer peer;
};

TEST_F(Recovery, LimitedTransmitSendsOneNewSegmentForEachOfTwoDuplicates) {
  duplicate();
  hears(10);
  duplicate();
  hears(11);
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.cwnd, 10U * kMss);
}

TEST_F(Recovery, ThirdDuplicateRepeatsTheFirstSegmentAndHalvesTheWindow) {
  duplicate(3);
  hears(10);
  hears(11);
  hears(0);
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.ssthresh, 5U * kMss);  // of the ten that were in flight without limited transmit
  EXPECT_EQ(peer.counted(Counter::kFastRetransmits), 1U);
}

TEST_F(Recovery, FurtherDuplicatesLetNewSegmentsOut) {
  duplicate(7);
  peer.ignores_all();
  duplicate();  // the eighth: four left in the network
  hears(12);
  duplicate();
  hears(13);
  peer.hears_nothing();
}

TEST_F(Recovery, PartialAckRepeatsTheNextHole) {
  duplicate(3);
  peer.ignores_all();
  peer.says({.ack = 3 * kMss});
  hears(3);
  EXPECT_TRUE(peer.cold().in_recovery);
}

TEST_F(Recovery, FullAckEndsItWithTheHalvedWindow) {
  duplicate(3);
  peer.ignores_all();
  peer.says({.ack = 12 * kMss});
  EXPECT_EQ(peer.tcb.cwnd, 2U * kMss);  // nothing in flight: no burst (RFC 6582 §3.2)
  hears(12);
  hears(13);
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.ssthresh, 5U * kMss);
}

TEST_F(Recovery, DuplicatesOfAnAckWithinTheLastRecoveryDoNotHalveAgain) {
  duplicate(3);
  peer.says({.ack = 12 * kMss});
  peer.ignores_all();
  duplicate(5, 12 * kMss);
  EXPECT_EQ(peer.counted(Counter::kFastRetransmits), 1U);
}

TEST_F(Recovery, DuplicatesAfterATimeoutDoNotStartIt) {
  peer.advance(200);
  peer.ignores_all();
  duplicate(5);
  EXPECT_EQ(peer.counted(Counter::kFastRetransmits), 0U);
}

TEST_F(Recovery, TimeoutEndsIt) {
  duplicate(3);
  peer.ignores_all();
  peer.advance(200);
  hears(0);
  EXPECT_FALSE(peer.cold().in_recovery);
  EXPECT_EQ(peer.tcb.cwnd, static_cast<unsigned>(kMss));
}

TEST_F(Recovery, TextIsNoDuplicateAck) {
  for (int i = 0; i < 4; ++i) peer.says({.ack = 0, .length = 10});
  EXPECT_EQ(peer.tcb.dup_acks, 0);
}

TEST_F(Recovery, WindowUpdateIsNoDuplicateAck) {
  for (int i = 0; i < 4; ++i) peer.says({.ack = 0, .window = static_cast<std::uint16_t>(60000 + i)});
  EXPECT_EQ(peer.tcb.dup_acks, 0);
}

TEST_F(Recovery, CountOfDuplicatesSaturates) {
  duplicate(100);
  EXPECT_EQ(peer.tcb.dup_acks, 15);
  EXPECT_EQ(peer.counted(Counter::kFastRetransmits), 1U);
}

TEST(DuplicateAck, CountsNothingWhenNothingIsOutstanding) {
  Peer peer;
  peer.establish();
  for (int i = 0; i < 5; ++i) peer.says({});
  EXPECT_EQ(peer.tcb.dup_acks, 0);
  peer.hears_nothing();
}

class SackRecovery : public Recovery {
 protected:
  SackRecovery() : Recovery(true) {}
  void sacks(std::vector<Range> segments, std::int64_t ack = 0) {
    for (Range& range : segments) range = {range.left * kMss, range.right * kMss};
    peer.says({.ack = ack * kMss, .sack = segments});
  }
};

TEST_F(SackRecovery, StartsWhenThreeSegmentsAreHeldBeyondAHole) {
  sacks({{1, 2}});
  hears(10);
  sacks({{1, 3}});
  hears(11);
  sacks({{1, 4}});
  hears(0);
  EXPECT_EQ(peer.tcb.ssthresh, 5U * kMss);
}

TEST_F(SackRecovery, StartsAtOnceWhenOneAckSaysEnough) {
  sacks({{1, 4}});
  hears(0);
}

TEST_F(SackRecovery, RepeatsEveryHoleWithinOneRoundTrip) {
  sacks({{4, 8}, {1, 3}});
  hears(0);
  hears(3);
  hears(10);
  peer.hears_nothing();
}

TEST_F(SackRecovery, SkipsWhatThePeerHolds) {
  sacks({{1, 9}});
  peer.ignores_all();
  sacks({}, 9);
  EXPECT_EQ(peer.snd_una(), 9 * kMss);
  for (std::size_t i = 0; i < peer.heard(); ++i) EXPECT_GE(peer.next().seq.since(peer.iss()), 9U * kMss);
}

TEST_F(SackRecovery, TimeoutForgetsWhatThePeerHeld) {  // reneging
  sacks({{1, 4}});
  peer.ignores_all();
  peer.advance(200);
  hears(0);
  sacks({}, 1);
  hears(1);
  hears(2);
  peer.hears_nothing();
}

TEST_F(SackRecovery, BlocksThatMakeNoSenseAreIgnored) {
  sacks({{20, 30}});
  sacks({{5, 3}});
  sacks({{-3, 5}});
  sacks({{0, 2}});
  EXPECT_EQ(peer.cold().sacked_bytes, 0U);
  EXPECT_EQ(peer.tcb.dup_acks, 0);
}

TEST_F(SackRecovery, BlockOfHalfASegmentMarksNothing) {
  peer.says({.ack = 0, .sack = {{1500, 2900}}});
  EXPECT_EQ(peer.cold().sacked_bytes, 0U);
}

TEST_F(SackRecovery, RepeatedBlocksSayNothingNew) {
  sacks({{1, 2}});
  sacks({{1, 2}});
  sacks({{1, 2}});
  sacks({{1, 2}});
  EXPECT_EQ(peer.tcb.dup_acks, 1);
}

TEST_F(SackRecovery, LossInTheNextWindowReducesAgain) {
  sacks({{1, 4}});
  sacks({}, 10);
  EXPECT_EQ(peer.tcb.ssthresh, 5U * kMss);
  sacks({}, 11);
  sacks({{12, 15}}, 11);
  EXPECT_EQ(peer.counted(Counter::kFastRetransmits), 2U);
  EXPECT_LT(peer.tcb.ssthresh, 5U * kMss);
  peer.ignores_all();
}

TEST_F(SackRecovery, EndsWhenAllIsAcknowledged) {
  sacks({{1, 4}});
  peer.ignores_all();
  sacks({}, 10);
  EXPECT_FALSE(peer.has_cold() && peer.cold().in_recovery);
  EXPECT_EQ(peer.cold().sacked_bytes, 0U);
  EXPECT_EQ(peer.cold().lost_bytes, 0U);
}

TEST(CongestionWindow, StartsWithTenSegmentsAndDoublesEachRoundTrip) {
  Peer peer;
  peer.establish();
  EXPECT_EQ(peer.tcb.cwnd, 14600U);
  peer.sends(200'000);
  EXPECT_EQ(peer.heard(), 10U);
  peer.ignores_all();
  for (int i = 1; i <= 5; ++i) peer.says({.ack = i * 2920});
  EXPECT_EQ(peer.tcb.cwnd, 29200U);
}

TEST(CongestionWindow, InitialIsBoundedForLargeSegments) {
  Peer peer{{.mtu = 9000, .mss = 8960}};
  peer.establish();
  EXPECT_EQ(peer.tcb.cwnd, 2U * 8960);
}

TEST(CongestionWindow, StretchAckGrowsItByTwoSegmentsOnly) {
  Peer peer;
  peer.establish();
  peer.sends(200'000);
  peer.says({.ack = 14600});
  EXPECT_EQ(peer.tcb.cwnd, 14600U + 2920);
  peer.ignores_all();
}

TEST(CongestionWindow, DividedAcksGainNothing) {
  Peer peer;
  peer.establish();
  peer.sends(200'000);
  for (int i = 1; i <= 10; ++i) peer.says({.ack = i * 146});
  EXPECT_EQ(peer.tcb.cwnd, 14600U + 1460);
  peer.ignores_all();
}

TEST(CongestionWindow, GrowsByOneSegmentPerRoundTripInAvoidance) {
  Peer peer{{.settings = newreno()}};
  peer.establish();
  peer.tcb.ssthresh = 14600;
  peer.sends(200'000);
  for (int i = 1; i <= 9; ++i) peer.says({.ack = i * kMss});
  EXPECT_EQ(peer.tcb.cwnd, 14600U);
  peer.says({.ack = 10 * kMss});
  EXPECT_EQ(peer.tcb.cwnd, 14600U + kMss);
  peer.ignores_all();
}

TEST(CongestionWindow, DoesNotGrowWhileUnused) {
  Peer peer;
  peer.establish();
  for (int i = 0; i < 20; ++i) {
    peer.sends(100);
    peer.says({});
  }
  EXPECT_EQ(peer.tcb.cwnd, 14600U);
  peer.ignores_all();
}

TEST(CongestionWindow, StartsAnewAfterAnIdleTimeout) {
  Peer peer;
  peer.establish();
  peer.tcb.cwnd = 100'000;
  peer.advance(201);
  peer.sends(50'000);
  EXPECT_EQ(peer.heard(), 10U);
  peer.ignores_all();
}

TEST(CongestionWindow, StaysAfterAShortPause) {
  Peer peer;
  peer.establish();
  peer.tcb.cwnd = 100'000;
  peer.sends(100);
  peer.says({});
  peer.advance(150);
  peer.ignores_all();
  peer.sends(20 * kMss);
  EXPECT_EQ(peer.heard(), 20U);
  peer.ignores_all();
}

}  // namespace
}  // namespace weir::test
