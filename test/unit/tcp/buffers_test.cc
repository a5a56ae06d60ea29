// Buffers that grow with the path: what is announced to a sender, and what is taken from an application.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

constexpr std::uint32_t kInitial = 16 * 1024;
constexpr std::uint32_t kLargest = 128 * 1024;
constexpr std::uint64_t kRoundTripMs = 20;
constexpr std::uint32_t kNotYetShown = 4 * 1460;  // read, but no ACK was due that would say so

class ReceiveGrowth : public ::testing::Test {
 protected:
  void establish() {
    peer.open();
    peer.ignores_all();
    peer.advance(kRoundTripMs);
    peer.says({.flags = "S.", .ack = 0});
    peer.ignores_all();
  }
  std::uint32_t window() const { return peer.tcb.rcv_adv.since(peer.tcb.rcv_nxt); }
  void fill() {
    while (window() > 0) peer.says({.length = std::min(window(), 1460U)});
    peer.ignores_all();
  }
  // The peer fills the window in a round trip; the application reads `share` of what is there.
  void round(double share) {
    for (std::uint32_t left = window(); left > 0;) {
      const std::uint32_t length = std::min(left, 1460U);
      peer.says({.length = length});
      left -= length;
      if (share == 1) peer.reads(length);
    }
    if (share < 1) peer.reads(static_cast<std::uint32_t>(share * peer.connection().readable()));
    peer.ignores_all();
    peer.advance(kRoundTripMs);
    peer.ignores_all();
  }

  Peer peer{{.settings = {.receive_buffer_initial = kInitial, .receive_buffer = kLargest}, .scale = 5}};
};

TEST_F(ReceiveGrowth, FollowsWhatTheApplicationReadsUpToItsBound) {
  establish();
  round(1);
  EXPECT_NEAR(window(), kInitial, kNotYetShown) << "one round trip has to pass";
  for (int i = 0; i < 2; ++i) round(1);
  EXPECT_GT(window(), kInitial * 3 / 2);
  for (int i = 0; i < 7; ++i) round(1);
  EXPECT_NEAR(window(), kLargest, kNotYetShown);
  EXPECT_LE(window(), kLargest);
  EXPECT_GT(peer.counted(Counter::kReceiveWindowsGrown), 2U);
}

TEST_F(ReceiveGrowth, IsNotForAnApplicationThatReadsSlowly) {
  establish();
  for (int i = 0; i < 20; ++i) round(0.1);
  EXPECT_EQ(peer.counted(Counter::kReceiveWindowsGrown), 0U);
  EXPECT_LE(peer.connection().readable() + window(), kInitial);
}

TEST_F(ReceiveGrowth, IsNotForAWindowsWorthInTenRoundTrips) {
  establish();
  for (int i = 0; i < 5; ++i) {
    fill();
    peer.advance(10 * kRoundTripMs);
    peer.reads(peer.connection().readable());
  }
  EXPECT_EQ(peer.counted(Counter::kReceiveWindowsGrown), 0U);
  EXPECT_LE(window(), kInitial);
  peer.ignores_all();
}

