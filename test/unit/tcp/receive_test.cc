// Text in order and out of order, delayed ACKs, the window that is announced.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

TEST(Receive, DeliversInOrderAndTellsTheApplication) {
  Peer peer;
  peer.establish();
  peer.says({.length = 100});
  EXPECT_EQ(peer.take_events(), tcp::kReadable);
  EXPECT_EQ(peer.connection().readable(), 100U);
  EXPECT_EQ(peer.reads(1000), 100U);
  EXPECT_FALSE(peer.has_cold());
}

TEST(Receive, HandsOutPackets) {
  Peer peer;
  peer.establish();
  peer.says({.length = 1460});
  Packet packet = peer.connection().receive();
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet.length(), 1460U);
  EXPECT_FALSE(peer.connection().receive());
}

TEST(Receive, TakesAChainApart) {
  Peer peer;
  peer.establish();
  peer.says({.length = 5000});
  peer.hears({.ack = 5000});
  EXPECT_EQ(peer.reads(9000), 5000U);
}

TEST(Receive, CopiesSmallSegmentsTogether) {
  Peer peer;
  peer.establish();
  for (int i = 0; i < 8; ++i) peer.says({.length = 200});
  EXPECT_EQ(peer.cold().receive.count(), 1U);
  EXPECT_EQ(peer.counted(Counter::kReceiveCoalesced), 7U);
  EXPECT_EQ(peer.reads(2000), 1600U);
}

TEST(Receive, DropsSegmentWithoutAck) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "P", .length = 10});
  EXPECT_EQ(peer.rcv_nxt(), 10 - 10);
}

TEST(Receive, SurvivesSequenceWrap) {
  for (const std::uint32_t isn : {0xffff'fa00U, 0x7fff'fa00U}) {
    Peer peer{{.isn = SeqNum{isn}}};
    peer.establish();
    for (int i = 0; i < 4; ++i) peer.says({.length = 1000});
    EXPECT_EQ(peer.rcv_nxt(), 4000);
    EXPECT_EQ(peer.reads(5000), 4000U);
  }
}

TEST(DelayedAck, WaitsFortyMilliseconds) {
  Peer peer;
  peer.establish();
  peer.says({.length = 1460});
  peer.advance(39);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.flags = ".", .seq = 0, .ack = 1460});
  peer.hears_nothing();
}

TEST(DelayedAck, IsSentAtOnceForEverySecondFullSegment) {
  Peer peer;
  peer.establish();
  for (int pair = 1; pair <= 3; ++pair) {
    peer.says({.length = 1460});
    peer.hears_nothing();
    peer.says({.length = 1460});
    peer.hears({.flags = ".", .ack = 2920 * pair});
  }
}

TEST(DelayedAck, IsCarriedByText) {
  Peer peer;
  peer.establish();
  peer.says({.length = 1460});
  peer.sends(10);
  peer.hears({.flags = "P.", .seq = 0, .ack = 1460, .length = 10});
  peer.says({});
  peer.advance(100);
  peer.hears_nothing();
}

TEST(DelayedAck, DelayMayBeSet) {
  Peer peer{{.settings = {.delayed_ack = 5ms}}};
  peer.establish();
  peer.says({.length = 1460});
  peer.advance(5);
  peer.hears({.ack = 1460});
}

TEST(DelayedAck, SurvivesTickWrap) {
  Peer peer{{.start_ms = 0xffff'ffffULL - 20}};
  peer.establish();
  peer.says({.length = 1460});
  peer.advance(39);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.ack = 1460});
}

TEST(OutOfOrder, IsAcknowledgedAtOnceAndSoIsTheFilledHole) {
  Peer peer;
  peer.establish();
  peer.says({.seq = 1460, .length = 1460});
  peer.hears({.flags = ".", .ack = 0});
  peer.says({.seq = 0, .length = 1460});
  peer.hears({.flags = ".", .ack = 2920});
  EXPECT_EQ(peer.reads(4000), 2920U);
}

TEST(OutOfOrder, PartlyFilledHoleIsAcknowledgedAtOnce) {
  Peer peer;
  peer.establish();
  peer.says({.seq = 2920, .length = 1460});
  peer.hears({.ack = 0});
  peer.says({.seq = 0, .length = 1460});
  peer.hears({.ack = 1460});
  peer.says({.seq = 1460, .length = 1460});
  peer.hears({.ack = 4380});
}

