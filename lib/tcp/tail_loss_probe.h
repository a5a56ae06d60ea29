// RFC 8985 §7 (TLP): when nothing is heard for two round trips, one segment asks for an ACK. What was lost at the end
// of a flight is then found by RACK, and not by a timeout.
#pragma once

#include "step.h"

namespace weir::tcp {

// §7.2: how long after the last news the probe goes, when it may go at all.
std::optional<std::uint32_t> probe_timeout_ms(const Step& step, const Cold& cold);
// §7.3: new text if there is any and the peer has room for it, whatever the congestion window says; else the last
// segment again. Then the retransmission timer runs.
void on_probe_timeout(Step& step, Cold& cold);

// §7.4.2: what the ACK says about the probe that is out. Where it repaired a loss the window shrinks as by any other.
void judge_probe(Step& step, Cold& cold, const Segment& ack);
// Nobody said that it was a duplicate.
void judge_silent_probe(Step& step, Cold& cold);

}  // namespace weir::tcp
