// One decision about acknowledging for each connection and burst (RFC 9293 MUST-58, MUST-59), while what lies beyond a
// hole is answered segment by segment (RFC 5681 §4.2).
#include "rfc_behaviour.h"

namespace weir::testing {
namespace {

constexpr std::uint32_t kFull = 1000;

class Burst : public RfcBehaviour {
 protected:
  stack::ConnectionId open() {
    TcpOptions options;
    options.mss = 1460;
    options.sack_permitted = true;
    const auto id = accepted({}, options);
    origin = seq;
    return id;
  }
  // `number` counts full segments from the first byte on.
  void adds(std::uint32_t number, std::uint8_t flags = kAck, std::size_t text = kFull) {
    Segment next = segment(flags, RawPeer::kHostPort);
    next.seq = origin + number * kFull;
    burst.push_back({next, std::vector<std::uint8_t>(text, 'x')});
  }
  std::vector<Answer> answers() {
    peer.send_burst(std::exchange(burst, {}));
    return peer.take();
  }
  std::uint32_t acked(const Answer& answer) const { return answer.segment.ack.since(origin); }

  SeqNum origin{};
  std::vector<RawPeer::Sent> burst;
};
INSTANTIATE_TEST_SUITE_P(Families, Burst, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(Burst, OfSegmentsInOrderIsAcknowledgedOnce) {
  open();
  for (std::uint32_t i = 0; i < 10; ++i) adds(i);
  const auto heard = answers();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(acked(heard[0]), 10 * kFull);
  peer.advance(1s);
  EXPECT_TRUE(peer.take().empty()) << "nothing is left to be acknowledged";
}

TEST_P(Burst, OfOneSegmentIsAcknowledgedLater) {
  open();
  adds(0);
  EXPECT_TRUE(answers().empty());
  peer.advance(40ms);
  EXPECT_EQ(peer.take().size(), 1U);
}

TEST_P(Burst, LongerThanTheStackTakesAtOnceIsAcknowledgedByParts) {
  open();
  for (std::uint32_t i = 0; i < 60; ++i) adds(i);
  const auto heard = answers();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(acked(heard[0]), 32 * kFull);
  EXPECT_EQ(acked(heard[1]), 60 * kFull);
}

TEST_P(Burst, SegmentsBeyondAHoleAreAnsweredEach) {
  open();
  adds(0);
  for (const std::uint32_t number : {2U, 3U, 4U}) adds(number);
  const auto heard = answers();
  ASSERT_EQ(heard.size(), 3U);
  for (const Answer& answer : heard) {
    EXPECT_EQ(acked(answer), kFull);
    EXPECT_EQ(answer.segment.options.sack_count, 1U);
  }
}

TEST_P(Burst, FilledHoleIsAcknowledgedAtOnceAndWhatFollowsOnce) {
  open();
  for (const std::uint32_t number : {1U, 0U, 2U, 3U, 4U}) adds(number);
  const auto heard = answers();
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_EQ(acked(heard[0]), 0U);
  EXPECT_EQ(acked(heard[1]), 2 * kFull);
  EXPECT_EQ(acked(heard[2]), 5 * kFull);
}

TEST_P(Burst, FinIsAcknowledgedWithAllBeforeIt) {
  const auto id = open();
  for (std::uint32_t i = 0; i < 4; ++i) adds(i);
  adds(4, kFin | kAck, 0);
  const auto heard = answers();
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(acked(heard[0]), 4 * kFull + 1);
  EXPECT_EQ(state(id), tcp::State::kCloseWait);
}

TEST_P(Burst, ResetAfterTextLeavesNothingToAcknowledge) {
  const auto id = open();
  for (std::uint32_t i = 0; i < 4; ++i) adds(i);
  adds(4, kRst, 0);
  EXPECT_TRUE(answers().empty());
  EXPECT_EQ(reason(id), tcp::CloseReason::kReset);
}

TEST_P(Burst, TextThatGoesOutCarriesTheAcknowledgment) {
  const auto id = open();
  EXPECT_EQ(peer.host().send(id, std::vector<std::uint8_t>(60'000, 'y')), 60'000U);
  peer.collect();
  const auto first = peer.take();
  for (std::uint32_t i = 0; i < 4; ++i) adds(i);
  Segment answer_to_text = segment(kAck, RawPeer::kHostPort);
  answer_to_text.seq = origin + 4 * kFull;
  answer_to_text.ack = first.back().segment.end();
  burst.push_back({answer_to_text, {}});
  const auto heard = answers();
  ASSERT_FALSE(heard.empty());
  for (const Answer& answer : heard) {
    EXPECT_GT(answer.payload.size(), 0U);
    EXPECT_EQ(acked(answer), 4 * kFull);
  }
}

TEST_P(Burst, EachConnectionOfItIsAcknowledgedOnce) {
  const auto first = open();
  const SeqNum first_ack = ack;
  const std::uint16_t first_port = kPeerPort;
  // A second one, from another port.
  Segment syn = segment(kSyn, RawPeer::kHostPort, kPeerPort + 1);
  syn.seq = SeqNum{77};
  peer.send(syn);
  const SeqNum second_ack = peer.take().at(0).segment.seq + 1;
  Segment open_second = segment(kAck, RawPeer::kHostPort, kPeerPort + 1);
  open_second.seq = SeqNum{78};
  open_second.ack = second_ack;
  peer.send(open_second);
  for (std::uint32_t i = 0; i < 6; ++i) {
    Segment text = segment(kAck, RawPeer::kHostPort, i % 2 == 0 ? first_port : kPeerPort + 1);
    text.seq = (i % 2 == 0 ? origin : SeqNum{78}) + i / 2 * kFull;
    text.ack = i % 2 == 0 ? first_ack : second_ack;
    burst.push_back({text, std::vector<std::uint8_t>(kFull, 'x')});
  }
  const auto heard = answers();
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_NE(heard[0].segment.destination_port, heard[1].segment.destination_port);
  EXPECT_EQ(peer.host().readable(first), 3 * kFull);
}

}  // namespace
}  // namespace weir::testing
