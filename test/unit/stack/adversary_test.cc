// What an attacker may do to a host: bounded, counted, and the connection next to it unharmed. docs/adversaries.md
// lists these beside those that single connections stand up to.
#include "rfc_behaviour.h"

namespace weir::testing {
namespace {

using stack::DropReason;
using tcp::Counter;

constexpr std::uint16_t kVictimPort = 4000;
constexpr std::uint16_t kAttackerPort = 6666;

class Adversary : public RfcBehaviour {
 protected:
  void SetUp() override {
    TcpOptions options;
    options.mss = 1460;
    options.sack_permitted = true;
    victim = accepted({}, options);
    peer.take();
  }
  // Text goes through both ways, to the byte.
  void expect_victim_unharmed() {
    peer.take();
    const std::uint32_t unread = peer.host().readable(victim);
    says(kAck | kPsh, RawPeer::kHostPort, 100);
    EXPECT_EQ(peer.host().readable(victim), unread + 100);
    sends(victim, 50);
    const auto answers = peer.take();
    ASSERT_FALSE(answers.empty());
    EXPECT_EQ(answers.back().segment.destination_port, kVictimPort);
    EXPECT_EQ(answers.back().payload, std::vector<std::uint8_t>(50, 'y'));
    EXPECT_EQ(answers.back().segment.ack, seq);
    EXPECT_EQ(state(victim), tcp::State::kEstablished);
    ack += 50;
    says(kAck, RawPeer::kHostPort);
  }
  Segment hostile(std::uint8_t flags, SeqNum at, SeqNum acks = {}) const {
    Segment bad = segment(flags, RawPeer::kHostPort, kAttackerPort);
    bad.seq = at;
    bad.ack = acks;
    return bad;
  }
  // A whole connection of the attacker's; its first byte is number 1.
  SeqNum attacker_opens(std::uint16_t mss) {
    Segment syn = hostile(kSyn, SeqNum{0});
    syn.options.mss = mss;
    syn.options.sack_permitted = true;
    peer.send(syn);
    const SeqNum next = peer.take().at(0).segment.seq + 1;
    peer.send(hostile(kAck, SeqNum{1}, next));
    peer.take();
    return next;
  }
  std::uint64_t counted(Counter counter) { return peer.host().counters()[counter]; }

  stack::ConnectionId victim{};
};
INSTANTIATE_TEST_SUITE_P(Families, Adversary, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

// SegmentSmack: one byte in every second place, so that nothing can be joined.
TEST_P(Adversary, TinySegmentsBeyondHolesHoldABoundedNumberOfPackets) {
  const SeqNum next = attacker_opens(1460);
  const std::uint32_t before = peer.packets().available();
  for (std::uint32_t i = 0; i < 3000; ++i)
    peer.send(hostile(kAck, SeqNum{2 + 2 * i}, next), std::vector<std::uint8_t>(1, 'x'));
  peer.take();
  const std::uint32_t held = before - peer.packets().available();
  EXPECT_LE(held, 64U + 262144 / 1024) << "kOutOfOrderPacketsMin, and one for each KiB of receive buffer";
  EXPECT_GT(counted(Counter::kOutOfOrderDropped), 2000U);
  expect_victim_unharmed();
}

TEST_P(Adversary, SynFloodIsBoundedByTheHalfOpenTable) {
  const auto capacity = peer.host().pools().levels.at(2).capacity;
  for (std::uint32_t i = 0; i < capacity + 500; ++i) {
    Segment syn = hostile(kSyn, SeqNum{i});
    syn.source_port = static_cast<std::uint16_t>(10'000 + i);
    peer.send(syn);
    peer.take();
  }
  EXPECT_EQ(peer.host().drops()[DropReason::kHalfOpenFull], 0U);
  EXPECT_EQ(counted(Counter::kSynCookiesSent), capacity / 2 + 500) << "half of the records may be taken";
  EXPECT_EQ(peer.host().connections_in(tcp::State::kSynReceived), capacity / 2);
  expect_victim_unharmed();
}

TEST_P(Adversary, BlindResetsSynsAndTextAreNotTakenForThePeers) {
  const SeqNum here = seq, there = ack;
  const std::uint64_t resets = counted(Counter::kEstablishedResets);
  Random random{1};
  for (int i = 0; i < 2000; ++i) {
    Segment guess = segment(i % 3 == 0 ? kRst : i % 3 == 1 ? kSyn : kAck | kPsh, RawPeer::kHostPort);
    guess.seq = SeqNum{static_cast<std::uint32_t>(random.next())};
    guess.ack = SeqNum{static_cast<std::uint32_t>(random.next())};
    if (guess.seq == here || (guess.has(kAck) && guess.ack == there)) continue;
    peer.send(guess, std::vector<std::uint8_t>(guess.has(kPsh) ? 10 : 0, 'z'));
  }
  EXPECT_EQ(counted(Counter::kEstablishedResets), resets);
  EXPECT_EQ(peer.host().readable(victim), 0U);
  EXPECT_GT(counted(Counter::kChallengeAcksLimited), 0U);
  expect_victim_unharmed();
}

// Two ends that answer each other's bad acknowledgments would never stop.
TEST_P(Adversary, AckStormDiesOut) {
  const std::uint64_t sent = counted(Counter::kSegmentsOut);
  for (int i = 0; i < 1000; ++i) {
    Segment bad = segment(kAck, RawPeer::kHostPort);
    bad.ack = ack + 100'000;
    peer.send(bad);
  }
  EXPECT_LE(counted(Counter::kSegmentsOut) - sent, 1U);
  EXPECT_GE(counted(Counter::kChallengeAcksLimited), 999U);
  expect_victim_unharmed();
}

TEST_P(Adversary, ResetsAreNotAnsweredWhereverTheyGo) {
  for (const std::uint16_t port : {RawPeer::kHostPort, std::uint16_t{81}}) {
    Segment reset = hostile(kRst | kAck, SeqNum{1}, SeqNum{1});
    reset.destination_port = port;
    peer.send(reset);
  }
  EXPECT_TRUE(peer.take().empty());
  expect_victim_unharmed();
}

TEST_P(Adversary, TinyMssDoesNotMultiplyWork) {
  attacker_opens(1);
  stack::ConnectionId attacked{};
  while (const auto event = peer.host().next_event())
    if (event->listener != stack::kNoListener) attacked = peer.host().accept(event->listener).value_or(attacked);
  ASSERT_TRUE(attacked);
  const std::uint32_t taken = peer.host().send(attacked, std::vector<std::uint8_t>(1 << 20, 'y'));
  peer.collect();
  EXPECT_LE(taken, tcp::Settings{}.send_buffer_initial);
  const auto answers = peer.take();
  ASSERT_FALSE(answers.empty());
  EXPECT_LE(answers.size(), 20U);
  for (const Answer& answer : answers) EXPECT_GE(answer.payload.size(), 36U);
  peer.host().abort(attacked);
  peer.collect();
  expect_victim_unharmed();
}

TEST_P(Adversary, UrgentMarksAreOnePerConnectionHoweverManyCome) {
  const SeqNum next = attacker_opens(1460);
  const std::uint32_t before = peer.packets().available();
  for (std::uint16_t i = 1; i < 2000; ++i) {
    Segment urgent = hostile(kAck | kUrg, SeqNum{1}, next);
    urgent.urgent = static_cast<std::uint16_t>(i * 30);
    peer.send(urgent);
  }
  EXPECT_EQ(counted(Counter::kUrgentIn), 1999U);
  EXPECT_EQ(peer.packets().available(), before);
  expect_victim_unharmed();
}

}  // namespace
}  // namespace weir::testing
