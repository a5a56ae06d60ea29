// The congestion window of a connection: which algorithm, what loss and idle time do to it, and what is remembered.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

constexpr std::int64_t kMss = 1460;

// Ten segments in flight; three duplicates tell that the first one was lost.
void lose_first_of_ten(Peer& peer) {
  peer.establish();
  peer.sends(40 * kMss);
  peer.ignores_all();
  for (int i = 0; i < 3; ++i) peer.says({.ack = 0});
  peer.ignores_all();
}

TEST(CongestionChoice, CubicKeepsSevenTenthsOfTheFlight) {
  Peer peer;
  lose_first_of_ten(peer);
  EXPECT_EQ(peer.tcb.ssthresh, 7U * kMss);
  EXPECT_EQ(peer.congestion().cubic.epoch.w_max, 10U * kMss);
}

TEST(CongestionChoice, NewRenoKeepsHalf) {
  Peer peer{{.settings = newreno()}};
  lose_first_of_ten(peer);
  EXPECT_EQ(peer.tcb.ssthresh, 5U * kMss);
  EXPECT_FALSE(peer.has_congestion());
}

TEST(CongestionChoice, WithoutMemoryForCubicItIsNewReno) {
  Peer peer{{.congestion_blocks = 0}};
  lose_first_of_ten(peer);
  EXPECT_EQ(peer.tcb.ssthresh, 5U * kMss);
}

TEST(CongestionChoice, TimeoutKeepsSevenTenthsWithCubicAndStartsWithoutAMaximum) {
  Peer peer;
  peer.establish();
  peer.sends(40 * kMss);
  peer.ignores_all();
  peer.advance(1000);
  EXPECT_EQ(peer.tcb.ssthresh, 7U * kMss);
  EXPECT_EQ(peer.tcb.cwnd, 1U * kMss);
  EXPECT_EQ(peer.congestion().cubic.epoch.w_max, 0U);
  peer.ignores_all();
}

TEST(CongestionChoice, CubicGrowsByBytesAtOnceWhereRenoWaitsForAWindow) {
  for (const bool is_cubic : {true, false}) {
    Peer peer{{.settings = is_cubic ? tcp::Settings{} : newreno()}};
    peer.establish();
    peer.tcb.ssthresh = peer.tcb.cwnd;
    peer.sends(200'000);
    for (int i = 1; i <= 9; ++i) peer.says({.ack = i * kMss});
    EXPECT_EQ(peer.tcb.cwnd > 14600U, is_cubic);
    peer.says({.ack = 10 * kMss});
    EXPECT_NEAR(peer.tcb.cwnd, 14600 + kMss, kMss / 10);
    peer.ignores_all();
  }
}

// The window is in use: `rounds` of them acknowledged one by one, `round_trip` apart.
void run(Peer& peer, int rounds, std::uint32_t round_trip) {
  for (int i = 0; i < rounds; ++i) {
    peer.sends(400'000);
    peer.advance(round_trip);
    const std::int64_t edge = peer.snd_nxt();
    while (peer.snd_una() < edge) peer.says({.ack = std::min(edge, peer.snd_una() + kMss)});
    peer.ignores_all();
  }
}

TEST(HyStartInSlowStart, LongerRoundTripsEndItWithoutLoss) {
  Peer peer{{.settings = {.send_buffer = 1'000'000}, .packets = 4095, .scale = 7}};
  peer.establish();
  run(peer, 2, 20);
  run(peer, 1, 30);  // in which the last ACKs of the round before still count
  EXPECT_EQ(peer.tcb.ssthresh, 0xffff'ffffU);
  const std::uint32_t before = peer.tcb.cwnd;
  run(peer, 1, 30);
  EXPECT_LT(peer.tcb.cwnd, before + before / 2);  // a quarter of slow start's growth
  run(peer, 5, 30);
  EXPECT_LE(peer.tcb.ssthresh, peer.tcb.cwnd);
  EXPECT_EQ(peer.counted(Counter::kHyStartExits), 1U);
}

TEST(HyStartInSlowStart, CanBeSwitchedOff) {
  Peer peer{{.settings = {.send_buffer = 1'000'000, .hystart = false}, .packets = 4095, .scale = 7}};
  peer.establish();
  run(peer, 3, 20);
  run(peer, 2, 60);
  EXPECT_EQ(peer.tcb.ssthresh, 0xffff'ffffU);
  EXPECT_EQ(peer.counted(Counter::kHyStartExits), 0U);
}

TEST(HyStartInSlowStart, IsNotUsedAfterATimeout) {
  Peer peer{{.scale = 7}};
  peer.establish();
  peer.sends(20 * kMss);
  peer.advance(1000);
  peer.ignores_all();
  peer.says({.ack = 5 * kMss});
  peer.ignores_all();
  ASSERT_LT(peer.tcb.cwnd, peer.tcb.ssthresh);
  EXPECT_FALSE(peer.congestion().hystart.runs);
}

TEST(SlowStart, GrowthOfOneAckIsASetting) {
  for (const auto& [segments, pacing, most] : {std::tuple{0, false, 2}, {0, true, 8}, {1, false, 1}, {5, true, 5}}) {
    tcp::Settings settings;
    settings.slow_start_segments = static_cast<std::uint8_t>(segments);
    settings.pacing = pacing;
    Peer peer{{.settings = settings}};
    peer.establish();
    peer.sends(200'000);
    peer.advance(20);
    peer.says({.ack = 10 * kMss});
    EXPECT_EQ(peer.tcb.cwnd, 14600U + static_cast<unsigned>(most * kMss)) << segments << pacing;
    peer.ignores_all();
  }
}

TEST(CongestionMemory, StaysWhileMoreMayFollowAndGoesWithTheIdleTime) {
  Peer peer{{.settings = {.user_timeout = tcp::milliseconds{500}}}};  // which idle time is not
  lose_first_of_ten(peer);
  peer.says({.ack = peer.snd_nxt()});
  run(peer, 1, 20);
  while (peer.snd_una() < 40 * kMss + 400'000 && peer.snd_una() != peer.snd_nxt()) peer.says({.ack = peer.snd_nxt()});
  peer.ignores_all();
  ASSERT_EQ(peer.snd_una(), peer.snd_nxt());
  EXPECT_TRUE(peer.has_congestion());
  peer.advance(1000);
  EXPECT_FALSE(peer.has_cold());
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.hears_nothing();
}

TEST(CongestionMemory, IsNotKeptOnceNothingMoreCanBeSent) {
  Peer peer;
  lose_first_of_ten(peer);
  peer.connection().shutdown();
  while (peer.snd_una() != peer.snd_nxt()) peer.says({.ack = peer.snd_nxt()});
  peer.ignores_all();
  EXPECT_FALSE(peer.has_cold());
}

TEST(IdleRestart, RemembersWhereSlowStartShouldEnd) {
  Peer peer;
  peer.establish();
  peer.tcb.cwnd = 100'000;
  peer.tcb.ssthresh = 20'000;
  peer.advance(1001);
  peer.sends(1000);
  EXPECT_EQ(peer.tcb.cwnd, 14600U);
  EXPECT_EQ(peer.tcb.ssthresh, 75'000U);
  EXPECT_EQ(peer.counted(Counter::kIdleRestarts), 1U);
  peer.ignores_all();
}

}  // namespace
}  // namespace weir::test
