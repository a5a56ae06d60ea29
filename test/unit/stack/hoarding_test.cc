// Peers that keep what they have opened, and never let go of it by themselves.
#include "under_attack.h"

namespace weir::testing {
namespace {

class Hoarding : public UnderAttack {
 protected:
  static constexpr std::uint16_t kFirst = 7000;
  static constexpr std::uint16_t kConnections = 40;

  // Number i of the attacker's connections expects this next.
  void open_many(std::uint16_t count = kConnections) {
    for (std::uint16_t i = 0; i < count; ++i)
      next.push_back(attacker_opens(1460, static_cast<std::uint16_t>(kFirst + i)));
    accept_all();
    ASSERT_EQ(taken.size(), count);
  }
  void each_says(std::uint8_t flags, SeqNum at, std::uint32_t acknowledged, std::uint16_t window = 20000) {
    for (std::uint16_t i = 0; i < next.size(); ++i) {
      Segment said = hostile(flags, at, next[i] + acknowledged, static_cast<std::uint16_t>(kFirst + i));
      said.window = UnscaledWindow{window};
      peer.send(said);
    }
    peer.take();
  }
  void each_says_text(SeqNum at) {
    for (std::uint16_t i = 0; i < next.size(); ++i)
      peer.send(hostile(kAck, at, next[i], static_cast<std::uint16_t>(kFirst + i)), std::vector<std::uint8_t>(1, 'x'));
    peer.take();
  }
  void close_all() {
    for (const ConnectionId id : std::exchange(taken, {})) peer.host().close(id);
    peer.collect();
    peer.take();
  }