TEST_F(ReceiveGrowth, IsForgottenWhereSomethingStaysUnread) {
  establish();
  for (int i = 0; i < 10; ++i) round(1);
  peer.says({.length = 1460});
  peer.advance(11'000);
  EXPECT_GT(window(), kInitial * 2) << "what was announced counts";
  fill();
  peer.reads(peer.connection().readable());
  EXPECT_NEAR(window(), kInitial, 1460);
  peer.ignores_all();
}

TEST_F(ReceiveGrowth, NeverMovesTheRightEdgeBackWhenItIsForgotten) {
  establish();
  for (int i = 0; i < 10; ++i) round(1);
  const SeqNum edge = peer.tcb.rcv_adv;
  peer.advance(11'000);
  EXPECT_FALSE(peer.has_cold()) << "an idle connection holds no history";
  EXPECT_EQ(peer.tcb.rcv_adv, edge);
  peer.says({.length = 1460});
  peer.says({.length = 1460});
  EXPECT_TRUE(peer.tcb.rcv_adv.at_or_after(edge));
  peer.ignores_all();
}

TEST_F(ReceiveGrowth, StopsWhilePacketsRunLow) {
  establish();
  peer.drain_pool(peer.options.packets / 5);
  for (int i = 0; i < 6; ++i) round(1);
  EXPECT_LE(window(), kInitial);
  EXPECT_GT(peer.counted(Counter::kGrowthRefused), 0U);
  peer.fill_pool();
  for (int i = 0; i < 5; ++i) round(1);
  EXPECT_GT(window(), kInitial + kNotYetShown);
}

TEST(ReceiveBuffer, DoesNotGrowWhereBothBoundsAreEqual) {
  Peer peer{{.settings = {.receive_buffer_initial = kInitial, .receive_buffer = kInitial}}};
  peer.establish();
  for (int i = 0; i < 8; ++i) peer.says({.length = 1460});
  peer.reads(8 * 1460);
  peer.ignores_all();
  EXPECT_FALSE(peer.has_cold()) << "nothing is measured";
}

TEST(SendBuffer, IsTwiceTheCongestionWindowWithinItsBounds) {
  const auto taken = [](std::uint32_t initial, std::uint32_t largest) {
    Peer peer{{.settings = {.send_buffer_initial = initial, .send_buffer = largest}}};
    peer.establish();
    const std::uint32_t bytes = peer.sends(200'000);
    peer.ignores_all();
    return bytes;
  };
  EXPECT_EQ(taken(10'000, 100'000), 2U * 14'600);
  EXPECT_EQ(taken(50'000, 100'000), 50'000U);
  EXPECT_EQ(taken(10'000, 20'000), 20'000U);
}

TEST(SendBuffer, GrowsAsTheCongestionWindowDoes) {
  Peer peer{{.settings = {.send_buffer_initial = 10'000, .send_buffer = 100'000}}};
  peer.establish();
  peer.sends(200'000);
  peer.ignores_all();
  peer.says({});  // all that was heard
  peer.ignores_all();
  EXPECT_GT(peer.tcb.cwnd, 14'600U);
  peer.sends(200'000);
  EXPECT_EQ(peer.connection().unsent_bytes() + peer.connection().unacknowledged_bytes(), 2 * peer.tcb.cwnd);
  peer.ignores_all();
}

TEST(SendBuffer, DoesNotGrowForTinySegments) {
  Peer peer{{.settings = {.send_buffer_initial = 10'000, .send_buffer = 4'000'000}, .mss = 48}};
  peer.establish();
  peer.tcb.cwnd = 1'000'000;
  EXPECT_EQ(peer.connection().send_room(), 4096U * 48);
}

constexpr std::uint32_t kMss = 1460;

TEST(NotSent, IsBoundedInWholeSegments) {
  const auto taken = [](std::uint32_t bound) {
    Peer peer{{.settings = {.notsent_lowat = bound}, .window = 0}};
    peer.establish();
    const std::uint32_t bytes = peer.sends(20'000);
    EXPECT_EQ(peer.connection().send_room(), bytes == 20'000 ? 262'144 - bytes : 0);
    return bytes;
  };
  EXPECT_EQ(taken(5000), 3 * kMss);
  EXPECT_EQ(taken(100), 2 * kMss) << "any packet fits";
  EXPECT_EQ(taken(0), 20'000U) << "no bound";
}

TEST(NotSent, WhatLeavesMakesRoomAtOnce) {
  Peer peer{{.settings = {.notsent_lowat = 3 * kMss}}};
  peer.establish();
  std::uint32_t taken = 0;
  for (int calls = 0; calls < 3; ++calls) {
    taken += peer.sends(20'000);
    EXPECT_EQ(peer.take_events() & tcp::kWritable, tcp::kWritable) << calls;
  }
  while (const std::uint32_t more = peer.sends(20'000)) taken += more;
  EXPECT_EQ(taken, 14'600 + 3 * kMss) << "the congestion window, and what waits for it";
  peer.ignores_all();
  peer.take_events();
  peer.says({.ack = 1, .window = 65535});  // nothing new
  EXPECT_EQ(peer.take_events() & tcp::kWritable, 0);
  peer.says({.ack = kMss, .window = 65535});
  EXPECT_EQ(peer.take_events() & tcp::kWritable, tcp::kWritable);
  peer.ignores_all();
}

TEST(NotSent, LongerPacketIsTakenWhereNothingWaits) {
  Peer peer{{.settings = {.notsent_lowat = 1}, .mss = 300, .window = 0}};
  peer.establish();
  ASSERT_EQ(peer.connection().send_room(), 13U * 300);
  Packet chain = peer.context().packets->copy(std::vector<std::uint8_t>(2000));
  chain.append_chain(peer.context().packets->copy(std::vector<std::uint8_t>(2000)));
  EXPECT_FALSE(peer.connection().send(std::move(chain)));
  EXPECT_FALSE(peer.sends_packet(1));
}

// What lacks room is told of it when there is some, not at once and again: nothing else would ever be done.
TEST(NotSent, WhoIsRefusedIsNotCalledAtOnce) {
  for (const std::uint32_t bound : {3 * kMss, 0U}) {
    Peer peer{{.settings = {.send_buffer = 4096, .notsent_lowat = bound}, .window = 0}};
    peer.establish();
    EXPECT_TRUE(peer.sends_packet(1000));
    EXPECT_TRUE(peer.sends_packet(1100));
    peer.take_events();
    EXPECT_FALSE(peer.sends_packet(2000)) << "1,996 are free, more than a third";
    EXPECT_EQ(peer.take_events() & tcp::kWritable, 0);
    peer.says({.window = 65535});
    peer.ignores_all();
    peer.says({.ack = 2100, .window = 65535});
    EXPECT_EQ(peer.take_events() & tcp::kWritable, tcp::kWritable);
    EXPECT_TRUE(peer.sends_packet(2000));
    peer.ignores_all();
  }
}

// Packets that are handed over need no others: an ACK tells of room for them however few are left.
TEST(NotSent, NobodyIsToldOfRoomThatHasNoPacketsUntilAnAckComes) {
  Peer peer{{.settings = {.notsent_lowat = 3 * kMss}}};
  peer.establish();
  peer.drain_pool(10);
  EXPECT_EQ(peer.sends(1), 0U);
  EXPECT_EQ(peer.take_events() & tcp::kWritable, 0);
  peer.says({});
  EXPECT_EQ(peer.take_events() & tcp::kWritable, tcp::kWritable);
  peer.fill_pool();
}

}  // namespace
}  // namespace weir::test
