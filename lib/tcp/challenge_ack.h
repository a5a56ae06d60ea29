// ACKs that answer what may be forged or stray, limited so that nobody can make us babble or count our answers
// (RFC 5961 §7, CVE-2016-5696). They go out at the end of the step.
#pragma once

#include "step.h"

namespace weir::tcp {

// RFC 5961: for RST, SYN and ACK numbers in doubt. Limited per connection and per core.
void challenge(Step& step);

// For an unacceptable segment: at once when it carries text or FIN, as a peer that repeats itself needs the answer, or
// probes our closed window; limited per connection otherwise, so that two ends cannot exchange ACKs for ever.
void answer_unacceptable(Step& step, const Segment& segment);

// Call once when the connection begins: the first challenge is free.
void allow_challenges(Step& step);

}  // namespace weir::tcp