TEST(OutOfOrder, EveryOrderOfFourSegmentsGivesTheSameStream) {
  std::array<int, 4> order{0, 1, 2, 3};
  do {
    Peer peer;
    peer.establish();
    for (const int i : order) peer.says({.seq = i * 700, .length = 700});
    EXPECT_EQ(peer.rcv_nxt(), 2800);
    EXPECT_EQ(peer.reads(4000), 2800U);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(OutOfOrder, FirstCopyWinsWhereSegmentsOverlap) {
  Peer peer;
  peer.establish();
  peer.says({.seq = 500, .length = 500});
  peer.says({.seq = 400, .length = 200, .fill = 'x'});  // 400..499 are news, the rest is not
  peer.says({.seq = 0, .length = 400});
  std::vector<std::uint8_t> text(1000);
  ASSERT_EQ(peer.connection().receive(std::span{text}), 1000U);
  EXPECT_EQ(text[400], 'x');
  EXPECT_EQ(text[499], 'x');
  EXPECT_NE(text[500], 'x');
}

TEST(OutOfOrder, WhereSegmentsOverlapNoByteIsLost) {
  Peer peer;
  peer.establish();
  peer.says({.seq = 500, .length = 500});
  peer.says({.seq = 900, .length = 500});
  peer.says({.seq = 0, .length = 500});
  EXPECT_EQ(peer.rcv_nxt(), 1400);
  EXPECT_EQ(peer.reads(2000), 1400U);
}

TEST(OutOfOrder, OneSegmentMayFillSeveralHoles) {
  Peer peer;
  peer.establish();
  peer.says({.seq = 300, .length = 300});
  peer.says({.seq = 900, .length = 300});
  peer.says({.seq = 1500, .length = 300});
  peer.says({.seq = 100, .length = 1900});  // over all three
  peer.ignores_all();
  peer.says({.seq = 0, .length = 100});
  peer.hears({.ack = 2000});
  EXPECT_EQ(peer.reads(4000), 2000U);
}

TEST(OutOfOrder, SegmentThatCoversAllIsTakenAroundWhatIsHeld) {
  Peer peer;
  peer.establish();
  peer.says({.seq = 300, .length = 300});
  peer.says({.seq = 0, .length = 1000});
  EXPECT_EQ(peer.reads(4000), 1000U);
}

TEST(OutOfOrder, ExactDuplicateChangesNothing) {
  Peer peer;
  peer.establish();
  peer.says({.seq = 1000, .length = 1000});
  peer.says({.seq = 1000, .length = 1000});
  EXPECT_EQ(peer.cold().out_of_order.bytes(), 1000U);
  EXPECT_EQ(peer.heard(), 2U);
}

TEST(OutOfOrder, OverlapOfTheFrontIsCutOff) {
  Peer peer;
  peer.establish();
  peer.says({.length = 1000});
  peer.says({.seq = 500, .length = 1000});
  peer.hears({.ack = 1500});
  EXPECT_EQ(peer.reads(4000), 1500U);
}

TEST(OutOfOrder, TinySegmentsPinLittleMemory) {
  Peer peer;
  peer.establish();
  for (int i = 0; i < 1000; ++i) peer.says({.seq = 1 + i, .length = 1});
  EXPECT_LE(peer.cold().out_of_order.count(), 2U);
}

TEST(OutOfOrder, NumberOfPacketsIsBounded) {
  Peer peer{{.settings = {.receive_buffer = 65536}}};
  peer.establish();
  for (int i = 0; i < 1000; ++i) peer.says({.seq = 1 + 2 * i, .length = 1});
  EXPECT_LE(peer.cold().out_of_order.count(), 128U);
  EXPECT_GT(peer.counted(Counter::kOutOfOrderDropped), 0U);
  peer.ignores_all();
  peer.says({.seq = 0, .length = 1});  // what is due has room even so
  peer.hears({.ack = 2});
}

TEST(OutOfOrder, FinBehindAHoleWaits) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "F.", .seq = 1000, .length = 500});
  peer.hears({.ack = 0});
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.says({.seq = 0, .length = 1000});
  peer.hears({.ack = 1501});
  EXPECT_EQ(peer.tcb.state, State::kCloseWait);
  EXPECT_FALSE(peer.connection().at_end());
  EXPECT_EQ(peer.reads(2000), 1500U);
  EXPECT_TRUE(peer.connection().at_end());
}

TEST(OutOfOrder, BareFinBehindAHoleWaits) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "F.", .seq = 1000});
  peer.says({.seq = 0, .length = 1000});
  EXPECT_EQ(peer.tcb.state, State::kCloseWait);
  EXPECT_EQ(peer.rcv_nxt(), 1001);
}

TEST(OutOfOrder, TextBeyondTheFinIsNotTaken) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "F.", .seq = 1000});
  peer.says({.seq = 900, .length = 500});
  peer.says({.seq = 0, .length = 900});
  EXPECT_EQ(peer.rcv_nxt(), 1001);
  EXPECT_EQ(peer.reads(2000), 1000U);
}

