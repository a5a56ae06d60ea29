// ARP and NDP as they arrive: who asks for us, who tells us, who claims to be us.
#include <weir/stack/network.h>

#include <algorithm>

namespace weir::stack {

namespace {

constexpr std::size_t kCopyMax = 256;  // longest ARP or NDP frame that is offered to other workers

}  // namespace

// Where several workers ask, an answer that fits none of our questions is most likely another's.
void Network::count_ignored(DropReason reason) {
  if (!config_.shares_neighbours) drop(reason);
}

bool Network::is_conflict(std::uint16_t interface, const IpAddress& claimed, const MacAddress& mac) {
  if (mac == interfaces_[interface]->config.mac || !is_own(claimed)) return false;
  drop(DropReason::kAddressConflict);
  return true;
}

void Network::on_arp(std::uint16_t interface, std::span<const std::uint8_t> frame, Instant now) {
  const auto message = parse_arp(frame.subspan(kEthernetHeader));
  if (!message) return drop(DropReason::kArpMalformed);
  if (is_conflict(interface, message->sender, message->sender_mac)) return;
  const bool asks_us = message->operation == ArpMessage::Operation::kRequest && answers_for(message->target, interface);
  if (asks_us) answer_arp(interface, *message);
  if (!learn_arp(interface, *message, now)) count_ignored(DropReason::kArpIgnored);
  if (asks_us || message->operation == ArpMessage::Operation::kReply || message->is_announcement()) {
    offer_copy(interface, frame);
  }
}

// RFC 826 would merge from every packet; we learn from who asks us, who answers us, and announcements.
bool Network::learn_arp(std::uint16_t interface, const ArpMessage& message, Instant now) {
  if (message.is_probe()) return answers_for(message.target, interface);
  if (routes_.find_on_link(message.sender, interface) == nullptr || is_own(message.sender)) return false;
  const bool to_us = answers_for(message.target, interface);
  if (message.operation == ArpMessage::Operation::kRequest && to_us) {
    return neighbours_.on_request(interface, message.sender, message.sender_mac, now), true;
  }
  if (!to_us && !message.is_announcement()) return false;
  const NeighbourTable::Answer answer{.solicited = to_us, .overrides = true};
  return neighbours_.on_answer(interface, message.sender, message.sender_mac, answer, now);
}

void Network::answer_arp(std::uint16_t interface, const ArpMessage& request) {
  const ArpMessage reply{.operation = ArpMessage::Operation::kReply,
                         .sender_mac = interfaces_[interface]->config.mac,
                         .sender = request.target,
                         .target_mac = request.sender_mac,
                         .target = request.sender};
  emit(interface, build_arp(packets_, reply, request.sender_mac));
}

void Network::on_ndp(std::uint16_t interface, std::span<const std::uint8_t> frame, const EthernetHeader& ethernet,
                     Instant now) {
  const auto message = parse_ndp(frame.subspan(kEthernetHeader));
  if (!message) return drop(DropReason::kNdpMalformed);
  if (message->type == NdpMessage::Type::kOther) return drop(DropReason::kNdpIgnored);
  const bool asks = message->type == NdpMessage::Type::kSolicitation;
  const MacAddress& mac = message->link_address ? *message->link_address : ethernet.source;
  if (is_conflict(interface, asks ? message->source : message->target, mac)) return;
  const bool asks_us = asks && answers_for(message->target, interface);
  if (asks_us) answer_ndp(interface, *message, ethernet);
  if (!learn_ndp(interface, *message, now)) count_ignored(DropReason::kNdpIgnored);
  if (asks_us || !asks) offer_copy(interface, frame);
}

bool Network::learn_ndp(std::uint16_t interface, const NdpMessage& message, Instant now) {
  if (message.type == NdpMessage::Type::kSolicitation) return learn_solicitation(interface, message, now);
  if (is_own(message.target) || routes_.find_on_link(message.target, interface) == nullptr) return false;
  if (!message.link_address) return message.solicited && neighbours_.on_bare_answer(interface, message.target, now);
  const NeighbourTable::Answer answer{.solicited = message.solicited, .overrides = message.overrides};
  return neighbours_.on_answer(interface, message.target, *message.link_address, answer, now);
}

// RFC 4861 §7.2.3
bool Network::learn_solicitation(std::uint16_t interface, const NdpMessage& message, Instant now) {
  if (!answers_for(message.target, interface)) return false;
  const bool teaches = message.link_address && !message.source.is_unspecified() && !is_own(message.source) &&
                       routes_.find_on_link(message.source, interface) != nullptr;
  if (teaches) neighbours_.on_request(interface, message.source, *message.link_address, now);
  return true;
}

// RFC 4861 §7.2.4: duplicate address detection (from ::) is answered to all nodes.
void Network::answer_ndp(std::uint16_t interface, const NdpMessage& request, const EthernetHeader& ethernet) {
  const MacAddress& own = interfaces_[interface]->config.mac;
  const bool detection = request.source.is_unspecified();
  const NdpMessage reply{.type = NdpMessage::Type::kAdvertisement,
                         .source = request.target,
                         .destination = detection ? all_nodes_group() : request.source,
                         .target = request.target,
                         .link_address = own,
                         .solicited = !detection,
                         .overrides = true};
  const MacAddress to =
      detection ? MacAddress::multicast_for(reply.destination) : request.link_address.value_or(ethernet.source);
  emit(interface, build_ndp(packets_, reply, {to, own, kEtherTypeIpv6}));
}

void Network::offer_copy(std::uint16_t interface, std::span<const std::uint8_t> frame) {
  if (!config_.shares_neighbours || frame.size() > kCopyMax) return;
  if (copies_.size() >= kNeighbourCopiesMax) return drop(DropReason::kHandOverFull);
  Packet copy = packets_.copy(frame);
  if (!copy) return drop(DropReason::kNoPackets);
  copy.get()->port = interface;
  copies_.push_back(std::move(copy));
}

std::size_t Network::take_neighbour_frames(std::span<rte_mbuf*> out) {
  const std::size_t count = std::min(out.size(), copies_.size());
  for (std::size_t i = 0; i < count; ++i) out[i] = copies_[i].release();
  copies_.erase(copies_.begin(), copies_.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

void Network::on_neighbour_copy(std::uint16_t interface, std::span<const std::uint8_t> frame, Instant now) {
  const auto ethernet = parse_ethernet(frame);
  if (!ethernet || interface >= interfaces_.size()) return;
  const auto payload = frame.subspan(kEthernetHeader);
  if (ethernet->type == kEtherTypeArp) {
    if (const auto message = parse_arp(payload)) learn_arp(interface, *message, now);
  } else if (is_ndp(payload)) {
    const auto message = parse_ndp(payload);
    if (message && message->type != NdpMessage::Type::kOther) learn_ndp(interface, *message, now);
  }
}

}  // namespace weir::stack
