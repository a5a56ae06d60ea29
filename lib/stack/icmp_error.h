// ICMP errors: what kind, and which TCP segment of ours they are about.
#pragma once

#include <span>

#include <weir/stack/icmp.h>

namespace weir::stack {

inline constexpr std::size_t kIcmpHeader = 8;

// `icmp` holds at least kIcmpHeader bytes, checksum verified; `ip` is the header it came with.
IcmpMessage parse_icmp_error(std::span<const std::uint8_t> icmp, const IpHeader& ip);

}  // namespace weir::stack
