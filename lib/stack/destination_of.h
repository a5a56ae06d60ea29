// Whereto a packet goes, without parsing the rest of it.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include <weir/wire/address.h>

namespace weir::stack {

// Nothing when it is no IP packet, or too short for its header.
inline std::optional<IpAddress> destination_of(std::span<const std::uint8_t> packet) {
  if (packet.size() >= 20 && packet[0] >> 4 == 4) {
    std::uint32_t raw;
    std::memcpy(&raw, packet.data() + 16, sizeof raw);
    return IpAddress::v4(be32::from_raw(raw));
  }
  if (packet.size() >= 40 && packet[0] >> 4 == 6) return IpAddress::v6(packet.data() + 24);
  return std::nullopt;
}

}  // namespace weir::stack
