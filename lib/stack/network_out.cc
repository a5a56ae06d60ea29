// IP packets out: route, neighbour, link header, batch.
#include <weir/stack/network.h>

#include <algorithm>

#include <rte_ip_frag.h>

#include <weir/wire/precedence.h>

#include "destination_of.h"

namespace weir::stack {

namespace {

constexpr std::uint16_t kFragmentsMax = 64;  // 64 kB over the smallest IPv6 MTU
constexpr std::uint64_t kOffloads = RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG;

bool may_be_next_hop(const IpAddress& address) {
  return !address.is_unspecified() && !address.is_multicast() && !address.is_broadcast();
}

// The pieces of an IPv4 packet that allows it (no DF) or of an IPv6 one; none when that cannot be done.
std::int32_t cut(PacketPool& packets, rte_mbuf* whole, bool v4, std::uint16_t mtu, std::span<rte_mbuf*> pieces) {
  const auto room = static_cast<std::uint16_t>(pieces.size());
  if (v4) return rte_ipv4_fragment_packet(whole, pieces.data(), room, mtu, packets.get(), packets.get());
  return rte_ipv6_fragment_packet(whole, pieces.data(), room, mtu, packets.get(), packets.get());
}

// DPDK leaves the identification of IPv6 fragments zero; RFC 8200 §4.5 wants it different from recent ones.
void identify(rte_mbuf* piece, std::uint32_t identification) {
  auto* fragment = rte_pktmbuf_mtod_offset(piece, rte_ipv6_fragment_ext*, sizeof(rte_ipv6_hdr));
  fragment->id = rte_cpu_to_be_32(identification);
}

void complete_header(rte_mbuf* piece) {
  auto* ip = rte_pktmbuf_mtod(piece, rte_ipv4_hdr*);
  ip->hdr_checksum = 0;
  ip->hdr_checksum = rte_ipv4_cksum(ip);
  piece->ol_flags &= ~std::uint64_t{RTE_MBUF_F_TX_IP_CKSUM};
}

}  // namespace

void Network::transmit(std::span<rte_mbuf*> ip_packets, Instant now) {
  for (rte_mbuf* mbuf : ip_packets) send(Packet{mbuf}, now);
}

void Network::send(Packet packet, Instant now) {
  const auto destination = destination_of(packet.data());
  if (!destination) return drop(DropReason::kTruncated);
  const Route* route = routes_.find(*destination);
  if (route == nullptr) return drop(DropReason::kNoRoute);
  const IpAddress& next_hop = route->next_hop(*destination);
  if (packet.length() > interfaces_[route->interface]->config.mtu) {
    return fragment_and_send(route->interface, next_hop, std::move(packet), now);
  }
  send_to(route->interface, next_hop, std::move(packet), now);
}

void Network::send_to(std::uint16_t interface, const IpAddress& next_hop, Packet packet, Instant now) {
  ResolvedHop& last = interfaces_[interface]->last;
  if (last.next_hop == next_hop && last.generation == neighbours_.generation()) {
    return emit_ip(interface, last.mac, std::move(packet));
  }
  if (!may_be_next_hop(next_hop) || is_own(next_hop)) return drop(DropReason::kNoRoute);
  const MacAddress* mac = neighbours_.resolve(interface, next_hop, packet, now);
  if (mac == nullptr) return;
  last = {next_hop, *mac, neighbours_.generation()};
  emit_ip(interface, *mac, std::move(packet));
}

// TCP cuts its segments to size; what is longer and is none (answers to large echo requests) goes in pieces.
void Network::fragment_and_send(std::uint16_t interface, const IpAddress& next_hop, Packet packet, Instant now) {
  const bool v4 = packet.data()[0] >> 4 == 4;
  const bool is_tcp = packet.data()[v4 ? 9 : 6] == IPPROTO_TCP;
  if (is_tcp || (packet.get()->ol_flags & kOffloads) != 0) return drop(DropReason::kTooBig);
  std::array<rte_mbuf*, kFragmentsMax> pieces;
  const std::int32_t count = cut(packets_, packet.get(), v4, interfaces_[interface]->config.mtu, pieces);
  if (count <= 0) return drop(DropReason::kTooBig);
  const bool is_expendable = wire::is_expendable(packet.get());
  const std::uint32_t identification = ++fragment_identification_;
  for (rte_mbuf* mbuf : std::span{pieces}.first(static_cast<std::size_t>(count))) {
    Packet piece{mbuf};
    v4 ? complete_header(mbuf) : identify(mbuf, identification);
    if (is_expendable) wire::mark_expendable(mbuf);
    send_to(interface, next_hop, std::move(piece), now);
  }
}

void Network::emit_ip(std::uint16_t interface, const MacAddress& destination, Packet packet) {
  const std::uint16_t type = packet.data()[0] >> 4 == 4 ? kEtherTypeIpv4 : kEtherTypeIpv6;
  if (!write_ethernet(packet, {destination, interfaces_[interface]->config.mac, type})) {
    return drop(DropReason::kNoHeadroom);
  }
  emit(interface, std::move(packet));
}

void Network::emit(std::uint16_t interface, Packet frame) {
  Interface& port = *interfaces_[interface];
  if (!frame) return drop(DropReason::kNoPackets);
  if (!port.link_up) return drop(DropReason::kLinkDown);
  port.egress.push(std::move(frame));
  if (port.egress.is_full()) config_.egress(config_.egress_context, interface, port.egress.take());
}

void Network::flush() {
  for (std::uint16_t i = 0; i < interfaces_.size(); ++i) {
    const auto frames = interfaces_[i]->egress.take();
    if (!frames.empty()) config_.egress(config_.egress_context, i, frames);
  }
}

}  // namespace weir::stack
