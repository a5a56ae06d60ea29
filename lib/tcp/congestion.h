// The only door to congestion control: when to send less, when to send more. What is lost, recovery finds out
// (recovery.h); what that means for the window is said here (RFC 5681, RFC 6928, RFC 3465).
#pragma once

#include "step.h"

namespace weir::tcp {

// RFC 6928 §2; after a lost SYN three segments, after more of them one (RFC 5681 §3.1 asks one at once, RFC 6928
// leaves it open: the loss of one small packet says little).
std::uint32_t initial_window(const Step& step, unsigned syn_losses);
// New bytes were acknowledged outside recovery. `was_limited`: the window was in use, else it does not grow
// (RFC 7661).
void grow_window(Step& step, std::uint32_t acked, bool was_limited);
// Congestion was met, by loss or by ECN: bytes that ssthresh becomes, and, as the algorithm has it, the window
// (RFC 5681 (4)). To be called once per event, before the window changes: it remembers what undo_congestion() needs.
[[nodiscard]] std::uint32_t reduced_threshold(Step& step);
// The peer tells of marks (RFC 3168 §6.1.2): as loss, but down to one segment.
void reduce_for_echo(Step& step);
// The retransmission timer expired: one segment from here (RFC 5681 §3.1). `is_first`: not yet for these bytes, else
// ssthresh stays.
void on_timeout_congestion(Step& step, bool is_first);
// The last event was none: window and threshold are at least what they were before it (RFC 4015, RFC 5682).
void undo_congestion(Step& step);
// Nothing was in flight for longer than an RTO.
bool is_idle(const Step& step);
// The connection may send more before an idle restart forgets what congestion taught: its blocks stay until then.
bool is_congestion_remembered(const Step& step);
// Before something is sent while nothing is in flight. RFC 5681 §4.1: after an idle RTO it starts anew.
void restart_after_idle(Step& step);

}  // namespace weir::tcp
