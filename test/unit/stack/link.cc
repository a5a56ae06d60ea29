#include "link.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <weir/wire/build.h>
#include <weir/wire/precedence.h>

namespace weir::test {

namespace {

constexpr std::uint8_t kExperimental = 253;

NetworkConfig with_egress(NetworkConfig config, Egress egress, void* context) {
  config.egress = egress;
  config.egress_context = context;
  return config;
}

Bytes bytes_of(const Packet& packet) {
  Bytes bytes(packet.length());
  const void* at = rte_pktmbuf_read(packet.get(), 0, packet.length(), bytes.data());
  if (at != bytes.data()) std::memcpy(bytes.data(), at, bytes.size());
  return bytes;
}

}  // namespace

const Addresses& addresses(Family family) {
  static const Addresses v4{"IPv4",
                            ip("192.0.2.1"),
                            ip("192.0.2.2"),
                            ip("192.0.2.3"),
                            ip("203.0.113.9"),
                            ip("192.0.2.254"),
                            ip("198.51.100.7"),
                            prefix("0.0.0.0/0")};
  static const Addresses v6{"IPv6",
                            ip("2001:db8::1"),
                            ip("2001:db8::2"),
                            ip("2001:db8::3"),
                            ip("2001:db8:9::9"),
                            ip("2001:db8::fe"),
                            ip("2001:db8:1::7"),
                            prefix("::/0")};
  return family == Family::kIpv4 ? v4 : v6;
}

Bytes ip_packet(const IpAddress& source, const IpAddress& destination, std::size_t payload) {
  TestPool pool{3};
  Packet packet = pool->allocate();
  std::fill_n(packet.append(static_cast<std::uint16_t>(payload)), payload, std::uint8_t{0x5a});
  const wire::Path path{.source = source, .destination = destination};
  WEIR_CHECK(wire::write_ip(packet, path, static_cast<IpProtocol>(kExperimental)));
  return bytes_of(packet);
}

Bytes frame(const EthernetHeader& header, const Bytes& payload) {
  Bytes result;
  for (auto address : {header.destination, header.source}) {
    result.insert(result.end(), address.bytes().begin(), address.bytes().end());
  }
  result.push_back(static_cast<std::uint8_t>(header.type >> 8));
  result.push_back(static_cast<std::uint8_t>(header.type));
  result.insert(result.end(), payload.begin(), payload.end());
  return result;
}

Link::Link(NetworkConfig config, std::uint32_t packets)
    : pool(packets), network(with_egress(config, collect, this), *pool, drops, Random{1}, now) {
  network.add_interface({.mac = kOwnMac, .mtu = 1500, .prefixes = {prefix("192.0.2.1/24"), prefix("2001:db8::1/64")}});
}

void Link::collect(void* self, std::uint16_t, std::span<rte_mbuf*> batch) {
  auto& link = *static_cast<Link*>(self);
  for (rte_mbuf* mbuf : batch) {
    if (wire::is_expendable(mbuf)) ++link.expendable;
    link.frames.push_back(bytes_of(Packet{mbuf}));
  }
}

std::vector<Bytes> Link::receive(const Bytes& bytes) {
  rte_mbuf* in[] = {pool->copy(bytes).release()};
  rte_mbuf* out[1];
  std::vector<Bytes> packets;
  if (network.on_frames(0, in, out, now) == 1) packets.push_back(bytes_of(Packet{out[0]}));
  network.flush();
  return packets;
}

void Link::ask(const IpAddress& sender, const MacAddress& peer_mac, const IpAddress& target) {
  if (sender.is_v4()) {
    const ArpMessage request{ArpMessage::Operation::kRequest, peer_mac, sender, {}, target};
    receive(bytes_of(build_arp(*pool, request, MacAddress::broadcast())));
    return;
  }
  const NdpMessage request{.type = NdpMessage::Type::kSolicitation,
                           .source = sender,
                           .destination = solicited_node_group(target),
                           .target = target,
                           .link_address = peer_mac};
  const MacAddress group = MacAddress::multicast_for(request.destination);
  receive(bytes_of(build_ndp(*pool, request, {group, peer_mac, kEtherTypeIpv6})));
}

void Link::answer(const IpAddress& sender, const MacAddress& peer_mac, const IpAddress& to) {
  if (sender.is_v4()) {
    const ArpMessage reply{ArpMessage::Operation::kReply, peer_mac, sender, kOwnMac, to};
    receive(bytes_of(build_arp(*pool, reply, kOwnMac)));
    return;
  }
  const NdpMessage reply{.type = NdpMessage::Type::kAdvertisement,
                         .source = sender,
                         .destination = to,
                         .target = sender,
                         .link_address = peer_mac,
                         .solicited = true,
                         .overrides = true};
  receive(bytes_of(build_ndp(*pool, reply, {kOwnMac, peer_mac, kEtherTypeIpv6})));
}

void Link::announce(const IpAddress& sender, const MacAddress& peer_mac) {
  if (sender.is_v4()) {
    const ArpMessage claim{ArpMessage::Operation::kReply, peer_mac, sender, peer_mac, sender};
    receive(bytes_of(build_arp(*pool, claim, MacAddress::broadcast())));
    return;
  }
  const NdpMessage claim{.type = NdpMessage::Type::kAdvertisement,
                         .source = sender,
                         .destination = all_nodes_group(),
                         .target = sender,
                         .link_address = peer_mac,
                         .solicited = false,
                         .overrides = true};
  const MacAddress group = MacAddress::multicast_for(claim.destination);
  receive(bytes_of(build_ndp(*pool, claim, {group, peer_mac, kEtherTypeIpv6})));
}

void Link::send(const IpAddress& destination, std::size_t payload) {
  const Bytes bytes = ip_packet(addresses(destination.family()).own, destination, payload);
  rte_mbuf* packets[] = {pool->copy(bytes).release()};
  network.transmit(packets, now);
  network.flush();
}

void Link::advance(Duration time) {
  const Instant end = now + time;
  for (auto due = network.next_deadline(); due && *due <= end; due = network.next_deadline()) {
    now = std::max(now, *due);
    while (network.advance(now)) {
    }
  }
  now = end;
  network.advance(now);
  network.flush();
}

std::vector<Bytes> Link::sent() {
  return std::exchange(frames, {});
}

void Link::count(const Bytes& bytes, Tally& tally) const {
  const EthernetHeader ethernet = parse_ethernet(bytes).value();
  const auto payload = std::span{bytes}.subspan(kEthernetHeader);
  if (ethernet.type == kEtherTypeArp) {
    const ArpMessage arp = parse_arp(payload).value();
    const bool asks = arp.operation == ArpMessage::Operation::kRequest;
    ++(arp.is_announcement()             ? tally.announcements
       : !asks                           ? tally.answers
       : ethernet.destination.is_group() ? tally.questions
                                         : tally.unicast_questions);
  } else if (is_ndp(payload)) {
    const NdpMessage ndp = parse_ndp(payload).value();
    const bool asks = ndp.type == NdpMessage::Type::kSolicitation;
    ++(asks ? (ethernet.destination.is_group() ? tally.questions : tally.unicast_questions)
            : (ndp.solicited ? tally.answers : tally.announcements));
  } else {
    ++tally.packets;
    tally.packet_to = ethernet.destination;
  }
}

Link::Tally Link::tally() {
  Tally result;
  for (const Bytes& bytes : sent()) count(bytes, result);
  return result;
}

std::optional<NeighbourState> Link::state_of(const IpAddress& address) const {
  const Neighbour* neighbour = network.neighbours().find(0, address);
  return neighbour == nullptr ? std::nullopt : std::optional{neighbour->state};
}

}  // namespace weir::test
