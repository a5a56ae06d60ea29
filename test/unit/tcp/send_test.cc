// What goes out and when: segmentation, PSH, Nagle, the peer's window, silly-window avoidance.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

TEST(Send, CutsAtMssAndPushesTheLast) {
  Peer peer;
  peer.establish();
  EXPECT_EQ(peer.sends(4000), 4000U);
  for (int i = 0; i < 2; ++i) {
    const Segment segment = peer.next();
    EXPECT_EQ(segment.payload_length, 1460U);
    EXPECT_FALSE(segment.has(kPsh));
  }
  peer.hears({.flags = "P.", .seq = 2920, .length = 1080});
}

TEST(Send, HoldsAColdBlockOnlyWhileSomethingIsUnacknowledged) {
  Peer peer;
  peer.establish();
  EXPECT_FALSE(peer.has_cold());
  peer.sends(100);
  EXPECT_TRUE(peer.has_cold());
  peer.says({});
  EXPECT_FALSE(peer.has_cold());
  EXPECT_FALSE(peer.connection().next_deadline());
}

TEST(Send, MergesSmallPacketsIntoOneSegment) {
  Peer peer{{.window = 0}};
  peer.establish();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(peer.sends_packet(100));
  peer.hears_nothing();
  peer.says({.window = 65535});
  peer.hears({.flags = "P.", .seq = 0, .length = 1000});
}

TEST(Send, GathersABoundedNumberOfPieces) {
  Peer peer{{.window = 0}};
  peer.establish();
  for (int i = 0; i < 40; ++i) EXPECT_TRUE(peer.sends_packet(10));
  peer.says({.window = 65535});
  peer.hears({.flags = ".", .length = 160});
  peer.hears({.flags = ".", .length = 160});
  peer.hears({.flags = "P.", .length = 80});
}

TEST(Send, SplitsPacketsLargerThanTheMss) {
  Peer peer{{.mss = 500}};
  peer.establish();
  EXPECT_TRUE(peer.sends_packet(1800));
  for (const int at : {0, 500, 1000}) peer.hears({.seq = at, .length = 500});
  peer.hears({.flags = "P.", .seq = 1500, .length = 300});
  peer.says({.ack = 700});  // in the middle of one
  EXPECT_EQ(peer.connection().unacknowledged_bytes(), 1100U);
  peer.says({});
  EXPECT_FALSE(peer.has_cold());
}

TEST(Send, JoinsPiecesOfLargeAndSmallPackets) {
  Peer peer{{.window = 0}};
  peer.establish();
  for (const unsigned size : {300U, 2000U, 5U, 900U, 1460U}) EXPECT_TRUE(peer.sends_packet(size));
  peer.says({.window = 65535});
  peer.hears({.seq = 0, .length = 1460});
  peer.hears({.seq = 1460, .length = 1460});
  peer.hears({.seq = 2920, .length = 1460});
  peer.hears({.flags = "P.", .seq = 4380, .length = 285});
}

TEST(Send, FillsTheTailOfWhatIsUnsent) {
  Peer peer{{.window = 0}};
  peer.establish();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(peer.sends(20), 20U);
  EXPECT_EQ(peer.cold().send.count(), 2U);
  peer.says({.window = 65535});
  peer.hears({.seq = 0, .length = 1460});
  peer.hears({.seq = 1460, .length = 540});
}

TEST(Send, NeverTouchesWhatIsSharedOrSent) {
  Peer peer;
  peer.establish();
  peer.sends(100);
  peer.hears({.length = 100});
  peer.sends(100);  // held by Nagle, in a packet of its own
  EXPECT_EQ(peer.cold().send.count(), 2U);
}

TEST(Send, TakesNoMoreThanTheBuffer) {
  Peer peer{{.settings = {.send_buffer = 5000}, .window = 0}};
  peer.establish();
  EXPECT_EQ(peer.sends(9000), 5000U);
  EXPECT_EQ(peer.connection().send_room(), 0U);
  EXPECT_FALSE(peer.sends_packet(1));
  peer.says({.window = 65535});
  peer.ignores_all();
  peer.take_events();
  peer.says({.ack = 1460, .window = 65535});
  EXPECT_EQ(peer.take_events() & tcp::kWritable, 0);
  peer.says({.ack = 2920, .window = 65535});
  EXPECT_EQ(peer.take_events() & tcp::kWritable, tcp::kWritable);
}

TEST(Send, NumberOfQueuedPacketsIsBounded) {
  Peer peer{{.settings = {.send_buffer = 25600}, .window = 0}};
  peer.establish();
  unsigned taken = 0;
  while (taken < 1000 && peer.sends_packet(1)) ++taken;
  EXPECT_EQ(taken, 64U + 100U);
  EXPECT_EQ(peer.connection().send_room(), 0U);
}

TEST(Send, FailsAfterShutdown) {
  Peer peer;
  peer.establish();
  peer.connection().shutdown();
  EXPECT_EQ(peer.connection().send_room(), 0U);
  EXPECT_EQ(peer.sends(10), 0U);
  EXPECT_FALSE(peer.sends_packet(10));
}

