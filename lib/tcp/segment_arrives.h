// RFC 9293 §3.10.7: SEGMENT ARRIVES.
#pragma once

#include "step.h"

namespace weir::tcp {

void on_segment_when_syn_sent(Step& step, const Segment& segment, Packet payload);      // §3.10.7.3
void on_segment_when_synchronized(Step& step, const Segment& segment, Packet payload);  // §3.10.7.4
// From the sixth step on: what may also follow a SYN-ACK in the same segment.
void accept_text_and_fin(Step& step, const Segment& segment, Packet payload);

}  // namespace weir::tcp
