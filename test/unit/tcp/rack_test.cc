// RFC 8985: what is lost, told by time; and RFC 6675 where RACK is off.
#include "loss_fixture.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

using Rack = Flight;

TEST_F(Rack, GivesReorderingAQuarterOfTheRoundTrip) {
  peer.advance(100);
  sacks({{1, 2}});
  hears(10);
  peer.advance(25);
  peer.hears_nothing();
  peer.advance(1);
  hears(0);
  EXPECT_TRUE(peer.cold().in_recovery);
  EXPECT_EQ(peer.counted(Counter::kReorderingTimeouts), 1U);
  EXPECT_EQ(peer.counted(Counter::kRackLosses), 1U);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 0U);
}

TEST_F(Rack, DoesNotWaitWhenThreeSegmentsAreHeldBeyond) {
  peer.advance(100);
  sacks({{1, 4}});
  hears(0);
  peer.hears_nothing();
}

class RackWithoutProbe : public Flight {
 protected:
  explicit RackWithoutProbe(milliseconds rto_min = 200ms)
      : Flight({.settings = {.rto_min = rto_min, .tail_loss_probe = false}, .sack = true}) {}
};

TEST_F(RackWithoutProbe, TimeoutDoesNotWaitForReordering) {
  peer.advance(290);
  sacks({{1, 2}});  // late 72 ms from now
  peer.ignores_all();
  peer.advance(9);
  peer.hears_nothing();
  peer.advance(1);
  EXPECT_EQ(heard(), (Segments{0}));
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 1U);
}

TEST_F(Rack, RepeatsNothingWhenTheSegmentWasOnlyLate) {
  peer.advance(100);
  sacks({{1, 2}});
  peer.advance(20);
  acks(2);
  EXPECT_TRUE(peer.tcb.has_reordering);
  EXPECT_EQ(peer.counted(Counter::kReorderingSeen), 1U);
  peer.ignores_all();
  peer.advance(80);
  peer.hears_nothing();
  EXPECT_EQ(peer.counted(Counter::kRetransmitSegments), 0U);
}

TEST_F(Rack, WaitsAlthoughThreeAreHeldOnceReorderingWasSeen) {
  peer.advance(100);
  sacks({{1, 2}});
  acks(2);
  peer.ignores_all();
  sacks({{3, 6}}, 2);
  EXPECT_EQ(peer.counted(Counter::kFastRetransmits), 0U);
  peer.ignores_all();
  peer.advance(25);
  peer.hears_nothing();
  peer.advance(1);
  hears(2);
}

TEST_F(Rack, RemembersReorderingWhenAllIsQuiet) {
  peer.advance(100);
  sacks({{1, 2}});
  acks(2);
  while (peer.snd_una() < 40 * kMss) peer.advance(100), peer.says({});
  peer.advance(1000);  // what congestion taught stays until the idle restart
  EXPECT_FALSE(peer.has_cold());
  EXPECT_TRUE(peer.tcb.has_reordering);
  peer.ignores_all();
}

TEST_F(Rack, AckLossIsNoReordering) {
  peer.advance(100);
  sacks({{3, 4}}, 1);  // of 0 and 3, the first ACK was lost
  EXPECT_FALSE(peer.tcb.has_reordering);
  peer.ignores_all();
}

TEST_F(Rack, RepairIsNoReordering) {
  peer.advance(100);
  sacks({{1, 4}});
  hears(0);
  peer.advance(100);
  acks(4);
  EXPECT_FALSE(peer.tcb.has_reordering);
  EXPECT_EQ(peer.counted(Counter::kReorderingSeen), 0U);
  peer.ignores_all();
}

TEST_F(Rack, FindsALostRetransmission) {
  peer.advance(100);
  sacks({{1, 4}});
  hears(0);
  sacks({{1, 7}});
  EXPECT_EQ(heard(), (Segments{10}));
  peer.advance(100);
  sacks({{10, 11}, {1, 7}});
  EXPECT_EQ(heard().front(), 0);
  EXPECT_EQ(peer.counted(Counter::kLostRetransmissions), 1U);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 0U);
  EXPECT_EQ(peer.counted(Counter::kFastRetransmits), 1U);  // one reduction
  EXPECT_TRUE(peer.cold().in_recovery);
}

TEST_F(Rack, FindsALossBeyondARetransmission) {
  peer.advance(100);
  sacks({{1, 4}});
  hears(0);
  sacks({{6, 10}, {1, 5}});
  EXPECT_EQ(heard().front(), 5);
}

