// Cold::out_of_order: what lies beyond a hole. Where bytes come twice, the first copy stays.
#pragma once

#include "step.h"

namespace weir::tcp {

// Small segments are copied together: each pins a whole buffer otherwise.
inline constexpr std::uint32_t kCoalesceMax = 256;
// Packets beyond a hole: at least these, and one more for each KiB of receive buffer.
inline constexpr std::uint32_t kOutOfOrderPacketsMin = 64;
std::uint32_t out_of_order_packets_max(const Step& step);

// Copies a small packet into the tail of `into`, if it follows on and there is room that nobody else refers to.
bool coalesce(Step& step, PacketQueue& queue, rte_mbuf* into, const Packet& packet);

// Puts a packet (meta().seq set, possibly a chain) in its place; trims what is there already. Returns the first range
// found to be there, for D-SACK. Sets what is reported.
std::optional<SackBlock> insert_out_of_order(Step& step, Cold& cold, Packet packet);

// Moves what follows on from rcv_nxt to the receive queue and advances rcv_nxt.
void deliver_in_order(Step& step, Cold& cold);

}  // namespace weir::tcp
