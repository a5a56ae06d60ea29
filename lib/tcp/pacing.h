// Pacing, where Settings::pacing asks for it: segments spread over the round trip instead of sent in bursts. A timer of
// one millisecond lets go what may leave within it.
#pragma once

#include <optional>

#include "step.h"

namespace weir::tcp {

// May a segment leave now? If not, the connection wakes up when it may.
bool paces_out(Step& step);
// `length` bytes left: when the next may.
void note_paced(Step& step, std::uint32_t length);
// When what is held back may leave, if something is.
std::optional<Tick> pacing_deadline(const Step& step);
// That time came: what waited is looked at anew when the step ends.
void end_pacing_wait(Step& step);

}  // namespace weir::tcp
