// What RFC 9293 asks of a host as a whole. docs/rfc.md says which test shows what.
#include "rfc_behaviour.h"

namespace weir::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(Families, RfcBehaviour, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(RfcBehaviour, ResetCountsAtAClosedWindow) {
  const auto id = accepted({.receive_buffer = 1000, .window_scale = false});
  says(kAck, RawPeer::kHostPort, 1000);
  ASSERT_EQ(peer.take().back().segment.window, UnscaledWindow{0});
  says(kRst, RawPeer::kHostPort);
  EXPECT_EQ(reason(id), tcp::CloseReason::kReset);
}

// The FIN takes a number beyond the edge, and no packet is left for the ACK that would move it: no window, not 4 GiB.
TEST_P(RfcBehaviour, FinAtAClosedWindowLeavesNoWindow) {
  const auto id = accepted({.receive_buffer = 1000, .window_scale = false});
  says(kAck, RawPeer::kHostPort, 1000);
  ASSERT_EQ(peer.host().info(id)->rcv_wnd, 0U);
  std::vector<Packet> held;
  while (peer.packets().available() > 1) held.push_back(peer.packets().allocate());
  says(kFin | kAck, RawPeer::kHostPort);
  EXPECT_EQ(peer.host().info(id)->state, tcp::State::kCloseWait);
  EXPECT_EQ(peer.host().info(id)->rcv_wnd, 0U);
}

TEST_P(RfcBehaviour, ResetMayCarryText) {
  const auto id = accepted();
  says(kRst | kAck, RawPeer::kHostPort, 20);
  EXPECT_EQ(reason(id), tcp::CloseReason::kReset);
  EXPECT_EQ(peer.host().readable(id), 0U);
}

TEST_P(RfcBehaviour, OnlySynsCarryWhatSynsSayAndNothingIsUrgent) {
  TcpOptions offered;
  offered.mss = 1000;
  offered.window_scale = WindowScale{3};
  offered.sack_permitted = true;
  const auto id = accepted({}, offered);
  peer.take();
  seq += 100;
  says(kAck, RawPeer::kHostPort, 10);  // beyond a hole
  seq += 0U - 110U;
  says(kAck, RawPeer::kHostPort, 100);
  sends(id, 5000);
  peer.advance(5s);  // repeated
  peer.host().abort(id);
  peer.collect();
  const auto answers = peer.take();
  EXPECT_GT(answers.size(), 10U);
  EXPECT_TRUE(answers.back().segment.has(kRst));
  for (const Answer& answer : answers) {
    EXPECT_FALSE(answer.segment.options.mss || answer.segment.options.window_scale);
    EXPECT_FALSE(answer.segment.options.sack_permitted || answer.segment.has(kUrg));
    EXPECT_LE(answer.payload.size() + answer.segment.header_length, 1020U);
  }
}

TEST_P(RfcBehaviour, ListensOnAPortFromWhichAConnectionOpens) {
  const auto id = connecting(0, kPeerPort, RawPeer::kHostPort);
  const auto syn = peer.take().at(0);
  const auto listener = listen();
  EXPECT_EQ(state(id), tcp::State::kSynSent);
  peer.send(segment(kSyn, RawPeer::kHostPort, 4001));
  EXPECT_EQ(peer.take().at(0).segment.flags, kSyn | kAck);
  answer_syn(syn);
  EXPECT_EQ(state(id), tcp::State::kEstablished);
  EXPECT_FALSE(peer.host().accept(listener));
}

TEST_P(RfcBehaviour, SourceAddressIsTheOneAskedForAndStays) {
  peer.host().add_address(second_address(), 1500);
  connecting(0, kPeerPort, kOwnPort, second_address());
  peer.advance(4s);
  const auto asked = peer.take();
  ASSERT_EQ(asked.size(), 3U);
  for (const Answer& answer : asked) EXPECT_EQ(answer.ip.source, second_address());
  connecting();
  EXPECT_EQ(peer.take().at(0).ip.source, peer.host_address());
  stack::ListenerId listener;
  ASSERT_EQ(peer.host().listen({.address = second_address(), .port = 90}, listener), CallError::kNone);
  says(kSyn, 90);  // to the first address
  EXPECT_EQ(peer.take().at(0).segment.flags, kRst | kAck);
}

TEST_P(RfcBehaviour, DscpAndTtlAreThoseOfTheConnectionInEveryPacket) {
  const auto id = connecting(peer.host().add_profile({.ttl = 33, .dscp = 46}));
  peer.advance(1s);
  auto answers = peer.take();
  answer_syn(answers.at(0));
  sends(id, 3000);
  peer.advance(2s);
  peer.host().abort(id);
  peer.collect();
  for (Answer& answer : peer.take()) answers.push_back(std::move(answer));
  EXPECT_GE(answers.size(), 7U);  // SYN twice, ACK, text, text again, RST
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.ip.ttl, 33);
    EXPECT_EQ(answer.ip.dscp, 46);
  }
}

