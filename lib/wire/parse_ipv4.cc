#include <weir/wire/headers.h>

#include "checksum_sum.h"
#include "parse_families.h"

namespace weir::wire {

namespace {

void read_fragment(const Ipv4Header& header, IpHeader& ip) {
  const std::uint16_t fragment = header.fragment.value();
  ip.more_fragments = (fragment & Ipv4Header::kMoreFragments) != 0;
  ip.fragment_offset = static_cast<std::uint16_t>((fragment & Ipv4Header::kOffsetMask) * 8);
  ip.is_fragment = ip.more_fragments || ip.fragment_offset != 0;
  ip.is_first_fragment = ip.is_fragment && ip.fragment_offset == 0;
  ip.fragment_id = header.id.value();
  ip.fragment_header = 0;
}

void read_fields(const Ipv4Header& header, IpHeader& ip) {
  ip.source = to_address(header.source);
  ip.destination = to_address(header.destination);
  ip.protocol = header.protocol;
  ip.ttl = header.ttl;
  ip.dscp = header.traffic_class >> 2;
  ip.ecn = static_cast<Ecn>(header.traffic_class & 3);
}

}  // namespace

WireError parse_ipv4(std::span<const std::uint8_t> bytes, std::uint32_t total, bool checksum_known_good, IpHeader& ip) {
  if (bytes.size() < sizeof(Ipv4Header)) return WireError::kTruncated;
  const auto header = load<Ipv4Header>(bytes.data());
  const std::uint16_t length = header.length();
  if (length < sizeof(Ipv4Header) || length > bytes.size()) return WireError::kIpHeaderLength;
  if (!checksum_known_good && ipv4_sum(bytes.data(), length) != 0xffff) return WireError::kIpChecksum;
  if (header.total_length.value() < length || header.total_length.value() > total) return WireError::kIpTotalLength;
  ip.header_length = length;
  ip.payload_length = header.total_length.value() - length;
  read_fields(header, ip);
  read_fragment(header, ip);
  return WireError::kNone;
}

}  // namespace weir::wire
