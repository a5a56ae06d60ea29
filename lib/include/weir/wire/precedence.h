// What goes first when a device's ring has no room for all: everything but answers to those of whom nothing is known
// (SYN-ACKs, RSTs without a connection, echo replies), which cost them one packet, and which they will ask for again.
#pragma once

#include <cstdint>

#include <rte_mbuf.h>

namespace weir::wire {

// No packet type of DPDK's; a new packet has none.
inline constexpr std::uint32_t kExpendable = 0x8000'0000;

inline void mark_expendable(rte_mbuf* packet) {
  packet->packet_type = kExpendable;
}
inline bool is_expendable(const rte_mbuf* packet) {
  return packet->packet_type == kExpendable;
}

}  // namespace weir::wire
