// RFC 8985 §7: losses at the end of a flight are found by a probe, not by a timeout.
#include "loss_fixture.h"

namespace weir::test {
namespace {

// Three segments are in flight and no more to come; PTO 201 ms, RTO 300 ms.
class TailLossProbe : public Flight {
 protected:
  explicit TailLossProbe(PeerOptions options = {.sack = true}, std::int64_t queued = 3) : Flight(options, queued) {}
  // The last of three was lost: the others' ACK is in, and the probe goes.
  void loses_the_last() {
    peer.advance(100);
    acks(2);
    peer.advance(250);
    peer.hears({.flags = "P.", .seq = 2 * kMss, .length = static_cast<std::uint32_t>(kMss)});
    peer.hears_nothing();
  }
};

TEST_F(TailLossProbe, RepeatsTheLastSegmentAfterTwoRoundTrips) {
  peer.advance(200);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.flags = "P.", .seq = 2 * kMss, .length = static_cast<std::uint32_t>(kMss)});
  peer.hears_nothing();
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 1U);
  EXPECT_EQ(peer.tcb.cwnd, segments(10));
}

TEST_F(TailLossProbe, IsFollowedByTheTimeoutAndByNoOther) {
  peer.advance(201);
  peer.ignores_all();
  peer.advance(299);
  peer.hears_nothing();
  peer.advance(1);
  EXPECT_EQ(heard(), (Segments{0}));
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 1U);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 1U);
  peer.advance(600);
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 1U);
  peer.ignores_all();
}

TEST_F(TailLossProbe, LetsRackFindTheRestOfALostTail) {
  peer.advance(201);
  peer.ignores_all();
  peer.advance(100);
  sacks({{2, 3}});
  hears(0);
  sacks({{2, 3}}, 1);
  hears(1);
  acks(3);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 0U);
  EXPECT_EQ(peer.counted(Counter::kFastRetransmits), 1U);
}

TEST_F(TailLossProbe, IsPutOffByNewText) {
  peer.advance(150);
  peer.sends(segments(1));
  peer.ignores_all();
  peer.advance(149);
  peer.hears_nothing();
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 0U);
  peer.advance(1);  // never later than the timeout would have come
  EXPECT_EQ(heard(), (Segments{3}));
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 1U);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 0U);
}

TEST_F(TailLossProbe, LossThatItRepairedShrinksTheWindow) {
  loses_the_last();
  peer.advance(100);
  acks(3);
  EXPECT_EQ(peer.counted(Counter::kTailLossRecoveries), 0U);  // a duplicate may still be reported
  peer.sends(segments(1));
  peer.advance(100);
  acks(4);
  EXPECT_EQ(peer.counted(Counter::kTailLossRecoveries), 1U);
  EXPECT_LT(peer.tcb.ssthresh, segments(10));
  EXPECT_EQ(peer.tcb.cwnd, peer.tcb.ssthresh);
  peer.ignores_all();
}

TEST_F(TailLossProbe, DuplicateReportSaysThatNothingWasLost) {
  loses_the_last();
  acks(3);
  sacks({{2, 3}}, 3);
  peer.sends(segments(1));
  acks(4);
  EXPECT_EQ(peer.counted(Counter::kTailLossRecoveries), 0U);
  EXPECT_EQ(peer.tcb.ssthresh, 0xffff'ffffU);
  peer.ignores_all();
}

TEST_F(TailLossProbe, SoDoesADuplicateAckOfAPeerWithoutReports) {
  loses_the_last();
  acks(3);
  acks(3);
  peer.sends(segments(1));
  acks(4);
  EXPECT_EQ(peer.counted(Counter::kTailLossRecoveries), 0U);
  peer.ignores_all();
}

TEST_F(TailLossProbe, SilenceMeansThatItRepairedALoss) {
  loses_the_last();
  acks(3);
  EXPECT_TRUE(peer.has_cold());
  peer.advance(2000);
  EXPECT_EQ(peer.counted(Counter::kTailLossRecoveries), 1U);
  EXPECT_FALSE(peer.has_cold());
  EXPECT_FALSE(peer.connection().next_deadline());
  peer.hears_nothing();
}

TEST_F(TailLossProbe, RepeatsALastSegmentWithItsFin) {
  peer.connection().shutdown();
  peer.context().out->flush();
  peer.ignores_all();
  peer.advance(201);
  peer.hears({.flags = "FP.", .seq = 2 * kMss});
}

// The ACK of what was sent twice measures nothing: until some other does, the timeout alone watches.
TEST_F(TailLossProbe, AnotherNeedsARoundTripMeasuredSinceTheLast) {
  loses_the_last();
  acks(3);
  peer.sends(segments(1));
  peer.ignores_all();
  peer.advance(300);
  EXPECT_EQ(heard(), (Segments{3}));
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 1U);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 1U);
}

