// Out of packets, out of cold blocks: as if a segment were lost; nothing leaks, and it goes on afterwards.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

TEST(Shortage, SynIsSentLaterWhenPacketsRanOut) {
  Peer peer;
  peer.drain_pool(0);
  peer.open();
  peer.hears_nothing();
  EXPECT_GE(peer.counted(Counter::kNoPackets), 1U);
  peer.fill_pool();
  peer.advance(1000);
  peer.hears({.flags = "S"});
}

TEST(Shortage, TextIsSentLaterWhenPacketsRanOut) {
  for (const unsigned left : {0U, 1U, 2U}) {
    SCOPED_TRACE(left);
    Peer peer;
    peer.open();
    peer.hears({.flags = "S"});
    ASSERT_EQ(peer.sends(1000), 1000U);
    peer.drain_pool(left);
    peer.says({.flags = "S."});
    peer.ignores_all();
    peer.fill_pool();
    peer.advance(1000);
    peer.hears({.seq = 0, .length = 1000});
    peer.ignores_all();
  }
}

TEST(Shortage, AckThatCouldNotBeSentIsAskedForAgain) {
  Peer peer;
  peer.establish();
  peer.says({.length = 1460});
  peer.drain_pool(1);
  peer.says({.length = 1460});
  peer.ignores_all();
  peer.fill_pool();
  peer.says({.seq = 1460, .length = 1460});
  peer.hears({.flags = ".", .ack = 2920});
}

TEST(Shortage, RetransmissionIsTriedAgain) {
  Peer peer;
  peer.establish();
  peer.sends(1000);
  peer.ignores_all();
  peer.drain_pool(0);
  peer.advance(200);
  peer.hears_nothing();
  peer.fill_pool();
  peer.advance(400);
  peer.hears({.seq = 0, .length = 1000});
}

TEST(Shortage, SendTellsWhenItMayBeTriedAgain) {
  Peer peer;
  peer.establish();
  peer.drain_pool(0);
  EXPECT_EQ(peer.sends(1000), 0U);
  peer.fill_pool();
  EXPECT_EQ(peer.take_events(), 0);
  peer.advance(200);
  EXPECT_EQ(peer.take_events(), tcp::kWritable);
  EXPECT_EQ(peer.sends(1000), 1000U);
  peer.ignores_all();
}

TEST(Shortage, UserTimeoutEndsWhatNoPacketWasThereToSend) {
  Peer peer{{.settings = {.user_timeout = tcp::milliseconds{1000}}}};
  peer.open();
  peer.hears({.flags = "S"});
  ASSERT_TRUE(peer.sends_packet(1000));
  peer.drain_pool(0);
  peer.says({.flags = "S."});
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.hears_nothing();
  peer.advance(999);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.advance(1);
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kTimeout);
}

// Who sends holds packets until ACKs come in, for which there must be some left.
TEST(Shortage, TextIsNotTakenWhileFewPacketsAreLeft) {
  Peer peer;
  peer.establish();
  peer.drain_pool(1);
  EXPECT_EQ(peer.sends(1000), 0U);
  EXPECT_EQ(peer.counted(Counter::kNoPackets), 1U);
  peer.hears_nothing();
  EXPECT_TRUE(peer.sends_packet(1000)) << "that one exists already";
  peer.fill_pool();
  EXPECT_EQ(peer.sends(1000), 1000U);
  peer.ignores_all();
}

TEST(Shortage, UserTimeoutDoesNotCountFromARefusedSend) {
  Peer peer{{.settings = {.user_timeout = tcp::milliseconds{1000}}}};
  peer.establish();
  peer.drain_pool(0);
  EXPECT_EQ(peer.sends(1000), 0U);
  peer.advance(900);
  peer.fill_pool();
  EXPECT_EQ(peer.sends(1000), 1000U);
  peer.advance(900);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.ignores_all();
}

TEST(Shortage, SegmentIsLostWithoutAColdBlock) {
  Peer peer{{.cold_blocks = 0}};
  peer.establish();
  peer.says({.length = 100});
  EXPECT_EQ(peer.rcv_nxt(), 0);
  EXPECT_EQ(peer.counted(Counter::kNoColdBlocks), 1U);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.hears_nothing();
}

TEST(Shortage, SendIsRefusedWithoutAColdBlock) {
  Peer peer{{.cold_blocks = 0}};
  peer.establish();
  EXPECT_EQ(peer.sends(100), 0U);
  EXPECT_FALSE(peer.sends_packet(100));
  peer.advance(200);
  EXPECT_EQ(peer.take_events(), tcp::kWritable);
}

TEST(Shortage, ClosingNeedsNoColdBlock) {
  Peer peer{{.cold_blocks = 0}};
  peer.establish();
  peer.connection().shutdown();
  peer.context().out->flush();
  peer.hears({.flags = "F."});
  peer.advance(200);
  peer.hears({.flags = "F."});
  peer.says({.flags = "F."});
  peer.hears({.flags = "."});
  EXPECT_EQ(peer.tcb.state, State::kTimeWait);
}

TEST(Shortage, EveryPacketComesBackWhenAConnectionIsReleasedInTheMiddle) {
  Peer peer{{.sack = true, .window = 3000}};  // the fixture counts packets and cold blocks at the end
  peer.establish();
  peer.sends(50'000);
  peer.says({.length = 500});
  peer.says({.seq = 2000, .length = 500});
  peer.ignores_all();
}

TEST(Names, EveryStateReasonAndCounterHasOne) {
  EXPECT_STREQ(tcp::to_string(State::kFinWait1), "FIN-WAIT-1");
  EXPECT_STREQ(tcp::to_string(State::kSynReceived), "SYN-RECEIVED");
  EXPECT_STREQ(tcp::to_string(CloseReason::kNoResources), "no-resources");
  for (unsigned i = 0; i < tcp::kCounters; ++i) EXPECT_NE(tcp::to_string(static_cast<Counter>(i)), nullptr);
}

}  // namespace
}  // namespace weir::test
