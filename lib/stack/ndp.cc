#include <weir/stack/ndp.h>

#include <algorithm>
#include <cstring>

#include <rte_ip.h>

namespace weir::stack {

namespace {

constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kNdpHeader = 24;  // type, code, checksum, flags, target
constexpr std::uint8_t kHopLimit = 255;
constexpr std::uint8_t kFirstType = 133, kLastType = 137;
constexpr std::uint8_t kSourceLinkAddress = 1, kTargetLinkAddress = 2;
constexpr std::uint8_t kSolicitedFlag = 0x40, kOverrideFlag = 0x20;

struct Header {
  std::uint8_t type;
  std::uint8_t code;
  std::uint16_t checksum;
  std::uint8_t flags;
  std::uint8_t reserved[3];
  std::uint8_t target[16];
};
static_assert(sizeof(Header) == kNdpHeader);

struct LinkOption {
  std::uint8_t type;
  std::uint8_t length;  // in units of eight bytes
  std::uint8_t mac[6];
};
static_assert(sizeof(LinkOption) == 8);

bool has_valid_frame(std::span<const std::uint8_t> packet, const rte_ipv6_hdr& ip, std::size_t payload) {
  return ip.hop_limits == kHopLimit && ip.proto == IPPROTO_ICMPV6 && packet.size() - kIpv6Header >= payload &&
         rte_ipv6_udptcp_cksum(&ip, packet.data() + kIpv6Header) == 0;
}

// RFC 4861 §4.6: options of unknown type are skipped, one of length zero spoils the packet.
bool parse_options(std::span<const std::uint8_t> bytes, std::uint8_t wanted, NdpMessage& message) {
  while (!bytes.empty()) {
    if (bytes.size() < 2 || bytes[1] == 0 || bytes.size() < bytes[1] * 8U) return false;
    if (bytes[0] == wanted) message.link_address = read_mac(bytes.data() + 2);
    bytes = bytes.subspan(bytes[1] * 8U);
  }
  return !message.link_address || !(message.link_address->is_group() || message.link_address->is_zero());
}

// §7.1.1: duplicate address detection comes from :: to the solicited-node group, without a link address.
bool is_valid_solicitation(const NdpMessage& message) {
  if (!message.source.is_unspecified()) return message.source.is_valid_source();
  return message.destination == solicited_node_group(message.target) && !message.link_address;
}

// §7.1.2
bool is_valid_advertisement(const NdpMessage& message) {
  return message.source.is_valid_source() && !(message.destination.is_multicast() && message.solicited);
}

bool read_body(std::span<const std::uint8_t> body, NdpMessage& message) {
  Header header;
  if (body.size() < sizeof header) return false;
  std::memcpy(&header, body.data(), sizeof header);
  message.target = IpAddress::v6(header.target);
  if (header.code != 0 || message.target.is_multicast()) return false;
  message.type = static_cast<NdpMessage::Type>(header.type);
  const bool asks = message.type == NdpMessage::Type::kSolicitation;
  message.solicited = !asks && (header.flags & kSolicitedFlag) != 0;
  message.overrides = !asks && (header.flags & kOverrideFlag) != 0;
  if (!parse_options(body.subspan(kNdpHeader), asks ? kSourceLinkAddress : kTargetLinkAddress, message)) return false;
  return asks ? is_valid_solicitation(message) : is_valid_advertisement(message);
}

Header header_for(const NdpMessage& message) {
  Header header{};
  header.type = static_cast<std::uint8_t>(message.type);
  header.flags =
      static_cast<std::uint8_t>((message.solicited ? kSolicitedFlag : 0) | (message.overrides ? kOverrideFlag : 0));
  std::memcpy(header.target, message.target.bytes().data(), 16);
  return header;
}

LinkOption option_for(const NdpMessage& message) {
  LinkOption option{};
  option.type = message.type == NdpMessage::Type::kSolicitation ? kSourceLinkAddress : kTargetLinkAddress;
  option.length = 1;
  std::memcpy(option.mac, message.link_address->bytes().data(), 6);
  return option;
}

rte_ipv6_hdr ip_header_for(const NdpMessage& message, std::size_t payload) {
  rte_ipv6_hdr ip{};
  ip.vtc_flow = rte_cpu_to_be_32(6U << 28);
  ip.payload_len = rte_cpu_to_be_16(static_cast<std::uint16_t>(payload));
  ip.proto = IPPROTO_ICMPV6;
  ip.hop_limits = kHopLimit;
  std::memcpy(ip.src_addr, message.source.bytes().data(), 16);
  std::memcpy(ip.dst_addr, message.destination.bytes().data(), 16);
  return ip;
}

}  // namespace

bool is_ndp(std::span<const std::uint8_t> packet) {
  if (packet.size() <= kIpv6Header || packet[6] != IPPROTO_ICMPV6) return false;
  return packet[kIpv6Header] >= kFirstType && packet[kIpv6Header] <= kLastType;
}

std::optional<NdpMessage> parse_ndp(std::span<const std::uint8_t> packet) {
  rte_ipv6_hdr ip;
  if (packet.size() < kIpv6Header) return std::nullopt;
  std::memcpy(&ip, packet.data(), sizeof ip);
  const std::size_t payload = rte_be_to_cpu_16(ip.payload_len);
  if (payload < 4 || !has_valid_frame(packet, ip, payload)) return std::nullopt;
  NdpMessage message{.source = IpAddress::v6(ip.src_addr), .destination = IpAddress::v6(ip.dst_addr)};
  const auto body = packet.subspan(kIpv6Header, payload);
  const bool is_neighbour = body[0] == static_cast<std::uint8_t>(NdpMessage::Type::kSolicitation) ||
                            body[0] == static_cast<std::uint8_t>(NdpMessage::Type::kAdvertisement);
  if (is_neighbour && !read_body(body, message)) return std::nullopt;
  return message;
}

Packet build_ndp(PacketPool& packets, const NdpMessage& message, const EthernetHeader& ethernet) {
  Packet packet = packets.allocate();
  if (!packet) return {};
  const std::size_t payload = sizeof(Header) + (message.link_address ? sizeof(LinkOption) : 0);
  std::uint8_t* at = packet.append(static_cast<std::uint16_t>(kIpv6Header + payload));
  if (at == nullptr) return {};
  const rte_ipv6_hdr ip = ip_header_for(message, payload);
  Header header = header_for(message);
  std::memcpy(at, &ip, sizeof ip);
  std::memcpy(at + kIpv6Header, &header, sizeof header);
  if (message.link_address) {
    const LinkOption option = option_for(message);
    std::memcpy(at + kIpv6Header + sizeof header, &option, sizeof option);
  }
  header.checksum = rte_ipv6_udptcp_cksum(&ip, at + kIpv6Header);
  std::memcpy(at + kIpv6Header, &header, sizeof header);
  if (!write_ethernet(packet, ethernet)) return {};
  return packet;
}

}  // namespace weir::stack
