// What ICMP says reaches the connection that it is about (RFC 9293 §3.9.2.2, RFC 5927).
#include "rfc_behaviour.h"

namespace weir::testing {
namespace {

// Errors of ICMP, as a router sends them, about the SYN of connecting().
class RfcIcmp : public RfcBehaviour {
 protected:
  void too_big(SeqNum about, std::uint16_t mtu) {
    std::vector<std::uint8_t> packet = icmp_error(v4() ? 3 : 2, v4() ? 4 : 0, own_segment(about), mtu);
    peer.send_raw(packet);
  }
  void router_says(std::uint8_t type, std::uint8_t code, SeqNum about) {
    peer.send_raw(icmp_error(type, code, own_segment(about)));
  }
  void port_unreachable(SeqNum about) { v4() ? router_says(3, 3, about) : router_says(1, 4, about); }
  void host_unreachable(SeqNum about) { v4() ? router_says(3, 1, about) : router_says(1, 3, about); }
};
INSTANTIATE_TEST_SUITE_P(Families, RfcIcmp, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(RfcIcmp, HardErrorEndsTheConnectThatItNames) {
  const auto other = connecting(0, kPeerPort + 1);
  peer.take();
  const auto id = connecting();
  port_unreachable(peer.take().at(0).segment.seq);
  EXPECT_EQ(reason(id), tcp::CloseReason::kUnreachable);
  EXPECT_EQ(state(other), tcp::State::kSynSent);
}

TEST_P(RfcIcmp, SoftErrorIsToldAndEndsNothing) {
  const auto id = connecting();
  host_unreachable(peer.take().at(0).segment.seq);
  EXPECT_EQ(state(id), tcp::State::kSynSent);
  EXPECT_EQ(peer.host().next_event().value().what, tcp::kSoftError);
}

TEST_P(RfcIcmp, ErrorAboutWhatIsNotInFlightIsCountedAndIgnored) {
  const auto id = connecting();
  port_unreachable(peer.take().at(0).segment.seq + 1);
  EXPECT_EQ(state(id), tcp::State::kSynSent);
  EXPECT_EQ(peer.host().drops()[stack::DropReason::kIcmpUnmatched], 1U);
}

TEST_P(RfcIcmp, TheEventSaysThatAnErrorEndedTheConnect) {
  connecting();
  port_unreachable(peer.take().at(0).segment.seq);
  const auto event = peer.host().next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->what, tcp::kClosed);
  EXPECT_EQ(event->reason, tcp::CloseReason::kUnreachable);
}

TEST_P(RfcIcmp, TheEventOfASoftErrorSaysWhatItWas) {
  connecting();
  host_unreachable(peer.take().at(0).segment.seq);
  const auto event = peer.host().next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->what, tcp::kSoftError);
  EXPECT_EQ(event->reason, tcp::CloseReason::kUnreachable);
}

TEST_P(RfcIcmp, WhatAnErrorToldOfAPathHoldsForTheNextConnection) {
  const auto first = connecting();
  too_big(peer.take().at(0).segment.seq, 1400);
  const auto second = connecting(0, kPeerPort + 1);
  answer_syn(peer.take().at(0));
  peer.take();
  EXPECT_EQ(peer.host().info(second).value().mss, v4() ? 536 : 1220) << "what the peer takes is less";
  EXPECT_EQ(state(first), tcp::State::kSynSent);
  const auto third = connecting(0, kPeerPort + 2);
  const Answer syn = peer.take().at(0);
  Segment answer = segment(kSyn | kAck, syn.segment.source_port, syn.segment.destination_port);
  answer.ack = syn.segment.seq + 1;
  answer.options.mss = 1460;
  peer.send(answer);
  EXPECT_EQ(peer.host().info(third).value().mss, v4() ? 1360 : 1340);
}

TEST_P(RfcIcmp, ForgedErrorTeachesNothingOfThePath) {
  const auto first = connecting();
  too_big(peer.take().at(0).segment.seq + 77, 1400);
  EXPECT_EQ(peer.host().drops()[stack::DropReason::kIcmpUnmatched], 1U);
  const auto second = connecting(0, kPeerPort + 1);
  const Answer syn = peer.take().at(0);
  Segment answer = segment(kSyn | kAck, syn.segment.source_port, syn.segment.destination_port);
  answer.ack = syn.segment.seq + 1;
  answer.options.mss = 1460;
  peer.send(answer);
  EXPECT_EQ(peer.host().info(second).value().mss, v4() ? 1460 : 1440);
  EXPECT_EQ(state(first), tcp::State::kSynSent);
}

}  // namespace
}  // namespace weir::testing
