// The window we announce: grows as the application reads, its right edge never moves left (SHLD-14).
#pragma once

#include "step.h"

namespace weir::tcp {

// The field of a SYN or SYN-ACK, which is never scaled.
UnscaledWindow first_window(const Settings& settings);
// Bytes that still fit in the receive buffer.
std::uint32_t receive_space(const Step& step);
// The field for a segment that leaves now; moves rcv_adv. A scaled window is rounded down, so that the peer may see
// the edge up to 2^scale - 1 bytes further left than promised (RFC 7323 §2.4); what was promised is accepted.
UnscaledWindow announce_window(Step& step);
// The application has read: is the gain worth a segment of its own (RFC 9293 §3.8.6.2.2)?
bool is_update_due(const Step& step);

}  // namespace weir::tcp
