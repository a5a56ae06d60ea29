// What the peer holds beyond a hole, and what that says about the hole (RFC 2018, RFC 6675).
#pragma once

#include "step.h"

namespace weir::tcp {

// DupThresh of RFC 5681 and RFC 6675.
inline constexpr std::uint32_t kDuplicatesThreshold = 3;

// Marks the packets that the segment's SACK blocks cover. True when the peer told something new.
bool note_sacked(Step& step, const Segment& segment);
// As many segments as DupThresh have been selectively acknowledged, by ACKs that told of them or by bytes.
inline bool is_held_beyond_threshold(const Tcb& tcb, const Cold& cold) {
  return tcb.dup_acks >= kDuplicatesThreshold || cold.sacked_bytes > (kDuplicatesThreshold - 1) * tcb.mss;
}
// RFC 2018 §8: the first packet in flight is marked as held, but the peer did not acknowledge it: it has dropped what
// it held. Then no mark counts.
void forget_sacked_if_reneged(Step& step, Cold& cold);

void mark_lost(Step& step, Cold& cold, rte_mbuf* packet);
// Marks as lost what has more than two segments selectively acknowledged beyond it, and was sent once only.
void mark_lost_below_sacked(Step& step, Cold& cold);
// Marks the first packet in flight, unless the peer holds it.
void mark_first_lost(Step& step, Cold& cold);

}  // namespace weir::tcp
