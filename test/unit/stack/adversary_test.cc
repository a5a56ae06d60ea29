// What an attacker may do to a host: bounded, counted, and the connection next to it unharmed. docs/adversaries.md
// lists these beside those that single connections stand up to.
#include <weir/stack/reassembly.h>

#include "under_attack.h"

namespace weir::testing {
namespace {

class Adversary : public UnderAttack {};
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

// The same with segments that overlap each other everywhere, in no order.
TEST_P(Adversary, OverlappingSegmentsBeyondAHoleHoldABoundedNumberOfPackets) {
  const SeqNum next = attacker_opens(1460);
  const std::uint32_t before = peer.packets().available();
  const std::uint64_t sent = counted(Counter::kSegmentsOut);
  Random random{2};
  for (int i = 0; i < 5000; ++i)
    peer.send(hostile(kAck, SeqNum{2} + random.below(10'000), next),
              std::vector<std::uint8_t>(1 + random.below(20), 'x'));
  EXPECT_LE(before - peer.packets().available(), 64U + 262144 / 1024);
  EXPECT_LE(counted(Counter::kSegmentsOut) - sent, 5000U) << "one ACK each";
  EXPECT_GT(counted(Counter::kOutOfOrderDropped), 0U);
  expect_victim_unharmed();
  const SeqNum filled{1};
  peer.send(hostile(kAck, filled, next), std::vector<std::uint8_t>(1, 'x'));
  accept_all();
  expect_everything_given_back();
}

// Blocks upon blocks, sensible and not, about text of which nothing is ever acknowledged.
TEST_P(Adversary, SackBlocksTakeNeitherMemoryNorPacketsOfTheNetwork) {
  const SeqNum next = attacker_opens(536);
  gives(accept_newest(), 200'000);
  const std::uint32_t before = peer.packets().available();
  const std::uint64_t sent = counted(Counter::kSegmentsOut);
  Random random{3};
  constexpr unsigned kAcks = 5000;
  for (unsigned i = 0; i < kAcks; ++i) {
    Segment sacks = hostile(kAck, SeqNum{1}, next);
    for (TcpOptions& options = sacks.options; options.sack_count < 4; ++options.sack_count) {
      const SeqNum left = next + random.below(12'000);
      options.sack[options.sack_count] = {left, left + random.below(2000) - 500};
    }
    peer.send(sacks);
    peer.take();
  }
  EXPECT_LE(before - peer.packets().available(), 32U) << "a few more segments were cut from what waits";
  EXPECT_LE(counted(Counter::kSegmentsOut) - sent, 100U) << "what is in flight, once more";
  EXPECT_GT(counted(Counter::kInvalidSackBlocks), kAcks / 4);
  expect_victim_unharmed();
  expect_everything_given_back();
}

TEST_P(Adversary, FragmentsThatAreNeverCompletedHoldABoundedTable) {
  const std::uint32_t before = peer.packets().available();
  const std::vector<std::uint8_t> whole = peer.bytes_of(hostile(kAck, SeqNum{1}), std::vector<std::uint8_t>(100, 'x'));
  for (std::uint32_t id = 0; id < 3000; ++id) peer.send_raw(fragment_of(whole, id));
  EXPECT_LE(before - peer.packets().available(), stack::ReassemblyConfig{}.packets);
  EXPECT_GE(dropped(DropReason::kFragmentTable), 3000U - stack::ReassemblyConfig{}.packets);
  expect_victim_unharmed();
  peer.advance(stack::ReassemblyConfig{}.lifetime + 1s);
  EXPECT_EQ(peer.host().readable(victim), 100U);
  expect_everything_given_back();
}

TEST_P(Adversary, FragmentsOfManyPiecesLeavePacketsForOthers) {
  const std::vector<std::uint8_t> whole = peer.bytes_of(hostile(kAck, SeqNum{1}), std::vector<std::uint8_t>(100, 'x'));
  for (std::uint32_t id = 0; id < 900; ++id)
    for (unsigned piece = 0; piece < 4; ++piece) peer.send_raw(fragment_of(whole, id, 120 * piece));
  EXPECT_NEAR(static_cast<double>(peer.packets().available()), peer.packets().capacity() / 8.0, 2)
      << "the bound was reached";
  EXPECT_GT(dropped(DropReason::kFragmentTable), 1000U);
  expect_victim_unharmed();
  peer.advance(stack::ReassemblyConfig{}.lifetime + 1s);
  EXPECT_EQ(peer.host().readable(victim), 100U);
  expect_everything_given_back();
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
  EXPECT_EQ(counted(Counter::kTinyMss), 1U);
  const ConnectionId attacked = accept_newest();
  ASSERT_TRUE(attacked);
  const std::uint32_t queued = peer.host().send(attacked, std::vector<std::uint8_t>(1 << 20, 'y'));
  peer.collect();
  EXPECT_LE(queued, tcp::Settings{}.send_buffer_initial);
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
