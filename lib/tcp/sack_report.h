// Which blocks our ACKs report (RFC 2018 §4, RFC 2883).
#pragma once

#include "step.h"

namespace weir::tcp {

// Fills in the SACK option, if it was agreed on and there is something to report: what was received twice first,
// then the most recent blocks; three beside timestamps, else four.
void report_blocks(const Step& step, TcpOptions& options);

// A segment of `block` arrived out of order; `block` is the whole run of bytes held around it.
void note_block(Cold& cold, SackBlock block);
// Blocks that rcv_nxt has passed are no longer told.
void forget_blocks_before(Cold& cold, SeqNum rcv_nxt);

}  // namespace weir::tcp
