// Fast retransmit and fast recovery: RFC 5681 §3.2, NewReno (RFC 6582), with the pipe of RFC 6675 where SACK says more.
#pragma once

#include "step.h"

namespace weir::tcp {

// RFC 5681 §2: something is outstanding, and the segment says nothing new but that a segment left the network.
bool is_duplicate_ack(const Tcb& tcb, const Segment& segment, std::uint32_t window, bool sacked_more);
// `sacked_more`: the segment selectively acknowledged something new.
void on_duplicate_ack(Step& step);
// New bytes were acknowledged (snd_una is past them), `acked` of them.
void on_progress(Step& step, std::uint32_t acked, bool was_limited);

}  // namespace weir::tcp
