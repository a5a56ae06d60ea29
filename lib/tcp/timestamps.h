// RFC 7323 timestamps: our clock, the peer's to be echoed, and PAWS.
#pragma once

#include "step.h"

namespace weir::tcp {

inline std::uint32_t own_timestamp(const Step& step) {
  return step.now().value + step.tcb.ts_offset;
}

// True when the segment is to be dropped: it is older than what we have seen (PAWS, R1), or lacks the option that was
// agreed on. Counts, and asks for the ACK that answers an old one. Never for a RST.
bool reject_by_timestamp(Step& step, const Segment& segment);

// R3: remembers the timestamp to echo; `segment` is acceptable.
void note_timestamp(Step& step, const Segment& segment);
void remember_timestamp(Step& step, std::uint32_t value);

}  // namespace weir::tcp