TEST_P(RfcBehaviour, RetriesAreSetPerConnection) {
  const std::uint16_t profiles[] = {peer.host().add_profile({.data_retries = 2}),
                                    peer.host().add_profile({.data_retries = 5})};
  stack::ConnectionId ids[2];
  for (std::uint16_t i = 0; i < 2; ++i) {
    ids[i] = connecting(profiles[i], static_cast<std::uint16_t>(kPeerPort + i));
    answer_syn(peer.take().back());
    sends(ids[i], 100);
  }
  peer.advance(3s);  // 0.2 + 0.4 + 0.8 are over, 1.6 is not
  EXPECT_EQ(reason(ids[0]), tcp::CloseReason::kTimeout);
  EXPECT_EQ(state(ids[1]), tcp::State::kEstablished);
}

TEST_P(RfcBehaviour, TextIsTriedForMoreThanAHundredSeconds) {
  const auto id = accepted();
  sends(id, 100);
  peer.advance(100s);
  EXPECT_EQ(state(id), tcp::State::kEstablished);
  peer.advance(500s);
  EXPECT_EQ(reason(id), tcp::CloseReason::kTimeout);
}

TEST_P(RfcBehaviour, SevenSynRetriesLastThreeMinutes) {
  const auto id = connecting(peer.host().add_profile({.syn_retries = 7}));
  peer.advance(181s);
  EXPECT_EQ(state(id), tcp::State::kSynSent);
  EXPECT_EQ(peer.take().size(), 8U);
  peer.advance(10s);
  EXPECT_EQ(reason(id), tcp::CloseReason::kTimeout);
}

TEST_P(RfcBehaviour, ASynHasSixSynAcksAtMost) {
  listen();
  says(kSyn, RawPeer::kHostPort);
  peer.advance(62s);
  EXPECT_EQ(peer.take().size(), 6U);
  EXPECT_EQ(peer.host().connections_in(tcp::State::kSynReceived), 1U);
  peer.advance(100s);
  EXPECT_TRUE(peer.take().empty());
  EXPECT_EQ(peer.host().connections_in(tcp::State::kSynReceived), 0U);
}

// A window shrunk below what is in flight: what lies within it is repeated, what lies beyond it waits.
TEST_P(RfcBehaviour, WithinAShrunkWindowTextIsRepeated) {
  const auto id = accepted({}, {.mss = 536});
  sends(id, 5 * 536);
  peer.take();
  Segment shrunk = segment(kAck, RawPeer::kHostPort);
  shrunk.window = UnscaledWindow{2 * 536};
  peer.send(shrunk);
  peer.advance(250ms);
  const auto repeated = peer.take();
  ASSERT_EQ(repeated.size(), 1U);
  EXPECT_EQ(repeated[0].segment.seq, ack);
  ack += 536;
  shrunk.ack = ack;
  shrunk.window = UnscaledWindow{536};
  peer.send(shrunk);
  const auto within = peer.take();
  ASSERT_EQ(within.size(), 1U);
  EXPECT_EQ(within[0].segment.seq, ack);
}

// A window counts from the ACK that came with it, though its text is a retransmission (RFC 9293 §3.10.7.4: by SND.WL1
// it were old, and the window before it, counted from there, would reach further than the peer ever said).
TEST_P(RfcBehaviour, WindowOfARetransmissionThatAcknowledgesMoreCounts) {
  const auto id = accepted();
  sends(id, 10);
  ack += 10;
  Segment text = segment(kAck, RawPeer::kHostPort);
  text.ack = ack - 10;
  text.seq = seq + 10;
  peer.send(text, std::vector<std::uint8_t>(20, 'x'));
  text.seq = seq;
  text.ack = ack;
  text.window = UnscaledWindow{100};
  peer.send(text, std::vector<std::uint8_t>(10, 'x'));
  peer.take();
  sends(id, 1000);
  peer.advance(2s);
  for (const Answer& answer : peer.take()) EXPECT_LE(answer.segment.end().since(ack), 101U);
}

}  // namespace
}  // namespace weir::testing
