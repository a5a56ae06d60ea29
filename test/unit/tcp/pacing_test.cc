// Pacing: segments spread over the round trip, on a clock of one millisecond.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

constexpr std::int64_t kMss = 1460;
constexpr std::uint32_t kRoundTripMs = 100;

class Pacing : public ::testing::Test {
 protected:
  explicit Pacing(bool on = true) : peer{options_of(on)} {
    peer.open();
    peer.ignores_all();
    peer.advance(kRoundTripMs);
    peer.says({.flags = "S.", .ack = 0});
    peer.ignores_all();
  }
  static PeerOptions options_of(bool on) {
    PeerOptions options;
    options.settings.pacing = on;
    options.scale = 7;
    return options;
  }
  // Segments that left in each of the next milliseconds.
  std::vector<std::size_t> trace(unsigned milliseconds) {
    std::vector<std::size_t> sent{peer.heard()};
    peer.ignores_all();
    for (unsigned i = 0; i < milliseconds; ++i) {
      peer.advance(1);
      sent.push_back(peer.heard());
      peer.ignores_all();
    }
    return sent;
  }
  static std::size_t sum(const std::vector<std::size_t>& counts) {
    std::size_t total = 0;
    for (const std::size_t count : counts) total += count;
    return total;
  }
  Peer peer;
};

class NoPacing : public Pacing {
 protected:
  NoPacing() : Pacing(false) {}
};

TEST_F(NoPacing, IsTheDefaultAndSendsTheWindowAtOnce) {
  EXPECT_FALSE(tcp::Settings{}.pacing);
  peer.sends(10 * kMss);
  EXPECT_EQ(peer.heard(), 10U);
  peer.ignores_all();
}

TEST_F(Pacing, SpreadsTheWindowOverHalfTheRoundTripInSlowStart) {
  peer.sends(10 * kMss);
  const auto sent = trace(kRoundTripMs / 2);
  EXPECT_EQ(sum(sent), 10U);
  EXPECT_LE(sent[0], 2U);
  for (const std::size_t count : sent) EXPECT_LE(count, 2U);
  EXPECT_GE(peer.counted(Counter::kPacingWaits), 8U);
}

TEST_F(Pacing, IsSlowerInAvoidance) {
  peer.tcb.ssthresh = peer.tcb.cwnd;
  peer.sends(10 * kMss);
  EXPECT_LE(sum(trace(kRoundTripMs / 2)), 8U);  // 1.2 windows a round trip
  EXPECT_GE(sum(trace(kRoundTripMs / 2)), 1U);
  EXPECT_EQ(peer.snd_nxt(), 10 * kMss);
}

TEST_F(Pacing, LargeWindowLeavesInSmallBursts) {
  peer.says({});  // opens the window: that of a SYN is not scaled
  peer.tcb.cwnd = 100 * kMss;
  peer.sends(100 * kMss);
  const auto sent = trace(kRoundTripMs);
  EXPECT_EQ(sum(sent), 100U);
  for (const std::size_t count : sent) EXPECT_LE(count, 4U);  // two a millisecond, and rounding
}

TEST_F(Pacing, HoldsNoRepeatedFirstSegmentBack) {
  peer.sends(10 * kMss);
  peer.ignores_all();
  peer.advance(1000);
  EXPECT_GE(peer.counted(Counter::kRetransmitTimeouts), 1U);
  peer.ignores_all();
}

TEST_F(Pacing, WakesUpForNothingOnceAllIsSent) {
  peer.sends(3 * kMss);
  peer.advance(50);
  peer.ignores_all();
  peer.says({.ack = 3 * kMss});
  const auto deadline = peer.connection().next_deadline();
  EXPECT_TRUE(!deadline || deadline->since(peer.context().tick()) > 50);
}

TEST_F(Pacing, PauseLeavesNoCreditAndNoDebt) {
  peer.sends(kMss);
  peer.says({.ack = kMss});
  peer.ignores_all();
  peer.context().now += std::chrono::minutes{50};  // the microseconds wrapped, and stand half a turn away
  peer.sends(10 * kMss);
  const auto sent = trace(kRoundTripMs);
  EXPECT_EQ(sum(sent), 10U);
  EXPECT_LE(sent[0], 2U);
}

}  // namespace
}  // namespace weir::test
