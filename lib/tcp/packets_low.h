// When packets run low, what can wait gives way to what cannot.
#pragma once

#include <weir/wire/packet.h>

namespace weir::tcp {

// One in so many is left to others by text beyond holes, and by windows that a peer holds shut (RFC 6429 leaves it to
// the resource manager when).
inline constexpr std::uint32_t kReserveShare = 8;

// Fewer than one in `share` are free. All caches of all cores are counted only where the pool itself does not settle
// it, for text beyond holes asks with each segment.
inline bool are_packets_low(const PacketPool& packets, std::uint32_t share) {
  const std::uint32_t reserve = packets.capacity() / share;
  const unsigned outside_caches = rte_mempool_get_ops(packets.get()->ops_index)->get_count(packets.get());
  return outside_caches < reserve && packets.available() < reserve;
}

}  // namespace weir::tcp
