// What the peer holds beyond a hole, and what that says about the hole (RFC 2018, RFC 6675).
#pragma once

#include "step.h"

namespace weir::tcp {

// Marks the packets that the segment's SACK blocks cover. True when the peer told something new.
bool note_sacked(Step& step, const Segment& segment);
// Marks as lost what has more than two segments selectively acknowledged beyond it, and was sent once only.
void mark_lost_below_sacked(Step& step, Cold& cold);
// Marks the first packet in flight, unless the peer holds it.
void mark_first_lost(Cold& cold);

}  // namespace weir::tcp
