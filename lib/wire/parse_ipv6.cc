#include <weir/wire/headers.h>

#include "parse_families.h"

namespace weir::wire {

namespace {

// Walks the options of a hop-by-hop or destination options header; false when one of them forbids us to go on.
bool may_ignore(std::span<const std::uint8_t> options) {
  for (unsigned count = 0; !options.empty(); ++count) {
    const std::uint8_t type = options[0];
    if (count == kExtensionOptionsMax) return false;
    if ((type & 0xc0) != 0) return false;  // RFC 8200 §4.2: discard the packet when not known
    if (type != 0 && options.size() < 2) return false;
    const std::size_t length = type == 0 ? 1 : std::size_t{options[1]} + 2;  // type 0 is Pad1, without a length
    if (length > options.size()) return false;
    options = options.subspan(length);
  }
  return true;
}

// Follows the headers between the IPv6 header and the upper layer.
class ExtensionWalk {
 public:
  ExtensionWalk(std::span<const std::uint8_t> bytes, std::uint32_t end, IpHeader& ip)
      : bytes_(bytes), end_(end), ip_(ip) {}

  WireError walk() {
    for (unsigned count = 0; is_extension() && !ip_.is_fragment; ++count) {
      if (count == kExtensionHeadersMax) return WireError::kIpExtension;
      if (const WireError error = step(); error != WireError::kNone) return error;
    }
    return WireError::kNone;
  }

 private:
  bool is(Ipv6Extension kind) const { return ip_.protocol == static_cast<std::uint8_t>(kind); }
  bool is_extension() const {
    return is(Ipv6Extension::kHopByHop) || is(Ipv6Extension::kRouting) || is(Ipv6Extension::kFragment) ||
           is(Ipv6Extension::kDestination);
  }

  WireError step() {
    if (is(Ipv6Extension::kHopByHop) && ip_.header_length != sizeof(Ipv6Header)) return WireError::kIpExtension;
    return is(Ipv6Extension::kFragment) ? step_fragment() : step_options();
  }

  // Are the next n bytes within the packet, and here?
  WireError reach(std::uint16_t n) const {
    if (std::uint32_t{ip_.header_length} + n > end_) return WireError::kIpExtension;
    return std::size_t{ip_.header_length} + n > bytes_.size() ? WireError::kTruncated : WireError::kNone;
  }

  WireError step_options() {
    if (const WireError error = reach(8); error != WireError::kNone) return error;
    const auto header = load<Ipv6ExtensionHeader>(bytes_.data() + ip_.header_length);
    if (const WireError error = reach(header.length()); error != WireError::kNone) return error;
    const bool may_pass = is(Ipv6Extension::kRouting)
                              ? header.segments_left == 0
                              : may_ignore(bytes_.subspan(ip_.header_length + 2U, header.length() - 2U));
    if (!may_pass) return WireError::kIpExtension;
    advance(header.next_header, header.length());
    return WireError::kNone;
  }

  WireError step_fragment() {
    if (const WireError error = reach(sizeof(Ipv6FragmentHeader)); error != WireError::kNone) return error;
    const auto header = load<Ipv6FragmentHeader>(bytes_.data() + ip_.header_length);
    ip_.fragment_header = ip_.header_length;
    ip_.fragment_id = header.id.value();
    ip_.fragment_offset = header.offset_flags.value() & Ipv6FragmentHeader::kOffsetMask;
    ip_.more_fragments = (header.offset_flags.value() & Ipv6FragmentHeader::kMoreFragments) != 0;
    ip_.is_fragment = ip_.more_fragments || ip_.fragment_offset != 0;
    ip_.is_first_fragment = ip_.is_fragment && ip_.fragment_offset == 0;
    advance(header.next_header, sizeof(Ipv6FragmentHeader));
    return WireError::kNone;
  }

  void advance(std::uint8_t next_header, std::uint16_t n) {
    ip_.protocol = next_header;
    ip_.header_length = static_cast<std::uint16_t>(ip_.header_length + n);
  }

  std::span<const std::uint8_t> bytes_;
  std::uint32_t end_;
  IpHeader& ip_;
};

void read_fields(const Ipv6Header& header, IpHeader& ip) {
  const std::uint32_t traffic_class = header.version_class_flow.value() >> 20;
  ip = IpHeader{};
  ip.source = to_address(header.source);
  ip.destination = to_address(header.destination);
  ip.protocol = header.next_header;
  ip.ttl = header.hop_limit;
  ip.dscp = static_cast<std::uint8_t>(traffic_class >> 2 & 0x3f);
  ip.ecn = static_cast<Ecn>(traffic_class & 3);
  ip.header_length = sizeof(Ipv6Header);
}

}  // namespace

WireError parse_ipv6(std::span<const std::uint8_t> bytes, std::uint32_t total, IpHeader& ip) {
  if (bytes.size() < sizeof(Ipv6Header)) return WireError::kTruncated;
  const auto header = load<Ipv6Header>(bytes.data());
  const std::uint32_t end = std::uint32_t{header.payload_length.value()} + std::uint32_t{sizeof(Ipv6Header)};
  if (end > total) return WireError::kIpTotalLength;
  read_fields(header, ip);
  if (ip.source.is_v4()) return WireError::kIpSource;
  if (ip.destination.is_v4()) return WireError::kIpDestination;
  if (const WireError error = ExtensionWalk{bytes, end, ip}.walk(); error != WireError::kNone) return error;
  ip.payload_length = end - ip.header_length;
  return WireError::kNone;
}

}  // namespace weir::wire
