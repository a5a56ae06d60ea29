// Headers as they stand on the wire, in wire order. Packets are not aligned: load() and store() copy, which
// compilers turn into plain moves.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <weir/base/big_endian.h>
#include <weir/wire/address.h>

namespace weir::wire {

template <typename Header>
Header load(const std::uint8_t* at) {
  static_assert(std::is_trivially_copyable_v<Header>);
  Header header;
  std::memcpy(&header, at, sizeof header);
  return header;
}

template <typename Header>
void store(std::uint8_t* at, const Header& header) {
  static_assert(std::is_trivially_copyable_v<Header>);
  std::memcpy(at, &header, sizeof header);
}

using Ipv4Bytes = std::array<std::uint8_t, 4>;
using Ipv6Bytes = std::array<std::uint8_t, 16>;

inline IpAddress to_address(const Ipv4Bytes& bytes) {
  return IpAddress::v4(load<be32>(bytes.data()));
}
inline IpAddress to_address(const Ipv6Bytes& bytes) {
  return IpAddress::v6(bytes.data());
}
inline Ipv4Bytes ipv4_bytes(const IpAddress& address) {
  return load<Ipv4Bytes>(address.bytes().data() + 12);
}

enum class EtherType : std::uint16_t { kIpv4 = 0x0800, kArp = 0x0806, kVlan = 0x8100, kIpv6 = 0x86dd };

struct EthernetHeader {
  MacAddress destination;
  MacAddress source;
  be16 type;
};
static_assert(sizeof(EthernetHeader) == 14);

// RFC 826, for IPv4 over Ethernet.
struct ArpHeader {
  static constexpr std::uint16_t kEthernet = 1;
  static constexpr std::uint16_t kRequest = 1;
  static constexpr std::uint16_t kReply = 2;
  be16 hardware;
  be16 protocol;  // EtherType::kIpv4
  std::uint8_t hardware_length = 0;
  std::uint8_t protocol_length = 0;
  be16 operation;
  MacAddress sender_mac;
  Ipv4Bytes sender_ip{};
  MacAddress target_mac;
  Ipv4Bytes target_ip{};
};
static_assert(sizeof(ArpHeader) == 28);

// RFC 791 §3.1, without options.
struct Ipv4Header {
  static constexpr std::uint16_t kDontFragment = 0x4000;
  static constexpr std::uint16_t kMoreFragments = 0x2000;
  static constexpr std::uint16_t kOffsetMask = 0x1fff;  // in units of 8 bytes
  std::uint8_t version_ihl = 0x45;                      // IHL in units of 4 bytes
  std::uint8_t traffic_class = 0;                       // DSCP, ECN
  be16 total_length;
  be16 id;
  be16 fragment;
  std::uint8_t ttl = 0;
  std::uint8_t protocol = 0;
  be16 checksum;
  Ipv4Bytes source{};
  Ipv4Bytes destination{};

  std::uint16_t length() const { return static_cast<std::uint16_t>((version_ihl & 0x0f) * 4); }
};
static_assert(sizeof(Ipv4Header) == 20);

// RFC 8200 §3.
struct Ipv6Header {
  be32 version_class_flow;  // 4, 8 and 20 bits
  be16 payload_length;
  std::uint8_t next_header = 0;
  std::uint8_t hop_limit = 0;
  Ipv6Bytes source{};
  Ipv6Bytes destination{};
};
static_assert(sizeof(Ipv6Header) == 40);

enum class Ipv6Extension : std::uint8_t { kHopByHop = 0, kRouting = 43, kFragment = 44, kDestination = 60 };

// The start of hop-by-hop, routing and destination options headers (RFC 8200 §4).
struct Ipv6ExtensionHeader {
  std::uint8_t next_header = 0;
  std::uint8_t length_in_eights = 0;  // beyond the first eight bytes
  std::uint8_t routing_type = 0;      // kRouting only, as is the next
  std::uint8_t segments_left = 0;