TEST_F(Rack, RoundTripOfARetransmissionBelowTheLeastIsNotBelieved) {
  peer.advance(100);
  sacks({{1, 4}});
  peer.advance(1);
  acks(4);
  EXPECT_EQ(peer.cold().rack.round_trip_us, 100'000U);
  EXPECT_EQ(peer.cold().rack.min_round_trip_us, 100'000U);
  peer.ignores_all();
}

// Lone segments, so that their ages differ.
class RackAlone : public Flight {
 protected:
  explicit RackAlone(std::uint64_t start_ms = PeerOptions{}.start_ms)
      : Flight({.settings = {.tail_loss_probe = false}, .start_ms = start_ms, .sack = true}, 0) {
    peer.connection().set_no_delay(true);
    send();
    peer.advance(100);
    acks(1);
    peer.ignores_all();
  }
  void send() { peer.sends(kMss); }
};

TEST_F(RackAlone, TimeoutLosesTheFirstAndWhatIsOld) {  // §6.3; RTO 250 ms
  send();
  peer.advance(100);
  send();
  peer.advance(100);
  send();
  peer.ignores_all();
  peer.advance(50);
  hears(1);
  peer.hears_nothing();
  EXPECT_EQ(peer.cold().lost_bytes, segments(1));  // the second, 150 ms old; the third is 50 ms old
  acks(2);
  hears(2);
  peer.hears_nothing();
}

TEST_F(RackAlone, MeasuresFromTheNewestThatCame) {
  send();
  peer.advance(60);
  send();
  peer.advance(100);
  peer.ignores_all();
  sacks({{2, 3}}, 1);  // the first is 160 ms old: later than 100 + 25
  hears(1);
}

TEST_F(RackAlone, WhatWasSentEarlierIsNotTheNewest) {
  send();
  peer.advance(5);
  send();
  peer.advance(5);
  send();
  peer.ignores_all();
  peer.advance(100);
  sacks({{3, 4}}, 1);
  sacks({{2, 4}}, 1);
  peer.advance(15);
  peer.hears_nothing();
  peer.advance(1);
  hears(1);  // 100 + 25 ms after it was sent, not 105 + 25
}

// 2^32 us are over 30 ms after the first of two segments was sent.
class RackWhileMicrosecondsWrap : public RackAlone {
 protected:
  RackWhileMicrosecondsWrap() : RackAlone(4'294'967 - 230) {}
};

TEST_F(RackWhileMicrosecondsWrap, FindsWhatWasLostBefore) {
  send();
  peer.advance(60);
  send();
  peer.advance(100);
  peer.ignores_all();
  sacks({{2, 3}}, 1);
  hears(1);
}

class RackStamped : public Flight {
 protected:
  RackStamped() : Flight({.settings = {.undo_spurious = false}, .timestamps = true, .sack = true}) {}
};

TEST_F(RackStamped, EchoOfTheFirstCopyIsNotARoundTripOfTheSecond) {
  const std::uint32_t first = peer.context().tick().value + peer.tcb.ts_offset;
  peer.advance(100);
  sacks({{1, 4}});
  const std::uint32_t sent = peer.cold().rack.sent_at_us;
  peer.advance(110);
  peer.says({.ack = 4 * mss, .echo = first});
  EXPECT_EQ(peer.cold().rack.sent_at_us, sent);
  peer.ignores_all();
}

TEST_F(RackStamped, EchoOfTheSecondCopyIs) {
  peer.advance(100);
  sacks({{1, 4}});
  const std::uint32_t sent = peer.cold().rack.sent_at_us;
  peer.advance(110);
  peer.says({.ack = 4 * mss});
  EXPECT_EQ(peer.cold().rack.sent_at_us, sent + 100'000);
  EXPECT_EQ(peer.cold().rack.round_trip_us, 110'000U);
  peer.ignores_all();
}

TEST_F(Rack, DuplicateReportsWidenTheWindowOnceInARoundTrip) {
  peer.advance(100);
  acks(2);
  sacks({{0, 1}}, 2);
  EXPECT_EQ(peer.cold().rack.window_factor, 2);
  sacks({{1, 2}}, 2);
  EXPECT_EQ(peer.cold().rack.window_factor, 2);
  peer.advance(100);
  peer.says({});
  sacks({{2, 3}}, peer.snd_una() / mss);
  EXPECT_EQ(peer.cold().rack.window_factor, 3);
  EXPECT_EQ(peer.counted(Counter::kDuplicateReportsIn), 3U);
  peer.ignores_all();
}

TEST_F(Rack, WindowNarrowsAfterSixteenRecoveriesWithoutAReport) {
  peer.advance(100);
  acks(2);
  sacks({{0, 1}}, 2);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(peer.cold().rack.window_factor, 2) << "recovery " << i;
    peer.tcb.cwnd = segments(10);
    peer.sends(segments(20));
    const std::int64_t una = peer.snd_una() / mss;
    sacks({{una + 1, peer.snd_nxt() / mss}}, una);
    ASSERT_TRUE(peer.cold().in_recovery);
    peer.advance(100);
    peer.says({});
    ASSERT_FALSE(peer.cold().in_recovery);
  }
  EXPECT_EQ(peer.cold().rack.window_factor, 1);
  peer.ignores_all();
}

class RackWithLongTimeout : public RackWithoutProbe {
 protected:
  RackWithLongTimeout() : RackWithoutProbe(1000ms) {}
};

TEST_F(RackWithLongTimeout, WindowIsNeverLongerThanTheRoundTrip) {
  for (int i = 0; i < 6; ++i) {
    peer.advance(100);
    peer.sends(segments(20));
    peer.says({});
    const std::int64_t una = peer.snd_una() / mss;
    sacks({{una - 1, una}}, una);
  }
  EXPECT_EQ(peer.cold().rack.window_factor, 7);  // seven quarters
  peer.advance(100);
  peer.tcb.has_reordering = true;
  const std::int64_t una = peer.snd_una() / mss;
  peer.ignores_all();
  sacks({{una + 1, una + 5}}, una);
  peer.ignores_all();
  peer.advance(peer.tcb.srtt_us / 1000 - 1);
  EXPECT_EQ(peer.counted(Counter::kRackLosses), 0U);
  peer.advance(3);
  EXPECT_EQ(peer.counted(Counter::kRackLosses), 1U);
  peer.ignores_all();
}

// The ten segments lie across the wrap of sequence numbers, and across the middle, where differences change sign.
class RackAcross : public Flight, public ::testing::WithParamInterface<std::uint32_t> {
 protected:
  RackAcross() : Flight({.sack = true}, 40, SeqNum{GetParam()}) {}
};

TEST_P(RackAcross, RepairsALossALostRetransmissionAndATail) {
  peer.advance(100);
  sacks({{2, 7}});
  EXPECT_EQ(heard(), (Segments{0, 1}));
  sacks({{2, 9}});
  EXPECT_EQ(heard(), (Segments{10, 11}));
  peer.advance(100);
  sacks({{10, 12}, {2, 9}}, 1);  // 1 was lost again, and so was 9
  const Segments repaired = heard();
  ASSERT_GE(repaired.size(), 2U);
  EXPECT_EQ(repaired[0], 1);
  EXPECT_EQ(repaired[1], 9);
  EXPECT_EQ(peer.counted(Counter::kLostRetransmissions), 1U);
  acks(12);
  EXPECT_FALSE(peer.cold().in_recovery);
  peer.ignores_all();
  peer.advance(400);
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 1U);
  peer.ignores_all();
}

INSTANTIATE_TEST_SUITE_P(Wraps, RackAcross, ::testing::Values(0xffff'e000U, 0xffff'fffeU, 0x7fff'e000U, 0x7fff'ffffU));

class NoRack : public Flight {
 protected:
  NoRack() : Flight({.settings = {.rack = false}, .sack = true}) {}
};

TEST_F(NoRack, TimeAloneLosesNothing) {
  peer.advance(100);
  sacks({{1, 2}});
  hears(10);
  sacks({{1, 3}});
  hears(11);
  peer.advance(150);
  peer.hears_nothing();
  sacks({{1, 4}});
  hears(0);
  EXPECT_EQ(peer.counted(Counter::kRackLosses), 0U);
}

TEST_F(NoRack, LostRetransmissionWaitsForTheTimeout) {
  peer.advance(100);
  sacks({{1, 4}});
  hears(0);
  sacks({{1, 7}});
  peer.ignores_all();
  peer.advance(100);
  sacks({{10, 11}, {1, 7}});
  for (const std::int64_t segment : heard()) EXPECT_NE(segment, 0);
  EXPECT_EQ(peer.counted(Counter::kLostRetransmissions), 0U);
}

TEST(RackUnused, WithoutSack) {
  Peer peer;
  peer.establish();
  peer.sends(2 * 1460);
  peer.ignores_all();
  peer.says({.ack = 0});
  peer.advance(199);
  peer.hears_nothing();
  EXPECT_EQ(peer.counted(Counter::kRackLosses), 0U);
}

}  // namespace
}  // namespace weir::test
