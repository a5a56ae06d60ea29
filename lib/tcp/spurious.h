// Reductions that turn out to be mistakes: the segment was late and not lost. Told by timestamps (Eifel, RFC 3522), by
// D-SACK (RFC 2883, RFC 3708), or by what arrives after a timeout (F-RTO, RFC 5682); answered as RFC 4015 does.
#pragma once

#include "step.h"

namespace weir::tcp {

// Congestion control has just remembered what it was before a reduction.
void begin_undo(Step& step, Cold& cold, bool was_timeout);
// Text was sent again.
void note_repeated(Step& step, Cold& cold, std::uint32_t bytes);
// A D-SACK came.
void note_reported_twice(Cold& cold, const SackBlock& block);
// Each ACK while something may be undone: undoes it when it shows as a mistake.
void judge_reduction(Step& step, Cold& cold, const Segment& ack);
// RFC 5682 §3.1 (2b): new text goes now, and nothing again: the next ACK will tell.
inline bool is_holding_back(const Cold& cold) {
  return cold.undo.frto == Frto::kSecondAck;
}

}  // namespace weir::tcp
