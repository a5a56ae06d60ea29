// The retransmission timer (RFC 6298 §5) and all else that Tcb::retransmit_at times.
#pragma once

#include "step.h"

namespace weir::tcp {

// Starts it anew, one RTO from now.
void arm_retransmit_timer(Step& step);
void arm_retransmit_timer(Step& step, std::uint32_t delay_ms);
void stop_retransmit_timer(Step& step);
// While it runs: what is due before it ends, if anything, takes its place.
void choose_alarm(Step& step);
// At the end of a step: running exactly when something is in flight or waits for a chance to be sent.
void settle_retransmit_timer(Step& step);

// It expired.
void on_retransmit_timer(Step& step);

// Everything in flight is believed lost: nothing the peer said selectively counts (RFC 2018 §8).
void mark_all_lost(Cold& cold);

// One more try without an answer; true when that was one too many and the connection is closed (R2, user timeout).
bool give_up(Step& step, unsigned retries_max);
// Nothing is in flight, so that there is nothing to try again: true when the user timeout ended the connection.
bool give_up_unsent(Step& step);
// The user timeout counts from here, if it does not run yet (RFC 5482).
void start_user_timeout(Step& step);
bool is_user_timeout_over(const Step& step);
// Progress: counts from now, or not at all when nothing is left to be acknowledged.
void restart_user_timeout(Step& step);
// The setting has changed: counts from when the oldest unacknowledged byte was sent, else from now, or no longer.
void adopt_user_timeout(Step& step);

}  // namespace weir::tcp
