// What a host keeps of a connection, and gives back: slots, ports, queues, budgets, alarms.
#include <set>

#include <weir/wire/build.h>

#include "rfc_behaviour.h"

namespace weir::testing {
namespace {

class HostRecords : public RfcBehaviour {
 protected:
  static constexpr std::uint16_t kPort = RawPeer::kHostPort;

  // The peer's handshake with the host's listener.
  void shakes_hands() {
    says(kSyn, kPort);
    ack = peer.take().back().segment.seq + 1;
    says(kAck, kPort);
  }
  // A connection that the host opened and closed first.
  stack::ConnectionId in_time_wait() {
    const auto id = connecting();
    answer_syn(peer.take().at(0));
    peer.host().close(id);
    peer.collect();
    ack += 1;
    seq_of_peer(kFin | kAck);
    EXPECT_EQ(peer.host().connections_in(tcp::State::kTimeWait), 1U);
    return id;
  }
  void seq_of_peer(std::uint8_t flags) { peer.send(segment(flags, kOwnPort)); }
  std::uint64_t dropped(stack::DropReason reason) { return peer.host().drops()[reason]; }
};
INSTANTIATE_TEST_SUITE_P(Families, HostRecords, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(HostRecords, AStoppedListenersSlotIsUsedAgain) {
  for (int i = 0; i < 100; ++i) {
    const auto listener = listen();
    shakes_hands();
    const auto id = peer.host().accept(listener);
    ASSERT_TRUE(id) << i;
    peer.host().abort(*id);
    peer.collect();
    peer.host().stop_listening(listener);
    peer.take();
  }
}

TEST_P(HostRecords, AHandshakeThatFailsLeavesItsListenerFree) {
  for (int i = 0; i < 100; ++i) {
    const auto listener = listen();
    ASSERT_NE(listener, stack::kNoListener) << i;
    says(kSyn, kPort);
    says(kRst, kPort);
    EXPECT_EQ(peer.host().connections_in(tcp::State::kSynReceived), 0U);
    peer.host().stop_listening(listener);
    peer.take();
  }
}

TEST_P(HostRecords, AnIdOutlivesNothing) {
  const auto old = connecting();
  peer.host().abort(old);
  const auto next = connecting();
  ASSERT_EQ(old.index, next.index) << "else this shows nothing";
  EXPECT_FALSE(peer.host().is_alive(old));
  EXPECT_EQ(peer.host().abort(old), CallError::kStaleId);
  EXPECT_TRUE(peer.host().is_alive(next));
}

TEST_P(HostRecords, APairOfEndsHasOneConnection) {
  connecting();
  stack::ConnectionId id;
  EXPECT_EQ(peer.host().connect({.remote = {peer.peer_address(), kPeerPort}, .local_port = kOwnPort}, id),
            CallError::kAddressInUse);
}

TEST_P(HostRecords, APortInTimeWaitIsNotTaken) {
  in_time_wait();
  stack::ConnectionId id;
  const stack::ConnectOptions again{.remote = {peer.peer_address(), kPeerPort}, .local_port = kOwnPort};
  EXPECT_EQ(peer.host().connect(again, id), CallError::kAddressInUse);
  peer.advance(61s);
  EXPECT_EQ(peer.host().connect(again, id), CallError::kNone);
}

TEST_P(HostRecords, WhatReplacesATimeWaitBeginsBeyondIt) {
  const auto id = accepted();
  peer.take();
  sends(id, 5000);  // in no time: the ISN's clock stands still
  const SeqNum sent = ack + 5000;
  ack = sent;
  says(kAck, kPort);
  peer.host().close(id);
  peer.collect();
  ack += 1;
  says(kFin | kAck, kPort);
  ASSERT_EQ(peer.host().connections_in(tcp::State::kTimeWait), 1U);
  peer.take();
  seq += 1;
  says(kSyn, kPort);
  const auto answers = peer.take();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].segment.flags, kSyn | kAck);
  EXPECT_TRUE(answers[0].segment.seq.after(sent));
}

TEST_P(HostRecords, WhatDiedInTheAcceptQueueIsNotAccepted) {
  const auto listener = listen();
  shakes_hands();
  says(kRst, kPort);
  EXPECT_FALSE(peer.host().accept(listener));
  EXPECT_EQ(peer.host().pools().levels[0].in_use, 0U);
}

TEST_P(HostRecords, AnExactAddressGoesBeforeAllAddresses) {
  stack::ListenerId any, exact;
  const IpAddress all = v4() ? IpAddress::v4(be32{0}) : IpAddress{};
  for (const bool exact_first : {false, true}) {
    const auto listen_on = [&](const IpAddress& address, stack::ListenerId& id) {
      ASSERT_EQ(peer.host().listen({.address = address, .port = kPort}, id), CallError::kNone);
    };
    exact_first ? listen_on(peer.host_address(), exact) : listen_on(all, any);
    exact_first ? listen_on(all, any) : listen_on(peer.host_address(), exact);
    shakes_hands();
    EXPECT_FALSE(peer.host().accept(any));
    const auto id = peer.host().accept(exact);
    ASSERT_TRUE(id);
    peer.host().abort(*id);
    peer.host().stop_listening(any);
    peer.host().stop_listening(exact);
    peer.collect();
    peer.take();
  }
}

// The alarm for the keep-alive lies two hours away when the delayed ACK asks for an earlier one.
TEST_P(HostRecords, AnEarlierTimerMovesTheAlarmForward) {
  accepted({.keepalive = true});
  peer.take();
  says(kAck, kPort, 10);
  peer.advance(50ms);
  const auto answers = peer.take();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].segment.ack, seq);
}

