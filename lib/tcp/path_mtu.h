// The path's MTU: told by ICMP (RFC 1191, RFC 8201), learnt by an earlier connection, or suspected where large segments
// meet silence (RFC 4821 §7.7, in two steps). A connection that was made smaller tries its full size again later.
#pragma once

#include "step.h"

namespace weir::tcp {

// Smaller answers are not believed (RFC 5927 §7): IPv4 as deployed, IPv6 by RFC 8200 §5.
std::uint16_t path_mtu_min(bool is_v4);
// MTU of the way to the peer when a connection opens: the interface's, or what is known of the path.
std::uint16_t path_mtu(const Step& step);

// Segments of `mss` bytes from now on, and of the present size again after Settings::path_mtu_life. What is in flight
// is not touched.
void lower_mss(Step& step, std::uint16_t mss);
// A retransmission timeout: after Settings::black_hole_retries of them the segments are made smaller, after two more
// smaller still.
void suspect_black_hole(Step& step);
// The life of what was learnt is over.
void restore_mss(Step& step, Cold& cold);

}  // namespace weir::tcp
