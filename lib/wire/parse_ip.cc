#include "parse_families.h"

namespace weir::wire {

WireError parse_ip(std::span<const std::uint8_t> bytes, std::uint32_t total, bool checksum_known_good, IpHeader& ip) {
  if (bytes.empty()) return WireError::kTruncated;
  switch (bytes[0] >> 4) {
    case 4:
      return parse_ipv4(bytes, total, checksum_known_good, ip);
    case 6:
      return parse_ipv6(bytes, total, ip);
    default:
      return WireError::kIpVersion;
  }
}

}  // namespace weir::wire
