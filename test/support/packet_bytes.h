// What routers do to an IP packet's bytes, and what a receiver checks: no mbufs, no EAL.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <weir/wire/segment.h>

namespace weir::testing {

// CE in the IP header (RFC 3168 §5), the IPv4 checksum with it.
void set_congestion_experienced(std::span<std::uint8_t> packet);
// Is the TCP or ICMPv6 checksum right, the pseudo-header with it?
bool is_checksum_right(std::span<const std::uint8_t> packet, const IpHeader& ip);
// Two other bytes in a long packet's text, such that no checksum tells.
void change_text_unnoticed(std::vector<std::uint8_t>& packet);
// "Fragmentation needed" or "packet too big" (RFC 1191 §4, RFC 4443 §3.2) about `packet`, from a router, to its sender.
std::vector<std::uint8_t> icmp_too_big(std::span<const std::uint8_t> packet, const IpHeader& ip, std::uint16_t mtu);

}  // namespace weir::testing