TEST(Send, SurvivesSequenceWrap) {
  Peer peer;
  peer.connection().open_active(SeqNum{0xffff'f000});
  peer.context().out->flush();
  peer.tcb.snd_una = SeqNum{0xffff'fa00};  // just before the wrap
  peer.tcb.snd_nxt = peer.tcb.snd_una + 1;
  peer.ignores_all();
  peer.set_iss(peer.tcb.snd_una);
  peer.says({.flags = "S.", .ack = 0});
  peer.hears({.flags = "."});
  peer.sends(6000);
  for (int i = 0; i < 4; ++i) peer.hears({.seq = i * 1460, .length = 1460});
  peer.hears({.seq = 5840, .length = 160});
  peer.says({.ack = 6000});
  EXPECT_FALSE(peer.has_cold());
}

TEST(Nagle, HoldsASmallSegmentBehindAnother) {
  Peer peer;
  peer.establish();
  peer.sends(10);
  peer.hears({.length = 10});
  peer.sends(20);
  peer.sends(30);
  peer.hears_nothing();
  peer.says({});
  peer.hears({.flags = "P.", .seq = 10, .length = 50});
}

TEST(Nagle, DoesNotHoldFullSegments) {
  Peer peer;
  peer.establish();
  peer.sends(10);
  peer.hears({.length = 10});
  peer.sends(1500);
  peer.hears({.seq = 10, .length = 1460});
  peer.hears_nothing();
}

TEST(Nagle, LetsTheLastPieceFollowFullSegments) {
  Peer peer;
  peer.establish();
  peer.sends(2000);
  peer.hears({.length = 1460});
  peer.hears({.flags = "P.", .length = 540});
}

TEST(Nagle, MayBeSwitchedOff) {
  Peer peer;
  peer.establish();
  peer.connection().set_no_delay(true);
  for (int i = 0; i < 3; ++i) {
    peer.sends(10);
    peer.hears({.flags = "P.", .seq = 10 * i, .length = 10});
  }
}

TEST(Nagle, SwitchingItOffSendsWhatWasHeld) {
  Peer peer;
  peer.establish();
  peer.sends(10);
  peer.sends(10);
  peer.ignores_all();
  peer.connection().set_no_delay(true);
  peer.context().out->flush();
  peer.hears({.seq = 10, .length = 10});
}

TEST(Nagle, IsSetByTheSettings) {
  Peer peer{{.settings = {.nagle = false}}};
  peer.establish();
  peer.sends(10);
  peer.sends(10);
  EXPECT_EQ(peer.heard(), 2U);
}

TEST(Nagle, DoesNotHoldTheLastSegmentBeforeAFin) {
  Peer peer;
  peer.establish();
  peer.sends(10);
  peer.hears({.length = 10});
  peer.sends(20);
  peer.connection().shutdown();
  peer.context().out->flush();
  peer.hears({.flags = "FP.", .seq = 10, .length = 20});
}

TEST(SendWindow, IsFilledAndNotExceeded) {
  Peer peer{{.window = 4000}};
  peer.establish();
  peer.sends(10000);
  peer.hears({.seq = 0, .length = 1460});
  peer.hears({.seq = 1460, .length = 1460});
  peer.hears_nothing();  // 1080 left: a silly segment
  peer.says({.ack = 1460, .window = 4000});
  peer.hears({.seq = 2920, .length = 1460});
}

TEST(SendWindow, HalfOfTheLargestWindowIsWorthASegment) {
  Peer peer{{.window = 1000}};
  peer.establish();
  peer.sends(5000);
  peer.hears({.length = 1000});
  peer.says({.ack = 1000, .window = 499});
  peer.hears_nothing();
  peer.says({.ack = 1000, .window = 500});
  peer.hears({.seq = 1000, .length = 500});
}

TEST(SendWindow, SillyWindowIsNotWaitedOutForEver) {
  Peer peer{{.window = 1000}};
  peer.establish();
  peer.sends(5000);
  peer.hears({.length = 1000});
  peer.says({.ack = 1000, .window = 100});
  peer.hears_nothing();
  peer.advance(1000);
  peer.hears({.seq = 1000, .length = 100});
}

TEST(SendWindow, MayShrinkBelowWhatIsSent) {
  Peer peer{{.window = 10000}};
  peer.establish();
  peer.sends(8000);
  peer.ignores_all();
  peer.says({.ack = 1460, .window = 100});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.snd_wnd, 100U);
  peer.says({.ack = 8000, .window = 10000});
  peer.sends(10);
  peer.hears({.seq = 8000, .length = 10});
}

TEST(SendWindow, OlderSegmentDoesNotChangeIt) {
  Peer peer;
  peer.establish();
  peer.says({.seq = 100, .length = 10, .window = 3000});
  peer.says({.seq = 0, .length = 10, .window = 9000});  // left of WL1
  EXPECT_EQ(peer.tcb.snd_wnd, 3000U);
}

TEST(SendWindow, LargestSeenIsRemembered) {
  Peer peer{{.scale = 4}};
  peer.establish();
  peer.says({.window = 10000});
  peer.says({.window = 10});
  EXPECT_EQ(peer.tcb.max_snd_wnd, 10000);
}

}  // namespace
}  // namespace weir::test