  std::uint16_t length() const { return static_cast<std::uint16_t>((length_in_eights + 1) * 8); }
};
static_assert(sizeof(Ipv6ExtensionHeader) == 4);

// RFC 8200 §4.5.
struct Ipv6FragmentHeader {
  static constexpr std::uint16_t kMoreFragments = 0x0001;
  static constexpr std::uint16_t kOffsetMask = 0xfff8;  // already in bytes
  std::uint8_t next_header = 0;
  std::uint8_t reserved = 0;
  be16 offset_flags;
  be32 id;
};
static_assert(sizeof(Ipv6FragmentHeader) == 8);

// RFC 9293 §3.1, without options.
struct TcpHeader {
  be16 source_port;
  be16 destination_port;
  be32 seq;
  be32 ack;
  std::uint8_t data_offset = 0x50;  // upper four bits, in units of 4 bytes
  std::uint8_t flags = 0;
  be16 window;
  be16 checksum;
  be16 urgent;

  std::uint16_t length() const { return static_cast<std::uint16_t>((data_offset >> 4) * 4); }
};
static_assert(sizeof(TcpHeader) == 20);

enum class TcpOptionKind : std::uint8_t {
  kEnd = 0,
  kNop = 1,
  kMss = 2,
  kWindowScale = 3,
  kSackPermitted = 4,
  kSack = 5,
  kTimestamps = 8,
};

// RFC 792 and RFC 4443 §2.1: the eight bytes that all messages of both families begin with.
struct IcmpHeader {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  be16 checksum;
  be32 rest;  // echo: identifier and sequence number; IPv6 packet too big: MTU; IPv4 too big: MTU in the low half
};
static_assert(sizeof(IcmpHeader) == 8);

namespace icmp_type {
inline constexpr std::uint8_t kEchoReply = 0;
inline constexpr std::uint8_t kUnreachable = 3;
inline constexpr std::uint8_t kSourceQuench = 4;
inline constexpr std::uint8_t kEchoRequest = 8;
inline constexpr std::uint8_t kTimeExceeded = 11;
inline constexpr std::uint8_t kParameterProblem = 12;
}  // namespace icmp_type

namespace icmpv6_type {
inline constexpr std::uint8_t kUnreachable = 1;
inline constexpr std::uint8_t kPacketTooBig = 2;
inline constexpr std::uint8_t kTimeExceeded = 3;
inline constexpr std::uint8_t kParameterProblem = 4;
inline constexpr std::uint8_t kEchoRequest = 128;
inline constexpr std::uint8_t kEchoReply = 129;
inline constexpr std::uint8_t kRouterSolicitation = 133;
inline constexpr std::uint8_t kRouterAdvertisement = 134;
inline constexpr std::uint8_t kNeighborSolicitation = 135;
inline constexpr std::uint8_t kNeighborAdvertisement = 136;
inline constexpr std::uint8_t kRedirect = 137;
}  // namespace icmpv6_type

// RFC 4861 §4.3 and §4.4: neighbour solicitation and advertisement; options follow.
struct NeighborMessage {
  static constexpr std::uint32_t kRouter = 0x8000'0000;
  static constexpr std::uint32_t kSolicited = 0x4000'0000;
  static constexpr std::uint32_t kOverride = 0x2000'0000;
  static constexpr std::uint8_t kHopLimit = 255;  // else it came from off the link
  IcmpHeader icmp;                                // icmp.rest: the flags, in advertisements
  Ipv6Bytes target{};
};
static_assert(sizeof(NeighborMessage) == 24);

// RFC 4861 §4.6.1: the sender's (1) or the target's (2) link-layer address.
struct LinkAddressOption {
  static constexpr std::uint8_t kSource = 1;
  static constexpr std::uint8_t kTarget = 2;
  std::uint8_t type = 0;
  std::uint8_t length_in_eights = 1;
  MacAddress address;
};
static_assert(sizeof(LinkAddressOption) == 8);

}  // namespace weir::wire
