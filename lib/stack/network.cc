#include <weir/stack/network.h>

#include <algorithm>
#include <stdexcept>

namespace weir::stack {

const char* to_string(RouteError error) {
  switch (error) {
    case RouteError::kNone:
      return "no error";
    case RouteError::kGatewayNotOnLink:
      return "the gateway is in no connected network";
    case RouteError::kFamilyMismatch:
      return "prefix and gateway are of different families";
    case RouteError::kNoInterface:
      return "no such interface";
    case RouteError::kTooMany:
      return "too many routes";
  }
  return "unknown";
}

Network::Network(const NetworkConfig& config, PacketPool& packets, DropCounters& drops, Random random, Instant now)
    : config_(config),
      packets_(packets),
      drops_(drops),
      neighbours_(
          config.neighbours,
          NeighbourSink{.context = this,
                        .solicit = [](void* self, const Neighbour& neighbour,
                                      bool unicast) { static_cast<Network*>(self)->solicit(neighbour, unicast); },
                        .deliver =
                            [](void* self, const Neighbour& neighbour, rte_mbuf* packet) {
                              static_cast<Network*>(self)->emit_ip(neighbour.interface, neighbour.mac, Packet{packet});
                            }},
          drops, config.secret, random, now) {
  copies_.reserve(kNeighbourCopiesMax);
}

std::uint16_t Network::add_interface(const InterfaceConfig& config) {
  if (interfaces_.size() >= kInterfacesMax) throw std::invalid_argument("more than 16 interfaces");
  const auto index = static_cast<std::uint16_t>(interfaces_.size());
  interfaces_.push_back(std::make_unique<Interface>(config));
  const IpAddress& link_local = interfaces_.back()->link_local;
  std::vector<Prefix> prefixes = config.prefixes;
  prefixes.push_back(Prefix{link_local, 64});
  for (const Prefix& prefix : prefixes) {
    add_own_address(prefix.address, index);
    if (!routes_.add(Route{prefix, index, std::nullopt})) throw std::invalid_argument("more than 1024 routes");
  }
  return index;
}

RouteError Network::add_route(const Prefix& prefix, const IpAddress& via, std::optional<std::uint16_t> interface) {
  if (prefix.address.family() != via.family()) return RouteError::kFamilyMismatch;
  if (interface && *interface >= interfaces_.size()) return RouteError::kNoInterface;
  const Route* link = routes_.find_on_link(via, interface);
  if (link == nullptr) return RouteError::kGatewayNotOnLink;
  return routes_.add(Route{prefix, link->interface, via}) ? RouteError::kNone : RouteError::kTooMany;
}

void Network::add_virtual_address(const IpAddress& address) {
  add_own_address(address, kEveryInterface);
}

bool Network::add_neighbour(std::uint16_t interface, const IpAddress& address, const MacAddress& mac) {
  return neighbours_.add_permanent(interface, address, mac);
}

// An address that an interface has already stays the interface's.
void Network::add_own_address(const IpAddress& address, std::uint16_t interface) {
  const auto at = std::lower_bound(own_.begin(), own_.end(), address,
                                   [](const OwnAddress& own, const IpAddress& a) { return own.address < a; });
  if (at != own_.end() && at->address == address) return;
  if (own_.size() >= kAddressesMax) throw std::invalid_argument("more than 65535 addresses");
  own_.insert(at, OwnAddress{address, interface});
}

bool Network::answers_for(const IpAddress& address, std::uint16_t interface) const {
  const auto at = std::lower_bound(own_.begin(), own_.end(), address,
                                   [](const OwnAddress& own, const IpAddress& a) { return own.address < a; });
  if (at == own_.end() || at->address != address) return false;
  return interface == kEveryInterface || at->interface == kEveryInterface || at->interface == interface;
}

bool Network::is_own(const IpAddress& address) const {
  return answers_for(address, kEveryInterface);
}

std::vector<IpAddress> Network::own_addresses() const {
  std::vector<IpAddress> result;
  for (const OwnAddress& own : own_) result.push_back(own.address);
  return result;
}

std::optional<IpAddress> Network::source_for(const IpAddress& destination) const {
  const Route* route = routes_.find(destination);
  if (route == nullptr) return std::nullopt;
  if (!destination.is_v4() && destination.is_link_local()) return interfaces_[route->interface]->link_local;
  return source_on(route->interface, route->next_hop(destination));
}

std::optional<IpAddress> Network::source_on(std::uint16_t interface, const IpAddress& next_hop) const {
  const Interface& port = *interfaces_[interface];
  std::optional<IpAddress> first;
  for (const Prefix& prefix : port.config.prefixes) {
    if (prefix.address.family() != next_hop.family()) continue;
    if (prefix.contains(next_hop)) return prefix.address;
    if (!first) first = prefix.address;
  }
  if (!first && !next_hop.is_v4()) return port.link_local;
  return first;
}

std::vector<MacAddress> Network::group_macs(std::uint16_t interface) const {
  std::vector<MacAddress> groups{MacAddress::multicast_for(all_nodes_group())};
  for (const OwnAddress& own : own_) {
    if (own.address.is_v4() || !answers_for(own.address, interface)) continue;
    groups.push_back(MacAddress::multicast_for(solicited_node_group(own.address)));
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

bool Network::advance(Instant now) {
  const bool more_neighbours = neighbours_.advance(now);
  const bool more_announcements = advance_announcements(now);
  return more_neighbours || more_announcements;
}

std::optional<Instant> Network::next_deadline() const {
  std::optional<Instant> deadline = neighbours_.next_deadline();
  if (announce_rounds_ != 0 && (!deadline || announce_at_ < *deadline)) deadline = announce_at_;
  return deadline;
}

}  // namespace weir::stack
