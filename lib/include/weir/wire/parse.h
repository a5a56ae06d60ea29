// Bytes to meaning. All work on spans, so that fuzzers can hand in exact-size buffers; none reads past the end.
#pragma once

#include <cstdint>
#include <span>

#include <weir/wire/segment.h>

namespace weir::wire {

// At most this many extension headers are skipped (hop-by-hop, destination options, routing, fragment).
inline constexpr unsigned kExtensionHeadersMax = 8;
// ... and this many options in each of them, padding counted (RFC 8504 §5.3 allows such a limit).
inline constexpr unsigned kExtensionOptionsMax = 32;

// IPv4 or IPv6 by the version nibble. `bytes` starts at the IP header and must hold all headers contiguously;
// `total` is the whole packet's length where it goes on in further segments (>= bytes.size()).
// Checks the IPv4 header checksum unless `checksum_known_good`. Does not judge addresses, except that IPv4-mapped
// ones in IPv6 (kIpSource, kIpDestination) are refused: past this point they would pass for IPv4.
// IPv4 options are skipped unread. Of IPv6: an option that says "discard when unknown" (RFC 8200 §4.2) and a routing
// header with segments left (we are no router) are kIpExtension. An IPv6 fragment that is the whole packet is none
// (RFC 6946). Of other fragments, what follows the fragment header is not looked at: reassemble, then parse again.
// `ip` is meaningful only when kNone is returned.
WireError parse_ip(std::span<const std::uint8_t> bytes, std::uint32_t total, bool checksum_known_good, IpHeader& ip);

// `bytes` starts at the TCP header, which must be contiguous; `ip.payload_length` tells where TCP ends (bytes behind
// that are padding). Does not verify the checksum. `segment` is meaningful only when kNone is returned.
WireError parse_tcp(std::span<const std::uint8_t> bytes, const IpHeader& ip, Segment& segment);

// Options alone (`bytes` = what lies between the fixed header and the payload).
WireError parse_tcp_options(std::span<const std::uint8_t> bytes, TcpOptions& options);

}  // namespace weir::wire
