// Meaning to bytes: what tcp and icmp use to write packets.
#pragma once

#include <cstdint>

#include <weir/wire/option_layout.h>
#include <weir/wire/packet.h>
#include <weir/wire/segment.h>

namespace weir::wire {

// Who sends to whom; ports in host order.
struct Path {
  IpAddress source{};
  IpAddress destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint8_t ttl = 64;
  std::uint8_t dscp = 0;
  Ecn ecn = Ecn::kNotEct;
};

// Length in bytes of the options as write_tcp() lays them out, padded to a multiple of four, at most 40. Of the SACK
// blocks, the last ones are left out when they do not fit.
std::uint16_t tcp_options_length(const TcpOptions& options);

// Puts TCP and IP headers in front of what `packet` holds (its payload, possibly a chain; possibly nothing).
// Uses path, and of `segment`: seq, ack, flags, window, urgent, options. Option order: MSS, SACK-permitted,
// timestamps, NOP + window scale, SACK blocks; NOPs keep each on a multiple of four. IPv4: DF set, ID 0 (RFC 6864).
// The TCP checksum field holds the pseudo-header's sum, ol_flags ask for checksums, l3_len/l4_len are set (l2_len
// is 0: for who writes the link header): complete it by finish_checksums() or in the device.
// The packet must be is_writable(): payload that others refer to goes behind a fresh packet, by append_chain().
// Returns false, with the packet unchanged, when the headroom is too small or the result exceeds 65,535 bytes.
[[nodiscard]] bool write_tcp(Packet& packet, const Path& path, const Segment& segment);
// The same with the options of a SYN (SACK blocks are left out) in the order of `layout`.
[[nodiscard]] bool write_tcp(Packet& packet, const Path& path, const Segment& segment, const OptionLayout& layout);

// Computes in software what ol_flags still ask for (IPv4 header, TCP), chains included, and clears the request.
// `packet` starts at the IP header plus `l2_length` bytes; IP and TCP headers lie in its first segment.
void finish_checksums(Packet& packet, std::uint16_t l2_length = 0);

// IP header alone in front of an upper-layer payload whose checksum is already complete (ICMP); IPv4 header
// checksum computed; DF set, ID 0. Requires is_writable(). Returns false as write_tcp() does.
[[nodiscard]] bool write_ip(Packet& packet, const Path& path, IpProtocol protocol);

// Internet checksum (RFC 1071) of TCP/ICMPv6 including the pseudo-header, over the ip.payload_length bytes of
// `packet` from `offset` (start of the upper layer), which must be there; 0 when a received one is right.
// Computed over a checksum field of zero it is what belongs there, in wire order. Chains included.
std::uint16_t transport_checksum(const Packet& packet, std::uint32_t offset, const IpHeader& ip);

// The same without a pseudo-header, for ICMP of IPv4.
std::uint16_t internet_checksum(const Packet& packet, std::uint32_t offset, std::uint32_t length);

}  // namespace weir::wire