  std::vector<SeqNum> next;
};
INSTANTIATE_TEST_SUITE_P(Families, Hoarding, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

// Ours is closed, theirs never will be.
TEST_P(Hoarding, FinWait2EndsAfterItsTimeout) {
  open_many();
  close_all();
  each_says(kAck, SeqNum{1}, 1);
  ASSERT_EQ(peer.host().connections_in(tcp::State::kFinWait2), kConnections);
  peer.advance(tcp::Settings{}.fin_wait_2_timeout + 1s);
  EXPECT_EQ(peer.host().connections_in(tcp::State::kFinWait2), 0U);
  EXPECT_EQ(in_use("connections"), 1U) << "the victim's";
  EXPECT_EQ(counted(Counter::kTimeoutsGivenUp), kConnections);
  expect_victim_unharmed();
  expect_everything_given_back();
}

// They close, and hear nothing of our text and our FIN.
TEST_P(Hoarding, ClosesThatAreNeverAcknowledgedEnd) {
  open_many();
  each_says(kFin | kAck, SeqNum{1}, 0);
  ASSERT_EQ(peer.host().connections_in(tcp::State::kCloseWait), kConnections);
  for (const ConnectionId id : taken) gives(id, 3000);
  close_all();
  ASSERT_EQ(peer.host().connections_in(tcp::State::kLastAck), kConnections);
  peer.advance(20min);
  EXPECT_EQ(peer.host().connections_in(tcp::State::kLastAck), 0U);
  EXPECT_EQ(counted(Counter::kTimeoutsGivenUp), kConnections);
  expect_victim_unharmed();
  expect_everything_given_back();
}

// sockstress: all that is sent to them stays here. While packets run out they are given up, and only then.
TEST_P(Hoarding, WindowsHeldShutAreGivenUpWhilePacketsRunOut) {
  open_many(20);
  const std::uint32_t low = peer.packets().capacity() / 8;
  for (int turn = 0; turn < 100 && peer.packets().available() > low * 3 / 4; ++turn)
    gives(taken[static_cast<std::size_t>(turn) % taken.size()], 30'000);
  each_says(kAck, SeqNum{1}, 0, 0);
  ASSERT_LT(peer.packets().available(), low);
  for (int second = 0; second < 200 && peer.packets().available() < low; ++second) {
    peer.advance(1s);
    each_says(kAck, SeqNum{1}, 0, 0);
    if (second == 50) {
      EXPECT_EQ(counted(Counter::kZeroWindowsGivenUp), 0U) << "a minute is theirs";
    }
  }
  EXPECT_GT(counted(Counter::kZeroWindowsGivenUp), 0U);
  EXPECT_GE(peer.packets().available(), low);
  expect_victim_unharmed();
  expect_everything_given_back();
}

// The same with text of theirs that our application does not read: their window closes, and that is all they may hold.
TEST_P(Hoarding, TextThatNobodyReadsIsBoundedByTheWindow) {
  open_many(1);
  const std::uint32_t before = peer.packets().available();
  SeqNum at{1};
  for (int i = 0; i < 1000; ++i) {
    peer.send(hostile(kAck, at, next[0], kFirst), std::vector<std::uint8_t>(1400, 'x'));
    at += 1400;
    peer.take();
  }
  EXPECT_LE(before - peer.packets().available(), tcp::Settings{}.receive_buffer_initial / 1400 + 1);
  EXPECT_GT(counted(Counter::kOutOfWindow), 700U);
  expect_victim_unharmed();
  expect_everything_given_back();
}

// A window of a few bytes, opened again and again: no stream of tiny segments comes of it.
TEST_P(Hoarding, WindowsOfAFewBytesAreNotFilledByTinySegments) {
  open_many(1);
  gives(taken[0], 100'000);
  std::uint32_t got = 0;
  for (const Answer& answer : peer.take()) got += static_cast<std::uint32_t>(answer.payload.size());
  const std::uint64_t sent = counted(Counter::kSegmentsOut);
  for (int i = 0; i < 1000; ++i) each_says(kAck, SeqNum{1}, got, static_cast<std::uint16_t>(1 + i % 7));
  EXPECT_LE(counted(Counter::kSegmentsOut) - sent, 2U);
  peer.advance(10s);
  EXPECT_LE(counted(Counter::kSegmentsOut) - sent, 12U) << "by the timer, with back-off";
  expect_victim_unharmed();
  expect_everything_given_back();
}

// Each within its own bound: together they would have every packet there is, for as long as they like.
TEST_P(Hoarding, TextBeyondHolesOfManyLeavesPacketsForOthers) {
  open_many();
  for (std::uint32_t i = 0; i < 200; ++i) each_says_text(SeqNum{2 + 2 * i});
  EXPECT_GE(peer.packets().available(), peer.packets().capacity() / 8 - kConnections);
  EXPECT_GT(counted(Counter::kOutOfOrderDropped), 0U);
  expect_victim_unharmed();
  expect_everything_given_back();
}

// RFC 1337, RFC 5961: what is forged neither ends TIME-WAIT nor stirs it.
TEST_P(Hoarding, TimeWaitIsNotAssassinated) {
  open_many(1);
  close_all();
  each_says(kFin | kAck, SeqNum{1}, 1);
  ASSERT_EQ(peer.host().connections_in(tcp::State::kTimeWait), 1U);
  const std::uint64_t sent = counted(Counter::kSegmentsOut);
  Random random{5};
  for (int i = 0; i < 1000; ++i) {
    peer.send(hostile(kRst, SeqNum{static_cast<std::uint32_t>(i)}, {}, kFirst));
    peer.send(hostile(kSyn, SeqNum{2} - static_cast<std::uint32_t>(1 + i), {}, kFirst));
    const SeqNum any{static_cast<std::uint32_t>(random.next())};
    peer.send(hostile(kAck, any, any, kFirst));
  }
  EXPECT_EQ(counted(Counter::kTimeWaitResets), 1000U);
  EXPECT_EQ(peer.host().connections_in(tcp::State::kTimeWait), 1U);
  EXPECT_LT(counted(Counter::kSegmentsOut) - sent, 1000U) << "challenges have a budget";
  EXPECT_GT(counted(Counter::kChallengeAcksLimited), 0U);
  peer.take();
  peer.send(hostile(kFin | kAck, SeqNum{1}, next[0] + 1, kFirst));  // the peer's, whose last ACK was lost
  EXPECT_EQ(peer.take().size(), 1U);
  expect_victim_unharmed();
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::testing
