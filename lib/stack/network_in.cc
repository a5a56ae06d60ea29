// Frames in: sorted by ether type, ARP and NDP handled, IP packets stripped of their link header.
#include <weir/stack/network.h>

namespace weir::stack {

namespace {

bool version_matches(std::span<const std::uint8_t> frame, std::uint16_t type) {
  return frame.size() > kEthernetHeader && frame[kEthernetHeader] >> 4 == (type == kEtherTypeIpv4 ? 4 : 6);
}

}  // namespace

std::size_t Network::on_frames(std::uint16_t interface, std::span<rte_mbuf*> in, std::span<rte_mbuf*> ip_out,
                               Instant now) {
  WEIR_CHECK(ip_out.size() >= in.size() && interface < interfaces_.size());
  std::size_t count = 0;
  for (rte_mbuf* mbuf : in) {
    Packet packet{mbuf};
    if (accept(interface, packet, now)) ip_out[count++] = packet.release();
  }
  return count;
}

bool Network::accept(std::uint16_t interface, Packet& packet, Instant now) {
  if (packet.data().size() < kEthernetHeader) return drop(DropReason::kTruncated), false;
  const EthernetView ethernet{packet.data().first<kEthernetHeader>()};
  if (!ethernet.is_to(interfaces_[interface]->config.mac) && !ethernet.is_to_group())
    return drop(DropReason::kNotOurMac), false;
  switch (ethernet.type()) {
    case kEtherTypeIpv4:
    case kEtherTypeIpv6:
      return accept_ip(interface, ethernet, packet, now);
    case kEtherTypeArp:
      return on_arp(interface, packet.data(), now), false;
    default:
      return drop(DropReason::kUnknownEtherType), false;
  }
}

// RFC 1122 §3.3.6: what the link brought to a group is not for a host's unicast protocols. NDP alone lives on groups.
bool Network::accept_ip(std::uint16_t interface, const EthernetView& ethernet, Packet& packet, Instant now) {
  if (!version_matches(packet.data(), ethernet.type())) return drop(DropReason::kIpVersion), false;
  if (ethernet.type() == kEtherTypeIpv6 && is_ndp(packet.data().subspan(kEthernetHeader))) {
    return on_ndp(interface, packet.data(), *parse_ethernet(packet.data()), now), false;
  }
  if (ethernet.is_to_group()) return drop(DropReason::kNotForUs), false;
  rte_pktmbuf_adj(packet.get(), kEthernetHeader);
  packet.get()->l2_len = 0;
  return true;
}

}  // namespace weir::stack
