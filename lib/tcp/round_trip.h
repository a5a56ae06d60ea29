// RFC 6298: round-trip time and the retransmission timeout.
#pragma once

#include "step.h"

namespace weir::tcp {

// (2.2), (2.3): one measurement; ends a back-off.
void sample_round_trip(Tcb& tcb, std::uint32_t microseconds);
// From the echo of our timestamp: good even where a segment was sent twice. Nothing when it makes no sense.
std::optional<std::uint32_t> round_trip_of_echo(const Step& step, const Segment& segment);

// The RTO as computed, without and with back-off, within the settings' bounds.
std::uint32_t base_timeout_ms(const Step& step);
std::uint32_t retransmit_timeout_ms(const Step& step);
// (5.5); saturates.
void back_off(Tcb& tcb);

}  // namespace weir::tcp
