// The ways out: CLOSED and TIME-WAIT. Both tell the application.
#pragma once

#include "step.h"

namespace weir::tcp {

// Unread bytes stay readable until release(); all else is let go.
void enter_closed(Step& step, CloseReason reason);
void enter_time_wait(Step& step);
void enter_fin_wait_2(Step& step);
// RST to the peer where RFC 9293 §3.10.5 asks for one, then CLOSED.
void abort_connection(Step& step, CloseReason reason);

}  // namespace weir::tcp