TEST(OutOfOrder, FinThatMovesIsNotBelieved) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "F.", .seq = 1000});
  peer.says({.flags = "F.", .seq = 500});
  peer.says({.seq = 0, .length = 1000});
  EXPECT_EQ(peer.rcv_nxt(), 1001);
}

TEST(ReceiveWindow, ShrinksByWhatIsUnreadAndReachesZero) {
  Peer peer{{.settings = {.receive_buffer = 4096}}};
  peer.establish();
  peer.says({.length = 1460});
  peer.says({.length = 1460});
  peer.hears({.ack = 2920, .window = 1176});
  peer.says({.length = 1176});
  peer.hears({.ack = 4096, .window = 0});
}

TEST(ReceiveWindow, OpensOnlyByAWorthyStep) {
  Peer peer{{.settings = {.receive_buffer = 4096}}};
  peer.establish();
  peer.says({.length = 4096});
  peer.hears({.ack = 4096, .window = 0});
  peer.reads(1000);
  peer.hears_nothing();
  peer.reads(460);
  peer.hears({.flags = ".", .ack = 4096, .window = 1460});
}

TEST(ReceiveWindow, SmallBufferOpensByHalf) {
  Peer peer{{.settings = {.receive_buffer = 1000}}};
  peer.establish();
  peer.says({.length = 1000});
  peer.hears({.window = 0});
  peer.reads(499);
  peer.hears_nothing();
  peer.reads(1);
  peer.hears({.window = 500});
}

TEST(ReceiveWindow, NeverClosesWhileTheApplicationReads) {
  Peer peer{{.settings = {.receive_buffer = 8192}}};
  peer.establish();
  for (int i = 0; i < 50; ++i) {
    peer.says({.length = 1460});
    peer.reads(1460);
    while (peer.heard() > 0) EXPECT_GE(peer.next().window.value(), 4000);
  }
}

TEST(ReceiveWindow, RightEdgeNeverMovesLeft) {
  Peer peer{{.settings = {.receive_buffer = 300'000}, .scale = 7}};
  peer.establish();
  SeqNum edge = peer.tcb.rcv_adv;
  for (int i = 0; i < 180; ++i) {
    peer.says({.length = 1001});
    EXPECT_FALSE(peer.tcb.rcv_adv.before(edge));
    edge = peer.tcb.rcv_adv;
    if (i % 7 == 0) peer.reads(500);
  }
}

TEST(ReceiveWindow, BytesBeyondItAreCutOff) {
  Peer peer{{.settings = {.receive_buffer = 2000}}};
  peer.establish();
  peer.says({.flags = "F.", .length = 3000});
  peer.hears({.ack = 2000, .window = 0});
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  EXPECT_EQ(peer.reads(4000), 2000U);
}

TEST(ReceiveWindow, ClosedAnswersAProbeAndHeedsItsAck) {
  Peer peer{{.settings = {.receive_buffer = 2000}}};
  peer.establish();
  peer.says({.length = 2000});
  peer.hears({.window = 0});
  peer.sends(100);
  peer.hears({.flags = "P.", .length = 100});
  for (int i = 0; i < 3; ++i) {  // never limited
    peer.says({.seq = 2000, .length = 1});
    peer.hears({.flags = ".", .ack = 2000, .window = 0});
  }
  EXPECT_EQ(peer.snd_una(), 100);
}

TEST(ReceiveWindow, ClosedAnswersAProbeWithAnOldByte) {
  Peer peer{{.settings = {.receive_buffer = 2000}}};
  peer.establish();
  peer.says({.length = 2000});
  peer.hears({.window = 0});
  peer.says({.seq = 1999, .length = 1});
  peer.hears({.flags = ".", .ack = 2000, .window = 0});
  peer.says({.seq = 1999});
  peer.hears({.flags = ".", .ack = 2000, .window = 0});
}

TEST(ReceiveWindow, ClosedTakesAFin) {
  Peer peer{{.settings = {.receive_buffer = 2000}}};
  peer.establish();
  peer.says({.length = 2000});
  peer.ignores_all();
  peer.says({.flags = "F.", .seq = 2000});
  peer.hears({.ack = 2001});
  EXPECT_EQ(peer.tcb.state, State::kCloseWait);
}

TEST(ReceiveWindow, FullSegmentWithFinOnItsEdgeIsTakenWhole) {
  Peer peer{{.settings = {.receive_buffer = 2000}}};
  peer.establish();
  peer.says({.flags = "F.", .length = 2000});
  peer.hears({.ack = 2001});
  EXPECT_EQ(peer.tcb.state, State::kCloseWait);
}

TEST(ReceiveWindow, UrgentTextIsDeliveredInItsPlace) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "U.", .length = 10});
  EXPECT_EQ(peer.reads(100), 10U);
  EXPECT_EQ(peer.counted(Counter::kUrgentIn), 1U);
}

}  // namespace
}  // namespace weir::test
