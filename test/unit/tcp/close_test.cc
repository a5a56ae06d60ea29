// CLOSE and what follows it: every way from ESTABLISHED to TIME-WAIT and CLOSED.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

class Close : public ::testing::Test {
 protected:
  explicit Close(tcp::Settings settings = {}) : peer{{.settings = settings}} { peer.establish(); }
  void shutdown() {
    peer.connection().shutdown();
    peer.context().out->flush();
  }
  void close() {
    peer.connection().close();
    peer.context().out->flush();
  }
  void abort() {
    peer.connection().abort();
    peer.context().out->flush();
  }
  void to_fin_wait_2() {
    shutdown();
    peer.hears({.flags = "F.", .seq = 0});
    peer.says({});
    ASSERT_EQ(peer.tcb.state, State::kFinWait2);
  }
  void to_close_wait() {
    peer.says({.flags = "F."});
    peer.hears({.flags = ".", .ack = 1});
    ASSERT_EQ(peer.tcb.state, State::kCloseWait);
    peer.take_events();
  }
  void to_closing() {
    shutdown();
    peer.hears({.flags = "F.", .seq = 0});
    peer.says({.flags = "F.", .ack = 0});
    peer.hears({.flags = ".", .seq = 1, .ack = 1});
    ASSERT_EQ(peer.tcb.state, State::kClosing);
  }
  void is_closed(CloseReason reason) {
    EXPECT_EQ(peer.tcb.state, State::kClosed);
    EXPECT_EQ(peer.tcb.reason, reason);
    EXPECT_NE(peer.take_events() & tcp::kClosed, 0);
    EXPECT_FALSE(peer.connection().next_deadline());
  }
  void is_in_time_wait() {
    EXPECT_EQ(peer.tcb.state, State::kTimeWait);
    EXPECT_EQ(peer.tcb.reason, CloseReason::kNormal);
    EXPECT_NE(peer.take_events() & tcp::kClosed, 0);
    EXPECT_FALSE(peer.connection().next_deadline());
  }
  Peer peer;
};

TEST_F(Close, ActiveSideGoesThroughFinWaitToTimeWait) {
  shutdown();
  peer.hears({.flags = "F.", .seq = 0, .ack = 0});
  EXPECT_EQ(peer.tcb.state, State::kFinWait1);
  peer.says({});
  EXPECT_EQ(peer.tcb.state, State::kFinWait2);
  EXPECT_FALSE(peer.connection().next_deadline());
  peer.says({.flags = "F."});
  peer.hears({.flags = ".", .seq = 1, .ack = 1});
  is_in_time_wait();
}

TEST_F(Close, FinThatAcknowledgesOursLeadsStraightToTimeWait) {
  shutdown();
  peer.hears({.flags = "F."});
  peer.says({.flags = "F."});
  peer.hears({.flags = ".", .seq = 1, .ack = 1});
  is_in_time_wait();
}

TEST_F(Close, SimultaneousGoesThroughClosing) {
  to_closing();
  peer.says({});
  peer.hears_nothing();
  is_in_time_wait();
}

TEST_F(Close, PassiveSideGoesThroughCloseWaitAndLastAck) {
  peer.says({.flags = "F."});
  peer.hears({.flags = ".", .ack = 1});  // at once
  EXPECT_EQ(peer.tcb.state, State::kCloseWait);
  EXPECT_EQ(peer.take_events(), tcp::kReadable | tcp::kPeerClosed);
  EXPECT_TRUE(peer.connection().at_end());
  shutdown();
  peer.hears({.flags = "F.", .seq = 0, .ack = 1});
  EXPECT_EQ(peer.tcb.state, State::kLastAck);
  peer.says({});
  is_closed(CloseReason::kNormal);
}

TEST_F(Close, TextFlowsToUsAfterOurFin) {
  to_fin_wait_2();
  peer.says({.length = 1460});
  peer.says({.length = 1460});
  peer.hears({.ack = 2920});
  EXPECT_EQ(peer.reads(4000), 2920U);
  peer.says({.flags = "FP.", .length = 10});
  peer.hears({.ack = 2931});
  is_in_time_wait();
  EXPECT_EQ(peer.reads(100), 10U);  // still readable
  EXPECT_TRUE(peer.connection().at_end());
}

TEST_F(Close, TextFlowsToUsBeforeOurFinIsAcknowledged) {
  shutdown();
  peer.hears({.flags = "F."});
  peer.says({.ack = 0, .length = 100});
  EXPECT_EQ(peer.tcb.state, State::kFinWait1);
  EXPECT_EQ(peer.reads(200), 100U);
}

