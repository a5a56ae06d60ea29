// Fast retransmit and fast recovery: RFC 5681 §3.2, NewReno (RFC 6582), with the pipe of RFC 6675 where SACK says more.
#pragma once

#include "step.h"

namespace weir::tcp {

// RFC 5681 §2: something is outstanding, and the segment says nothing new but that a segment left the network.
bool is_duplicate_ack(const Tcb& tcb, const Segment& segment, std::uint32_t window, bool sacked_more);
// Around the processing of one acceptable ACK: what has changed by it (Step::news), and what its timer now waits for.
void begin_ack(Step& step, const Segment& segment);
void end_ack(Step& step, const Segment& segment);
// `sacked_more`: the segment selectively acknowledged something new.
void on_duplicate_ack(Step& step);
// New bytes were acknowledged (snd_una is past them), `acked` of them.
void on_progress(Step& step, std::uint32_t acked, bool was_limited);

// RFC 8985 §6.2: what was given time to come did not.
void on_reordering_timeout(Step& step, Cold& cold);

// Nothing is in flight, and for an RTO nobody said a word about what is open.
void on_silence(Step& step, Cold& cold);

// RFC 6582 §3.2 (2): what a timeout, or the last recovery, sent twice causes duplicates too. Where SACK tells them
// apart, all that was in flight then need only be acknowledged.
inline bool is_past_last_recovery(const Tcb& tcb, const Cold& cold) {
  return tcb.has(kSackOk) ? tcb.snd_una.at_or_after(cold.recover) : tcb.snd_una.after(cold.recover);
}
// No hole is known, and none is being repaired.
inline bool is_repaired(const Tcb& tcb, const Cold& cold) {
  return !cold.in_recovery && cold.sacked_bytes == 0 && cold.lost_bytes == 0 && is_past_last_recovery(tcb, cold);
}

}  // namespace weir::tcp
