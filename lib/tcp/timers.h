// The timers of a connection, looked at together: retransmission and its kin, delayed ACK, keep-alive.
#pragma once

#include "step.h"

namespace weir::tcp {

std::optional<Tick> earliest_deadline(const Step& step);
void run_due_timers(Step& step);

}  // namespace weir::tcp
