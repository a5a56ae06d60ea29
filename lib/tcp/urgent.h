// Urgent data (RFC 9293 §3.8.5, RFC 6093): delivered in its place in the stream; the application is told where it ends.
// The pointer means the octet after it (MUST-62).
#pragma once

#include "step.h"

namespace weir::tcp {

// Sixth of RFC 9293 §3.10.7.4.
void note_urgent(Step& step, const Segment& segment);
// Bytes still to be read up to the mark.
std::uint32_t urgent_bytes(const Step& step);

// What was queued last is the end of urgent data.
void mark_urgent(Step& step, Cold& cold);
// Flag and pointer of a segment with text, while urgent data of ours is not acknowledged.
void point_at_urgent(const Step& step, Cold& cold, Segment& segment);

}  // namespace weir::tcp
