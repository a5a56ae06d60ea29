// Keep-alive (RFC 9293 §3.8.4).
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

class KeepAlive : public ::testing::Test {
 protected:
  KeepAlive()
      : peer{
            {.settings = {.keepalive_idle = 10s, .keepalive_interval = 2s, .keepalive_probes = 3, .keepalive = true}}} {
    peer.establish();
  }
  void hears_probe() { peer.hears({.flags = ".", .seq = peer.snd_nxt() - 1, .length = 0}); }
  Peer peer;
};

TEST_F(KeepAlive, ProbesAfterTheIdleTimeThenByInterval) {
  peer.advance(9999);
  peer.hears_nothing();
  peer.advance(1);
  hears_probe();
  peer.advance(2000);
  hears_probe();
  peer.advance(2000);
  hears_probe();
}

TEST_F(KeepAlive, UnansweredProbesEndTheConnection) {
  peer.advance(15'999);
  EXPECT_EQ(peer.heard(), 3U);
  peer.ignores_all();
  peer.advance(1);
  peer.hears({.flags = "R."});
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kKeepAlive);
}

TEST_F(KeepAlive, AnAnswerStartsTheIdleTimeAnew) {
  peer.advance(12'000);
  peer.ignores_all();
  peer.says({});
  peer.advance(9999);
  peer.hears_nothing();
  peer.advance(1);
  hears_probe();
}

TEST_F(KeepAlive, IsQuietWhileTextIsOutstanding) {
  peer.advance(9900);
  peer.sends(100);
  peer.hears({.length = 100});
  peer.advance(150);
  peer.hears_nothing();
}

TEST_F(KeepAlive, OneLostProbeIsNotDeath) {
  peer.advance(14'000);
  peer.says({});
  EXPECT_EQ(peer.tcb.probes, 0);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.ignores_all();
}

// All intervals are over at once; the simulation found it (a clock that jumps).
TEST_F(KeepAlive, AHostThatSleptGivesItsPeerTimeToAnswer) {
  peer.context().now += 60s;
  peer.advance(0);
  hears_probe();
  peer.advance(1999);
  peer.hears_nothing();
  peer.advance(1);
  hears_probe();
  peer.says({});
  peer.advance(9999);
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
}

TEST_F(KeepAlive, MayBeSwitchedOff) {
  peer.connection().set_keep_alive(false);
  EXPECT_FALSE(peer.connection().next_deadline());
}

TEST(KeepAliveDefault, IsOffAndTwoHours) {
  Peer peer;
  peer.establish();
  EXPECT_FALSE(peer.connection().next_deadline());
  peer.connection().set_keep_alive(true);
  peer.advance(7'199'999);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.flags = ".", .seq = -1});
}

TEST(KeepAlivePeer, ProbesAreAnswered) {
  Peer peer;
  peer.establish();
  peer.says({.seq = -1});
  peer.hears({.flags = ".", .ack = 0});
  peer.advance(75'000);
  peer.says({.seq = -1, .length = 1});
  peer.hears({.flags = ".", .ack = 0});
}

}  // namespace
}  // namespace weir::test
