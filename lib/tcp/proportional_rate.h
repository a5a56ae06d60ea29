// RFC 9937 (PRR): during recovery as much is sent as arrives, in the proportion to which the window shrinks, so that
// it ends with ssthresh in the network, without a silence before and without a burst.
#pragma once

#include "step.h"

namespace weir::tcp {

// At the start of a recovery; ssthresh is what it will be.
void begin_proportional_rate(Step& step, Cold& cold);
// Each ACK of the recovery, its first included: sets cwnd to what may be in the network now.
void pace_recovery(Step& step, Cold& cold);

}  // namespace weir::tcp
