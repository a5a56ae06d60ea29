// The two halves of parse_ip().
#pragma once

#include <weir/wire/parse.h>

namespace weir::wire {

WireError parse_ipv4(std::span<const std::uint8_t> bytes, std::uint32_t total, bool checksum_known_good, IpHeader& ip);
WireError parse_ipv6(std::span<const std::uint8_t> bytes, std::uint32_t total, IpHeader& ip);

}  // namespace weir::wire
