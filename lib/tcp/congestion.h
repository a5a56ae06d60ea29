// Slow start, congestion avoidance and the initial window (RFC 5681, RFC 6928, RFC 3465).
#pragma once

#include "step.h"

namespace weir::tcp {

// RFC 6928 §2; after a lost SYN three segments, after more of them one (RFC 5681 §3.1 asks one at once, RFC 6928
// leaves it open: the loss of one small packet says little).
std::uint32_t initial_window(const Step& step, unsigned syn_losses);
// New bytes were acknowledged outside recovery. `was_limited`: the window was in use, else it does not grow
// (RFC 7661).
void grow_window(Step& step, std::uint32_t acked, bool was_limited);
// RFC 5681 (4).
std::uint32_t half_of_flight(const Step& step);
// RFC 5681 §4.1: what is sent after an idle RTO starts anew.
void restart_after_idle(Step& step);

}  // namespace weir::tcp
