// Paths that take less than their ends: silence where an error should come, what others learnt, and trying again.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

TEST(BlackHole, SmallerSegmentsAreTriedAfterTwoTimeouts) {
  Peer peer;
  peer.establish();
  peer.sends(5000);
  peer.ignores_all();
  const struct {
    unsigned timeout, length;
  } kTries[] = {{200, 1460}, {400, 1460}, {800, 1240}, {1600, 1240}, {3200, 512}, {6400, 512}};
  for (const auto& attempt : kTries) {
    peer.advance(attempt.timeout);
    peer.hears({.seq = 0, .length = attempt.length});
    peer.hears_nothing();
  }
  EXPECT_EQ(peer.counted(Counter::kBlackHoles), 2U);
}

TEST(BlackHole, OfIpv6EndsAtTheSmallestMtu) {
  Peer peer{{.family = Family::kIpv6, .mss = 1440}};
  peer.establish();
  peer.sends(5000);
  peer.ignores_all();
  peer.advance(200 + 400 + 800 + 1600 + 3200);
  EXPECT_EQ(peer.tcb.mss, 1220);
  EXPECT_EQ(peer.counted(Counter::kBlackHoles), 1U);
  peer.ignores_all();
}

TEST(BlackHole, SmallSegmentsThatAreLostMakeNothingSmaller) {
  Peer peer;
  peer.establish();
  peer.sends(500);
  peer.advance(200 + 400 + 800 + 1600);
  EXPECT_EQ(peer.tcb.mss, 1460);
  peer.ignores_all();
}

TEST(BlackHole, TextGoesThroughInSmallerPieces) {
  Peer peer;
  peer.establish();
  peer.sends(2920);
  peer.ignores_all();
  peer.advance(200 + 400 + 800);
  peer.ignores_all();
  peer.says({.ack = 1240});
  peer.hears({.seq = 1240, .length = 1240});
  peer.hears({.seq = 2480, .length = 440});
  peer.says({.ack = 2920});
  peer.hears_nothing();
  EXPECT_EQ(peer.snd_una(), 2920);
}

TEST(BlackHole, FullSizeIsTriedAgainLater) {
  Peer peer{{.settings = {.path_mtu_life = 60s}}};
  peer.establish();
  peer.sends(2920);
  peer.advance(200 + 400 + 800);
  peer.ignores_all();
  peer.says({.ack = 2920});
  peer.ignores_all();
  peer.advance(59'000);
  EXPECT_EQ(peer.tcb.mss, 1240);
  peer.advance(1'000);
  EXPECT_EQ(peer.tcb.mss, 1460);
  EXPECT_FALSE(peer.has_cold()) << "nothing is left to be remembered";
}

TEST(BlackHole, IsNotSuspectedWhereSwitchedOff) {
  Peer peer{{.settings = {.black_hole_retries = 0}}};
  peer.establish();
  peer.sends(5000);
  peer.advance(200 + 400 + 800 + 1600);
  EXPECT_EQ(peer.tcb.mss, 1460);
  peer.ignores_all();
}

TEST(PathMtu, ToldByIcmpIsForgottenAfterItsLife) {
  Peer peer;
  peer.establish();
  peer.sends(2920);
  peer.connection().on_path_mtu(1000);
  peer.context().out->flush();
  peer.ignores_all();
  peer.says({.ack = 2920});
  peer.advance(600'000 - 1);
  EXPECT_EQ(peer.tcb.mss, 960);
  peer.advance(1);
  EXPECT_EQ(peer.tcb.mss, 1460);
}

TEST(PathMtu, FullSizeComesBackThoughItShrankTwice) {
  Peer peer;
  peer.establish();
  peer.connection().on_path_mtu(1000);
  peer.connection().on_path_mtu(700);
  EXPECT_EQ(peer.tcb.mss, 660);
  peer.advance(600'000);
  EXPECT_EQ(peer.tcb.mss, 1460);
}

TEST(PathMtu, KnownOfThePathCountsFromTheStart) {
  for (const bool is_passive : {false, true}) {
    Peer peer;
    PathMtuCache known{16, SipKey{1, 2}};
    peer.context().path_mtus = &known;
    known.learn(peer.tcb.remote, 1400, peer.context().now);
    is_passive ? peer.establish_passive() : peer.establish();
    EXPECT_EQ(peer.tcb.mss, 1360);
    peer.sends(2000);
    peer.hears({.seq = 0, .length = 1360});
    peer.ignores_all();
    peer.says({.ack = 2000});
    peer.advance(600'000);
    EXPECT_EQ(peer.tcb.mss, 1460);
  }
}

TEST(PathMtu, OfAnotherPathIsNotOurs) {
  Peer peer;
  PathMtuCache known{16, SipKey{1, 2}};
  peer.context().path_mtus = &known;
  known.learn(*IpAddress::parse("192.0.2.77"), 1000, peer.context().now);
  peer.establish();
  EXPECT_EQ(peer.tcb.mss, 1460);
}

}  // namespace
}  // namespace weir::test
