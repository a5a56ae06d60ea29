// Keep-alive (RFC 9293 §3.8.4): only when nothing is outstanding and nothing was heard for the interval (MUST-26).
#pragma once

#include "step.h"

namespace weir::tcp {

// When the next probe, or the end, is due; nothing while it does not run.
std::optional<Tick> keep_alive_deadline(const Step& step);
void on_keep_alive_timer(Step& step);

}  // namespace weir::tcp
