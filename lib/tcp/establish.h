// Into ESTABLISHED, from either side.
#pragma once

#include "step.h"

namespace weir::tcp {

// What a fresh Tcb of either kind starts from: flags of the settings, timers, the timestamp offset.
void begin(Step& step, std::uint32_t timestamp_offset);
// `segment` acknowledges our SYN: windows, round trip, initial congestion window, and the close that waited.
void establish(Step& step, const Segment& segment);
// CLOSE or shutdown() in ESTABLISHED or CLOSE-WAIT: our FIN follows what is queued.
void begin_close(Step& step);

}  // namespace weir::tcp