TEST_F(Close, TextFlowsToThePeerAfterItsFin) {
  to_close_wait();
  peer.sends(3000);
  peer.hears({.seq = 0, .ack = 1, .length = 1460});
  peer.hears({.seq = 1460, .length = 1460});
  peer.hears({.flags = "P.", .seq = 2920, .length = 80});
  peer.says({});
  shutdown();
  peer.hears({.flags = "F.", .seq = 3000});
}

TEST_F(Close, FinFollowsWhatIsQueued) {
  Peer slow{{.window = 1000}};
  slow.establish();
  slow.sends(2500);
  slow.connection().close();
  slow.context().out->flush();
  EXPECT_EQ(slow.tcb.state, State::kFinWait1);
  slow.hears({.seq = 0, .length = 1000});
  slow.says({.ack = 1000, .window = 1000});
  slow.hears({.seq = 1000, .length = 1000});
  slow.says({.ack = 2000, .window = 1000});
  slow.hears({.flags = "FP.", .seq = 2000, .length = 500});
}

TEST_F(Close, FinWaitsForTheWindow) {
  Peer slow{{.window = 1000}};
  slow.establish();
  slow.sends(1000);
  slow.connection().shutdown();
  slow.context().out->flush();
  slow.hears({.flags = "P.", .seq = 0, .length = 1000});
  slow.hears_nothing();
  slow.says({.ack = 1000, .window = 1000});
  slow.hears({.flags = "F.", .seq = 1000});
}

TEST_F(Close, FinWaitsForTheCongestionWindow) {
  peer.sends(20 * 1460);
  EXPECT_EQ(peer.heard(), 10U);
  close();
  EXPECT_EQ(peer.heard(), 10U);
  peer.ignores_all();
  for (int i = 1; i <= 20; ++i) peer.says({.ack = i * 1460});
  std::uint8_t flags = 0;
  while (peer.heard() > 0) flags = peer.next().flags;
  EXPECT_EQ(flags, kFin | kPsh | kAck);
}

TEST_F(Close, SecondCallMakesNoSecondFin) {
  shutdown();
  peer.hears({.flags = "F."});
  shutdown();
  close();
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kFinWait1);
}

TEST_F(Close, WithUnreadTextResets) {  // SHLD-3
  peer.says({.length = 100});
  close();
  peer.hears({.flags = "R.", .seq = 0, .ack = 100});
  is_closed(CloseReason::kAborted);
  EXPECT_FALSE(peer.has_cold());
}

TEST_F(Close, WithUnreadTextResetsBehindAFinInFlight) {
  shutdown();
  peer.hears({.flags = "F.", .seq = 0});
  peer.says({.ack = 0, .length = 100});
  close();
  peer.hears({.flags = "R.", .seq = 1, .ack = 100});
}

TEST_F(Close, TextAfterwardsIsReset) {
  close();
  peer.hears({.flags = "F."});
  peer.says({.length = 10});
  peer.hears({.flags = "R."});
  is_closed(CloseReason::kAborted);
}

TEST_F(Close, RepeatedOldTextAfterwardsIsOnlyAcknowledged) {
  peer.says({.length = 10});
  peer.reads(10);
  close();
  peer.hears({.flags = "F."});
  peer.says({.seq = 0, .length = 10});
  peer.hears({.flags = ".", .ack = 10});
  EXPECT_EQ(peer.tcb.state, State::kFinWait1);
}

