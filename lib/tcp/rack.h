// RFC 8985 (RACK): a packet is lost when one that was sent later has come, and the time that reordering takes is over.
#pragma once

#include "step.h"

namespace weir::tcp {

inline bool uses_rack(const Step& step) {
  return step.tcb.has(kSackOk) && step.settings.rack;
}

// §6.2, steps 1 to 3: the packet [meta.seq, end) is acknowledged for the first time, cumulatively or selectively.
void note_delivered(Step& step, Cold& cold, const PacketMeta& meta, SeqNum end, const Segment& ack);
// The newest of what was delivered: with nothing amiss the last that an ACK acknowledged.
inline void note_newest(Rack& rack, std::uint32_t sent_at_us, std::uint32_t round_trip_us, SeqNum end) {
  rack.sent_at_us = sent_at_us;
  rack.round_trip_us = round_trip_us;
  rack.end = end;
  rack.has_newest = true;
}
// A round trip of what was sent once.
inline void note_round_trip(Rack& rack, std::uint32_t round_trip_us) {
  const std::uint32_t at_least = std::max(1U, round_trip_us);
  if (rack.min_round_trip_us == 0 || at_least < rack.min_round_trip_us) rack.min_round_trip_us = at_least;
}

// Step 5: marks what is lost and says in Rack::wait_us when to look again. One walk over what is in flight up to the
// first packet that was sent later than all that was delivered.
void detect_losses(Step& step, Cold& cold);
// §6.3: after a retransmission timeout the first packet is lost, and what is as old as it should be to be lost.
void mark_lost_on_timeout(Step& step, Cold& cold);

// §6.2, step 4: the peer reported something as received twice; the next round trip's reports count as this one.
void widen_reordering_window(const Step& step, Cold& cold);
// ... and it narrows again after sixteen recoveries without a report.
void note_recovery_over(Cold& cold);

}  // namespace weir::tcp
