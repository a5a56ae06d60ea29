// One host and a peer played by hand: the ground of what docs/rfc.md names from this folder.
#pragma once

#include <cstring>

#include <gtest/gtest.h>

#include <weir/wire/build.h>
#include <weir/wire/parse.h>

#include "support/raw_peer.h"
#include "support/simulation.h"

namespace weir::testing {

using stack::CallError;

// A connection's states, each reached by a peer's segments: RFC 9293 §3.3.2 as a table of ways.
enum class Reach : std::uint8_t {
  kClosed,  // reset by the peer; the application still holds the id
  kSynSent,
  kSynReceived,  // by simultaneous open
  kEstablished,
  kFinWait1,
  kFinWait2,
  kCloseWait,
  kClosing,
  kLastAck,
  kTimeWait,
};

class HandPlayed {
 protected:
  explicit HandPlayed(Family family, const stack::HostConfig& config = small_host(21))
      : peer(config, family), family_(family) {}

  static constexpr std::uint16_t kPeerPort = 4000;
  static constexpr std::uint16_t kOwnPort = 5000;

  bool v4() const { return family_ == Family::kIpv4; }
  IpAddress second_address() const { return IpAddress::parse(v4() ? "192.0.2.3" : "2001:db8::3").value(); }

  Segment segment(std::uint8_t flags, std::uint16_t to, std::uint16_t from = kPeerPort) const {
    return {.source_port = from,
            .destination_port = to,
            .seq = seq,
            .ack = (flags & kAck) != 0 ? ack : SeqNum{},
            .flags = flags,
            .window = UnscaledWindow{20000}};
  }
  void says(std::uint8_t flags, std::uint16_t to, std::size_t text = 0) {
    peer.send(segment(flags, to), std::vector<std::uint8_t>(text, 'x'));
    seq += static_cast<std::uint32_t>(text) + ((flags & (kSyn | kFin)) != 0 ? 1 : 0);
  }

  stack::ListenerId listen(const tcp::Settings& settings = {}) {
    stack::ListenerId id = stack::kNoListener;
    EXPECT_EQ(
        peer.host().listen({.address = peer.host_address(), .port = RawPeer::kHostPort, .settings = settings}, id),
        CallError::kNone);
    return id;
  }
  // A connection that this peer opened; what was said on the way is dropped.
  stack::ConnectionId accepted(const tcp::Settings& settings = {}, const TcpOptions& options = {}) {
    const stack::ListenerId listener = listen(settings);
    Segment syn = segment(kSyn, RawPeer::kHostPort);
    syn.options = options;
    peer.send(syn);
    seq += 1;
    ack = peer.take().at(0).segment.seq + 1;
    says(kAck, RawPeer::kHostPort);
    return peer.host().accept(listener).value_or(stack::ConnectionId{});
  }
  // One that the host opened from kOwnPort; its SYN is not yet taken.
  stack::ConnectionId connecting(std::uint16_t profile = 0, std::uint16_t to = kPeerPort, std::uint16_t from = kOwnPort,
                                 std::optional<IpAddress> local = {}) {
    stack::ConnectionId id;
    EXPECT_EQ(peer.host().connect(
                  {.remote = {peer.peer_address(), to}, .local = local, .local_port = from, .profile = profile}, id),
              CallError::kNone);
    peer.collect();
    return id;
  }
  void answer_syn(const Answer& syn) {
    Segment answer = segment(kSyn | kAck, syn.segment.source_port, syn.segment.destination_port);
    answer.ack = ack = syn.segment.seq + 1;
    peer.send(answer);
    seq = answer.seq + 1;
  }
  // What a router says about a packet that came by.
  std::vector<std::uint8_t> icmp_error(std::uint8_t type, std::uint8_t code, const std::vector<std::uint8_t>& about,
                                       std::uint16_t mtu = 0) {
    std::vector<std::uint8_t> icmp{
        type, code, 0, 0, 0, 0, static_cast<std::uint8_t>(mtu >> 8), static_cast<std::uint8_t>(mtu)};
    icmp.insert(icmp.end(), about.begin(), about.end());
    Packet packet = peer.packets().copy(icmp);
    EXPECT_TRUE(wire::write_ip(packet, {.source = peer.peer_address(), .destination = peer.host_address()},
                               v4() ? IpProtocol::kIcmp : IpProtocol::kIcmpV6));
    IpHeader ip;
    EXPECT_EQ(wire::parse_ip(packet.data(), packet.length(), true, ip), WireError::kNone);
    const std::uint16_t sum = v4() ? wire::internet_checksum(packet, ip.header_length, ip.payload_length)
                                   : wire::transport_checksum(packet, ip.header_length, ip);
    std::memcpy(packet.data().data() + ip.header_length + 2, &sum, sizeof sum);
    return {packet.data().begin(), packet.data().end()};
  }
  // The host's own, of this number: what such an error quotes.
  std::vector<std::uint8_t> own_segment(SeqNum number, std::uint16_t from = kOwnPort, std::uint16_t to = kPeerPort) {
    Packet sent = peer.packets().allocate();
    Segment segment;
    segment.seq = number;
    segment.flags = kSyn;
    EXPECT_TRUE(wire::write_tcp(sent, {peer.host_address(), peer.peer_address(), from, to}, segment));
    return {sent.data().begin(), sent.data().end()};
  }
  void sends(stack::ConnectionId id, std::size_t bytes) {
    EXPECT_EQ(peer.host().send(id, std::vector<std::uint8_t>(bytes, 'y')), bytes);
    peer.collect();
  }
  // An actively opened connection in that state; what was said on the way is dropped.
  stack::ConnectionId reach(Reach wanted) {
    const auto id = connecting();
    const auto syn = peer.take().at(0);
    if (wanted == Reach::kSynSent) return id;
    if (wanted == Reach::kSynReceived) {
      says(kSyn, kOwnPort);
      ack = syn.segment.seq + 1;
    } else {
      answer_syn(syn);
      bring_to(id, wanted);
    }
    peer.take();
    return id;
  }
  void bring_to(stack::ConnectionId id, Reach wanted) {
    if (wanted == Reach::kClosed) says(kRst, kOwnPort);
    if (wanted == Reach::kCloseWait || wanted == Reach::kLastAck) says(kFin | kAck, kOwnPort);
    if (wanted == Reach::kFinWait1 || wanted >= Reach::kClosing || wanted == Reach::kFinWait2) {
      peer.host().shutdown(id);
      peer.collect();
    }
    if (wanted == Reach::kClosing) says(kFin | kAck, kOwnPort);
    if (wanted == Reach::kFinWait2 || wanted == Reach::kTimeWait) {
      ack += 1;
      says(kAck, kOwnPort);
    }
    if (wanted == Reach::kTimeWait) says(kFin | kAck, kOwnPort);
  }
  tcp::State state(stack::ConnectionId id) { return peer.host().info(id).value().state; }
  tcp::CloseReason reason(stack::ConnectionId id) { return peer.host().info(id).value().reason; }

  RawPeer peer;
  SeqNum seq{1000}, ack{};

 private:
  Family family_;
};

class RfcBehaviour : public ::testing::TestWithParam<Family>, protected HandPlayed {
 protected:
  explicit RfcBehaviour(const stack::HostConfig& config = small_host(21)) : HandPlayed(GetParam(), config) {}
};

}  // namespace weir::testing
