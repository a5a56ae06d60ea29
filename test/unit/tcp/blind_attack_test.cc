// Segments in doubt: the acceptability test, RFC 5961, and the limits on what we answer.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

class BlindAttack : public ::testing::Test {
 protected:
  explicit BlindAttack(tcp::Settings settings = {}) : peer{{.settings = settings}} { peer.establish(); }
  void is_challenged(const Say& say) {
    peer.advance(1000);
    peer.says(say);
    peer.hears({.flags = ".", .seq = peer.snd_nxt(), .ack = peer.rcv_nxt(), .length = 0});
    peer.hears_nothing();
    EXPECT_EQ(peer.tcb.state, State::kEstablished);
  }
  void is_dropped(const Say& say) {
    peer.says(say);
    peer.hears_nothing();
    EXPECT_EQ(peer.tcb.state, State::kEstablished);
  }
  Peer peer;
};

TEST_F(BlindAttack, ExactResetEndsTheConnection) {
  peer.says({.flags = "R", .seq = 0});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kReset);
  EXPECT_EQ(peer.take_events(), tcp::kClosed);
  EXPECT_EQ(peer.counted(Counter::kEstablishedResets), 1U);
}

TEST_F(BlindAttack, ResetInTheWindowIsChallenged) {
  is_challenged({.flags = "R", .seq = 1});
  is_challenged({.flags = "R.", .seq = 65534});
  EXPECT_EQ(peer.counted(Counter::kChallengeAcks), 2U);
}

TEST_F(BlindAttack, ResetOutsideTheWindowIsDropped) {
  is_dropped({.flags = "R", .seq = -1});
  is_dropped({.flags = "R", .seq = 65535});
  is_dropped({.flags = "R", .seq = 1'000'000, .length = 10});
}

TEST_F(BlindAttack, SynIsChallengedWhereverItLies) {
  is_challenged({.flags = "S", .seq = -1});
  is_challenged({.flags = "S", .seq = 0});
  is_challenged({.flags = "S", .seq = 500});
  is_challenged({.flags = "S", .seq = 10'000'000});
  is_challenged({.flags = "S.", .seq = -1});
}

TEST_F(BlindAttack, RebootedPeerEndsTheConnectionByItsExactReset) {
  is_challenged({.flags = "S", .seq = 10'000'000});
  peer.says({.flags = "R", .seq = 0});
  EXPECT_EQ(peer.tcb.state, State::kClosed);
}

TEST_F(BlindAttack, AckOfWhatWasNeverSentIsChallengedAndItsTextDropped) {
  is_challenged({.seq = 0, .ack = 1, .length = 10});
  EXPECT_EQ(peer.rcv_nxt(), 0);
}

TEST_F(BlindAttack, AckTooOldIsChallengedAndItsTextDropped) {
  is_challenged({.seq = 0, .ack = -65536, .length = 10});
  EXPECT_EQ(peer.rcv_nxt(), 0);
}

TEST_F(BlindAttack, OldAckWithinAWindowIsIgnoredButItsTextTaken) {
  peer.sends(100);
  peer.says({});
  peer.says({.ack = 50, .length = 10});
  EXPECT_EQ(peer.rcv_nxt(), 10);
  EXPECT_EQ(peer.snd_una(), 100);
  peer.ignores_all();
}

TEST_F(BlindAttack, ChallengesAreLimitedPerConnection) {
  for (int i = 0; i < 10; ++i) peer.says({.flags = "R", .seq = 1});
  EXPECT_EQ(peer.heard(), 1U);
  EXPECT_EQ(peer.counted(Counter::kChallengeAcksLimited), 9U);
  peer.ignores_all();
  peer.advance(600);
  peer.says({.flags = "R", .seq = 1});
  EXPECT_EQ(peer.heard(), 1U);
}

TEST_F(BlindAttack, ChallengesAreLimitedPerCore) {
  peer.context().challenge_budget = 0;
  is_dropped({.flags = "R", .seq = 1});
  is_dropped({.flags = "S", .seq = 1});
}

TEST_F(BlindAttack, ResetGivesBackWhatIsHeldBeyondAHole) {
  peer.says({.seq = 100, .length = 100});
  peer.ignores_all();
  ASSERT_TRUE(peer.has_cold());
  peer.says({.flags = "R", .seq = 0});
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_FALSE(peer.has_cold());
}

TEST_F(BlindAttack, EachChallengeCountsForTheCore) {
  peer.context().challenge_budget = 7;
  peer.says({.flags = "S", .seq = 1});
  peer.hears({.flags = "."});
  EXPECT_EQ(peer.context().challenge_budget, 6U);
}

TEST_F(BlindAttack, LimitsDoNotTouchAnswersToText) {
  peer.context().challenge_budget = 0;
  for (int i = 1; i <= 5; ++i) {
    peer.says({.seq = -100, .length = 100});
    peer.hears({.flags = ".", .ack = 0});
  }
}

TEST_F(BlindAttack, EmptySegmentsOutsideTheWindowCannotBounceForEver) {
  for (int i = 0; i < 10; ++i) peer.says({.seq = -5});
  EXPECT_EQ(peer.heard(), 1U);
  EXPECT_EQ(peer.counted(Counter::kOutOfWindow), 10U);
}

TEST_F(BlindAttack, EmptySegmentOnTheRightEdgePasses) {
  peer.sends(100);
  peer.hears({.length = 100});
  peer.says({.seq = 65535, .ack = 100});
  peer.hears_nothing();
  EXPECT_EQ(peer.snd_una(), 100);
}

TEST_F(BlindAttack, TextOnTheRightEdgeIsRefused) {
  peer.says({.seq = 65535, .length = 1});
  peer.hears({.flags = ".", .ack = 0});
  EXPECT_FALSE(peer.has_cold());
}

TEST_F(BlindAttack, LastByteOfTheWindowIsTaken) {
  peer.says({.seq = 65534, .length = 1});
  peer.hears({.flags = ".", .ack = 0});
  EXPECT_EQ(peer.cold().out_of_order.bytes(), 1U);
}

TEST_F(BlindAttack, SegmentWithAllFlagsOrNoneDoesNoHarm) {
  is_dropped({.flags = "", .length = 10});
  is_dropped({.flags = "SFRPU.", .seq = 1000'000});
  peer.says({.flags = "SFPU.", .length = 10});
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  EXPECT_EQ(peer.rcv_nxt(), 0);
  peer.ignores_all();
}

TEST_F(BlindAttack, OptimisticAckDoesNotGrowTheWindow) {
  peer.sends(1460);
  peer.says({.ack = 3000});
  EXPECT_EQ(peer.tcb.cwnd, 14600U);
  EXPECT_EQ(peer.snd_una(), 0);
  peer.ignores_all();
}

}  // namespace
}  // namespace weir::test
