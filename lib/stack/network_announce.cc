// Questions for neighbours, and announcements of own addresses.
#include <weir/stack/network.h>

namespace weir::stack {

void Network::solicit(const Neighbour& neighbour, bool unicast) {
  if (neighbour.address.is_v4()) return solicit_arp(neighbour, unicast ? neighbour.mac : MacAddress::broadcast());
  solicit_ndp(neighbour, unicast);
}

// Only stations of connected networks are asked for, so there is an own address to ask from.
void Network::solicit_arp(const Neighbour& neighbour, const MacAddress& to) {
  const ArpMessage request{.operation = ArpMessage::Operation::kRequest,
                           .sender_mac = interfaces_[neighbour.interface]->config.mac,
                           .sender = source_on(neighbour.interface, neighbour.address).value_or(IpAddress::v4(be32{0})),
                           .target_mac = {},
                           .target = neighbour.address};
  emit(neighbour.interface, build_arp(packets_, request, to));
}

void Network::solicit_ndp(const Neighbour& neighbour, bool unicast) {
  const Interface& port = *interfaces_[neighbour.interface];
  const IpAddress destination = unicast ? neighbour.address : solicited_node_group(neighbour.address);
  const NdpMessage request{.type = NdpMessage::Type::kSolicitation,
                           .source = source_on(neighbour.interface, neighbour.address).value_or(port.link_local),
                           .destination = destination,
                           .target = neighbour.address,
                           .link_address = port.config.mac};
  const MacAddress to = unicast ? neighbour.mac : MacAddress::multicast_for(destination);
  emit(neighbour.interface, build_ndp(packets_, request, {to, port.config.mac, kEtherTypeIpv6}));
}

void Network::announce(Instant now) {
  announce_rounds_ = kAnnouncementRounds;
  announce_cursor_ = 0;
  announce_at_ = now;
}

void Network::set_link(std::uint16_t interface, bool up, Instant now) {
  Interface& port = *interfaces_[interface];
  const bool recovered = up && !port.link_up;
  port.link_up = up;
  if (recovered && config_.announces) announce(now);
}

bool Network::advance_announcements(Instant now) {
  if (announce_rounds_ == 0 || now < announce_at_) return false;
  for (std::size_t i = 0; i < kAnnouncementsPerAdvance && announce_cursor_ < own_.size(); ++i) {
    announce_address(own_[announce_cursor_++]);
  }
  if (announce_cursor_ < own_.size()) return true;
  --announce_rounds_;
  announce_cursor_ = 0;
  announce_at_ = now + kAnnouncementInterval;
  return false;
}

// A virtual address is told where its network is connected, or everywhere when it is in none.
void Network::announce_address(const OwnAddress& own) {
  if (own.interface != kEveryInterface) return announce_on(own.interface, own.address);
  if (const Route* link = routes_.find_on_link(own.address)) return announce_on(link->interface, own.address);
  for (std::uint16_t i = 0; i < interfaces_.size(); ++i) announce_on(i, own.address);
}

// RFC 5227 §3 (a request for oneself) and RFC 4861 §7.2.6.
void Network::announce_on(std::uint16_t interface, const IpAddress& address) {
  const MacAddress& own = interfaces_[interface]->config.mac;
  if (!interfaces_[interface]->link_up) return;
  if (address.is_v4()) {
    const ArpMessage request{.operation = ArpMessage::Operation::kRequest,
                             .sender_mac = own,
                             .sender = address,
                             .target_mac = {},
                             .target = address};
    return emit(interface, build_arp(packets_, request, MacAddress::broadcast()));
  }
  const NdpMessage advertisement{.type = NdpMessage::Type::kAdvertisement,
                                 .source = address,
                                 .destination = all_nodes_group(),
                                 .target = address,
                                 .link_address = own,
                                 .solicited = false,
                                 .overrides = true};
  const MacAddress to = MacAddress::multicast_for(advertisement.destination);
  emit(interface, build_ndp(packets_, advertisement, {to, own, kEtherTypeIpv6}));
}

}  // namespace weir::stack