TEST_P(HostRecords, AHostSaysWhenItsTimersWantAnotherTurn) {
  listen({.syn_cookies = tcp::SynCookieUse::kOff});
  for (std::uint16_t port = 1; port <= 256; ++port) peer.send(segment(kSyn, kPort, port));
  EXPECT_EQ(peer.host().connections_in(tcp::State::kSynReceived), 256U);
  EXPECT_FALSE(peer.host().advance(peer.now()));
  peer.take();
  const Instant due = peer.now() + 1s;
  EXPECT_TRUE(peer.host().advance(due)) << "one call looks at 256 timers at most";
  int more = 0;
  while (more < 9 && peer.host().advance(due)) ++more;
  EXPECT_LT(more, 9);
  peer.collect();
  EXPECT_EQ(peer.take().size(), 256U) << "each SYN-ACK again";
}

// CVE-2016-5696: who knows how many there are in a second can tell whether some went to another connection.
TEST_P(HostRecords, TheNumberOfChallengesASecondIsDrawnAnew) {
  listen();
  says(kSyn, kPort);
  std::set<std::size_t> numbers;
  for (int second = 0; second < 4; ++second) {
    peer.advance(1s);
    peer.take();
    for (int i = 0; i < 2000; ++i) {
      Segment other = segment(kSyn, kPort);
      other.seq = seq + 5000;
      peer.send(other);
    }
    const std::size_t challenges = peer.take().size();
    EXPECT_GE(challenges, 500U);
    EXPECT_LT(challenges, 1500U);
    numbers.insert(challenges);
  }
  EXPECT_GT(numbers.size(), 1U);
}

TEST_P(HostRecords, AChainIsSummedAsAWhole) {
  accepted();
  const std::vector<std::uint8_t> text(400, 'x');
  std::vector<std::uint8_t> bytes = peer.bytes_of(segment(kAck, kPort), text);
  bytes.back() ^= 1;
  Packet packet = peer.packets().copy(std::span{bytes}.first(301));
  packet.append_chain(peer.packets().copy(std::span{bytes}.subspan(301)));
  peer.host().on_packet(std::move(packet), peer.now());
  EXPECT_EQ(dropped(stack::DropReason::kTcpChecksum), 1U);
}

TEST_P(HostRecords, WhatTheLinkAppendedIsNoText) {
  const auto id = accepted();
  std::vector<std::uint8_t> bytes = peer.bytes_of(segment(kAck, kPort), std::vector<std::uint8_t>(10, 'x'));
  bytes.insert(bytes.end(), 6, 'p');
  peer.send_raw(bytes);
  EXPECT_EQ(peer.host().readable(id), 10U);
  EXPECT_EQ(dropped(stack::DropReason::kTcpChecksum), 0U);
}

TEST_P(HostRecords, NothingComesFromAnotherAddressOfOurs) {
  listen();
  peer.host().add_address(second_address(), 1500);
  Packet packet = peer.packets().allocate();
  const wire::Path path{.source = second_address(),
                        .destination = peer.host_address(),
                        .source_port = kPeerPort,
                        .destination_port = kPort};
  ASSERT_TRUE(wire::write_tcp(packet, path, segment(kSyn, kPort)));
  wire::finish_checksums(packet);
  peer.host().on_packet(std::move(packet), peer.now());
  EXPECT_EQ(dropped(stack::DropReason::kLand), 1U);
  EXPECT_EQ(peer.host().connections_in(tcp::State::kSynReceived), 0U);
}

}  // namespace
}  // namespace weir::testing
