// Packets with known bytes, in one piece or cut into segments.
#pragma once

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <weir/wire/packet.h>

namespace weir::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes counting(std::size_t count, std::uint8_t first = 0) {
  Bytes bytes(count);
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

inline Bytes bytes_of(const Packet& packet) {
  Bytes bytes(packet.length());
  packet.copy_to(0, bytes);
  return bytes;
}

// Cuts `bytes` into segments of these lengths (0 allowed); what is left over becomes the last segment.
inline Packet chain(PacketPool& pool, std::span<const std::uint8_t> bytes, const std::vector<std::size_t>& lengths) {
  Packet packet;
  auto add = [&](std::size_t length) {
    Packet piece = pool.copy(bytes.first(length));
    bytes = bytes.subspan(length);
    if (!packet) {
      packet = std::move(piece);
    } else {
      packet.append_chain(std::move(piece));
    }
  };
  for (const std::size_t length : lengths) add(std::min(length, bytes.size()));
  if (!bytes.empty() || !packet) add(bytes.size());
  return packet;
}

}  // namespace weir::test