TEST_F(Close, OrphanedFinWait2Ends) {
  close();
  peer.hears({.flags = "F."});
  peer.says({});
  ASSERT_EQ(peer.tcb.state, State::kFinWait2);
  peer.advance(59'999);
  EXPECT_EQ(peer.tcb.state, State::kFinWait2);
  peer.advance(1);
  peer.hears_nothing();
  is_closed(CloseReason::kTimeout);
}

TEST_F(Close, FinWait2WithAnOwnerLasts) {
  to_fin_wait_2();
  peer.advance(3'600'000);
  EXPECT_EQ(peer.tcb.state, State::kFinWait2);
  close();  // let go later: from now on its time is limited
  peer.advance(60'000);
  is_closed(CloseReason::kTimeout);
}

TEST_F(Close, RepeatedFinIsAcknowledgedAgain) {
  to_close_wait();
  for (int i = 0; i < 3; ++i) {
    peer.says({.flags = "F.", .seq = 0});
    peer.hears({.flags = ".", .ack = 1});
  }
  EXPECT_EQ(peer.take_events(), 0);
}

TEST_F(Close, TextAfterThePeersFinIsNotTaken) {
  to_close_wait();
  peer.says({.seq = 1, .length = 10});
  EXPECT_EQ(peer.rcv_nxt(), 1);
  EXPECT_EQ(peer.connection().readable(), 0U);
  peer.ignores_all();
}

TEST_F(Close, FinIsRepeatedInClosing) {
  to_closing();
  peer.advance(200);
  peer.hears({.flags = "F.", .seq = 0, .ack = 1});
}

TEST_F(Close, FinIsRepeatedInLastAckUntilGivenUp) {
  to_close_wait();
  shutdown();
  peer.hears({.flags = "F.", .seq = 0});
  peer.advance(200);
  peer.hears({.flags = "F.", .seq = 0});
  peer.advance(3'600'000);
  peer.ignores_all();
  is_closed(CloseReason::kTimeout);
}

TEST_F(Close, DuplicateAckInLastAckDoesNotEndIt) {
  to_close_wait();
  shutdown();
  peer.hears({.flags = "F."});
  peer.says({.ack = 0});
  EXPECT_EQ(peer.tcb.state, State::kLastAck);
}

TEST_F(Close, PartialAckInLastAckDoesNotEndIt) {
  to_close_wait();
  peer.sends(100);
  shutdown();
  peer.ignores_all();
  peer.says({.ack = 100});
  EXPECT_EQ(peer.tcb.state, State::kLastAck);
  peer.says({.ack = 101});
  is_closed(CloseReason::kNormal);
}

TEST_F(Close, UnreadTextCanBeReadAfterTheEnd) {
  peer.says({.flags = "FP.", .length = 100});
  shutdown();
  peer.says({});
  is_closed(CloseReason::kNormal);
  EXPECT_EQ(peer.connection().readable(), 100U);
  EXPECT_EQ(peer.reads(200), 100U);
  EXPECT_FALSE(peer.has_cold());
  peer.ignores_all();
}

TEST_F(Close, UnreadTextCanBeReadAfterAReset) {
  peer.says({.length = 100});
  peer.says({.flags = "R"});
  is_closed(CloseReason::kReset);
  EXPECT_EQ(peer.reads(200), 100U);
  EXPECT_FALSE(peer.connection().at_end());
}

TEST_F(Close, FinWithTextOfBothSidesCrosses) {
  peer.sends(100);
  shutdown();
  peer.ignores_all();
  peer.says({.flags = "FP.", .ack = 0, .length = 50});
  EXPECT_EQ(peer.tcb.state, State::kClosing);
  peer.says({.ack = 101});
  is_in_time_wait();
  EXPECT_EQ(peer.reads(100), 50U);
  peer.ignores_all();
}

TEST_F(Close, UnsentTextGoesOutInClosing) {
  peer.sends(20 * 1460);
  shutdown();
  peer.says({.flags = "F.", .ack = 0});
  EXPECT_EQ(peer.tcb.state, State::kClosing);
  peer.ignores_all();
  for (int i = 1; i <= 20; ++i) peer.says({.ack = i * 1460});
  EXPECT_EQ(peer.tcb.state, State::kClosing);
  peer.says({.ack = 20 * 1460 + 1});
  is_in_time_wait();
  peer.ignores_all();
}

TEST_F(Close, ResetEndsEveryState) {
  to_fin_wait_2();
  peer.says({.flags = "R"});
  is_closed(CloseReason::kReset);
}

TEST_F(Close, ResetEndsClosing) {
  to_closing();
  peer.says({.flags = "R", .seq = 1});
  is_closed(CloseReason::kReset);
}

TEST_F(Close, ResetEndsCloseWaitAndLastAck) {
  to_close_wait();
  shutdown();
  peer.ignores_all();
  peer.says({.flags = "R", .seq = 1});
  is_closed(CloseReason::kReset);
}

TEST_F(Close, SegmentsAfterTheEndAreNotOurs) {
  peer.says({.flags = "R"});
  peer.says({.length = 10});
  peer.hears_nothing();
  EXPECT_EQ(peer.connection().readable(), 0U);
}

TEST_F(Close, AbortSendsResetAtSndNxt) {
  peer.sends(100);
  peer.ignores_all();
  abort();
  peer.hears({.flags = "R.", .seq = 100, .ack = 0});
  is_closed(CloseReason::kAborted);
  EXPECT_FALSE(peer.has_cold());
}

TEST_F(Close, AbortSendsResetInFinWaitAndCloseWait) {
  to_close_wait();
  abort();
  peer.hears({.flags = "R.", .seq = 0, .ack = 1});
}

TEST_F(Close, AbortIsSilentInClosingAndLastAck) {
  to_closing();
  abort();
  peer.hears_nothing();
  is_closed(CloseReason::kAborted);
}

TEST_F(Close, AbortTwiceSendsOneReset) {
  abort();
  abort();
  EXPECT_EQ(peer.heard(), 1U);
  peer.ignores_all();
}

}  // namespace
}  // namespace weir::test
