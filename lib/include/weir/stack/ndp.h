// Neighbour discovery for IPv6 (RFC 4861): bytes to meaning and back. Router discovery and redirects are parsed as
// far as their type: routes are configured.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <weir/stack/ethernet.h>

namespace weir::stack {

struct NdpMessage {
  enum class Type : std::uint8_t { kSolicitation = 135, kAdvertisement = 136, kOther = 0 };
  Type type = Type::kOther;
  IpAddress source{};  // :: in duplicate address detection
  IpAddress destination{};
  IpAddress target{};
  std::optional<MacAddress> link_address{};  // source's in a solicitation, target's in an advertisement
  bool solicited = false;                    // advertisements only
  bool overrides = false;
};

// Is this IPv6 packet (no link header) of types 133 to 137? Looks no further.
bool is_ndp(std::span<const std::uint8_t> packet);

// `packet` is a whole IPv6 packet. Nothing when any check of RFC 4861 §7.1.1, §7.1.2 fails: hop limit 255, checksum,
// code, length, options, target, source and destination.
std::optional<NdpMessage> parse_ndp(std::span<const std::uint8_t> packet);

// A whole frame with hop limit 255; link_address goes into the option that belongs to the type. Empty when the pool is.
Packet build_ndp(PacketPool& packets, const NdpMessage& message, const EthernetHeader& ethernet);

}  // namespace weir::stack
