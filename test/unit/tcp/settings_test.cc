// Settings that change what a connection does and have no page of their own.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

TEST(QuickAck, AnswersTheFirstSegmentsAtOnce) {
  Peer peer{{.settings = {.quick_acks = 3}}};
  peer.establish();
  for (int i = 1; i <= 3; ++i) {
    peer.says({.length = 100});
    peer.hears({.flags = ".", .ack = 100 * i});
  }
  peer.says({.length = 100});
  peer.hears_nothing();
  peer.advance(40);
  peer.hears({.ack = 400});
}

TEST(QuickAck, IsOffByDefault) {
  Peer peer;
  peer.establish_passive();
  peer.says({.length = 100});
  peer.hears_nothing();
}

TEST(PeerMss, SmallestMayBeSet) {
  Peer peer{{.settings = {.peer_mss_min = 200}, .mss = 100}};
  peer.establish();
  EXPECT_EQ(peer.tcb.mss, 200);
}

TEST(PeerMss, LargestMayBeSet) {
  Peer active{{.settings = {.peer_mss_max = 1200}}};
  active.establish();
  EXPECT_EQ(active.tcb.mss, 1200);
  Peer passive{{.settings = {.peer_mss_max = 1200}}};
  passive.establish_passive();
  EXPECT_EQ(passive.tcb.mss, 1200);
}

TEST(WindowScaleSetting, IsFixedOrFollowsTheBuffer) {
  Peer fixed{{.settings = {.receive_buffer = 262144, .window_scale_shift = 9}, .scale = 0}};
  fixed.open();
  EXPECT_EQ(fixed.next().options.window_scale->shift(), 9);
  Peer following{{.settings = {.receive_buffer = 262144}, .scale = 0}};
  following.open();
  EXPECT_EQ(following.next().options.window_scale->shift(), 3);
}

TEST(WindowScaleSetting, ThatIsTooSmallBoundsTheWindow) {
  Peer peer{{.settings = {.receive_buffer = 262144, .window_scale_shift = 0}, .scale = 0}};
  peer.establish();
  peer.says({.length = 1});
  peer.advance(40);
  peer.hears({.window = 65535});
}

TEST(R1, MayBeSet) {
  Peer peer{{.settings = {.r1_retries = 1}}};
  peer.establish();
  peer.sends(100);
  peer.advance(200);
  EXPECT_EQ(peer.take_events(), tcp::kSoftError);
  peer.ignores_all();
}

TEST(PersistMax, BoundsTheTimeBetweenProbes) {
  Peer peer{{.settings = {.persist_max = 500ms}, .window = 0}};
  peer.establish();
  peer.sends(100);
  peer.advance(200 + 400);
  EXPECT_EQ(peer.heard(), 2U);
  peer.ignores_all();
  for (int i = 0; i < 5; ++i) {
    peer.advance(499);
    peer.hears_nothing();
    peer.advance(1);
    peer.hears({.seq = 0, .length = 1});
  }
}

TEST(TimeoutAfterLostSyn, MayBeSet) {
  Peer peer{{.settings = {.rto_after_lost_syn = 1500ms}}};
  peer.open();
  peer.advance(1000);
  peer.ignores_all();
  peer.says({.flags = "S.", .ack = 0});
  peer.ignores_all();
  EXPECT_EQ(peer.connection().retransmit_timeout(), 1500ms);
}

}  // namespace
}  // namespace weir::test