// An older segment's ACK measures the path, but says nothing of the probe. PTO 226 ms, RTO 364 ms.
TEST_F(TailLossProbe, AnotherWaitsForTheAcknowledgmentOfTheFirst) {
  peer.advance(201);
  peer.ignores_all();
  acks(1);
  peer.advance(300);
  peer.hears_nothing();
  peer.advance(100);
  EXPECT_EQ(heard(), (Segments{1}));
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 1U);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 1U);
}

// The report says that the probe was for nothing, and not how long the path is.
TEST_F(TailLossProbe, AnotherDoesNotFollowAReportAlone) {
  loses_the_last();
  acks(3);
  sacks({{2, 3}}, 3);
  peer.sends(segments(1));
  peer.ignores_all();
  peer.advance(300);
  EXPECT_EQ(heard(), (Segments{3}));
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 1U);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 1U);
}

TEST_F(TailLossProbe, AnotherMayFollowOnceARoundTripWasMeasured) {
  loses_the_last();
  acks(3);
  peer.sends(segments(1));
  peer.ignores_all();
  peer.advance(100);
  acks(4);
  peer.sends(segments(3));
  peer.ignores_all();
  peer.advance(299);
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 2U);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 0U);
  peer.ignores_all();
}

class LoneProbe : public TailLossProbe {
 protected:
  LoneProbe() : TailLossProbe({.sack = true}, 1) {}
};

TEST_F(LoneProbe, AllowsForTheDelayOfItsAckButTakesTheTimeoutsPlace) {
  peer.advance(299);
  peer.hears_nothing();
  peer.advance(1);
  EXPECT_EQ(heard(), (Segments{0}));
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 1U);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 0U);
  peer.advance(300);
  EXPECT_EQ(heard(), (Segments{0}));
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 1U);
}

class ProbeOfMore : public TailLossProbe {
 protected:
  explicit ProbeOfMore(std::uint16_t window = 65535) : TailLossProbe({.sack = true, .window = window}, 40) {}
};

TEST_F(ProbeOfMore, SendsNewTextBeyondTheCongestionWindow) {
  peer.advance(201);
  hears(10);
  peer.hears_nothing();
  peer.advance(50);
  acks(11);
  peer.ignores_all();
  EXPECT_EQ(peer.counted(Counter::kTailLossRecoveries), 0U);
  EXPECT_FALSE(peer.cold().probe.is_out);
}

TEST_F(ProbeOfMore, IsSilentWhileHolesAreKnown) {
  peer.advance(100);
  sacks({{1, 2}});
  peer.ignores_all();
  peer.advance(250);
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 0U);
  peer.ignores_all();
}

class ProbeOfFullWindow : public ProbeOfMore {
 protected:
  ProbeOfFullWindow() : ProbeOfMore(10 * 1460) {}
};

TEST_F(ProbeOfFullWindow, StaysWithinThePeersWindow) {
  peer.advance(201);
  hears(9);
  peer.hears_nothing();
}

TEST_F(ProbeOfFullWindow, IsNotSentIntoAClosedOne) {
  peer.advance(100);
  peer.says({.ack = 0, .window = 0});
  peer.advance(101);
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 0U);
  peer.hears_nothing();
}

class NoProbe : public TailLossProbe {
 protected:
  NoProbe() : TailLossProbe({.settings = {.tail_loss_probe = false}, .sack = true}) {}
};

TEST_F(NoProbe, IsSentWhereSwitchedOff) {
  peer.advance(299);
  peer.hears_nothing();
  peer.advance(1);
  EXPECT_EQ(heard(), (Segments{0}));
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 0U);
}

class NoProbeNoSack : public TailLossProbe {
 protected:
  NoProbeNoSack() : TailLossProbe(PeerOptions{}) {}
};

TEST_F(NoProbeNoSack, IsSentWithoutSack) {
  peer.advance(299);
  peer.hears_nothing();
}

TEST(UnmeasuredProbe, IsNotSent) {
  Peer peer{{.sack = true}};
  peer.open();
  peer.advance(1000);  // the SYN was sent twice: no round trip is known, the RTO is 3 s
  peer.says({.flags = "S.", .ack = 0});
  peer.sends(2 * 1460);
  peer.ignores_all();
  peer.advance(2999);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.seq = 0, .length = 1460});
  EXPECT_EQ(peer.counted(Counter::kTailLossProbes), 0U);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 1U);
}

}  // namespace
}  // namespace weir::test
