// Zero-window probes (RFC 9293 §3.8.6.1).
#pragma once

#include "step.h"

namespace weir::tcp {

// The peer's window is closed, and there is something for it.
void probe_window(Step& step);
// The window opened: what the probe carried was most likely not taken; sends it again at once with what follows.
void resume_after_probes(Step& step);

}  // namespace weir::tcp
