// What records of handshakes and cookies share.
#pragma once

#include <weir/flow/half_open.h>
#include <weir/tcp/context.h>
#include <weir/wire/segment.h>

namespace weir::tcp {

// Everything that a SYN says, as far as both want it; not our ISN.
void note_offer(const Context& context, const Segment& syn, HalfOpen& record);
Segment syn_ack_of(const Context& context, const HalfOpen& record);
Timestamps timestamps_of(const Context& context, const HalfOpen& record);  // to be sent now

}  // namespace weir::tcp
