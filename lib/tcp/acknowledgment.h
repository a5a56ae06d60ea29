// Fifth of RFC 9293 §3.10.7.4: the ACK field.
#pragma once

#include "step.h"

namespace weir::tcp {

// False when the segment is to be dropped, or the connection is gone.
bool handle_acknowledgment(Step& step, const Segment& segment);

// The window of a segment that is newer than the last (SND.WL1, SND.WL2), or acknowledges more than the last did.
void update_window(Step& step, const Segment& segment, bool acknowledges_more);

}  // namespace weir::tcp
