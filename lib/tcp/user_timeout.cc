// When to stop trying: R1, R2 (RFC 9293 §3.8.3) and the user timeout (RFC 5482).
#include <algorithm>

#include "ending.h"
#include "retransmission.h"

namespace weir::tcp {

bool is_user_timeout_over(const Step& step) {
  const Cold* cold = step.cold();
  if (cold == nullptr || !cold->has_unacked_since) return false;
  return step.now().since(cold->unacked_since) >= static_cast<std::uint64_t>(step.settings.user_timeout.count());
}

namespace {

void time_out(Step& step) {
  step.count(Counter::kTimeoutsGivenUp);
  // An ICMP error that came while we tried says more than that time ran out.
  const bool has_cause = step.tcb.reason != CloseReason::kNone;
  enter_closed(step, has_cause ? step.tcb.reason : CloseReason::kTimeout);
}

}  // namespace

bool give_up(Step& step, unsigned retries_max) {
  Tcb& tcb = step.tcb;
  if (tcb.retries >= std::min(retries_max, kRetriesMask) || is_user_timeout_over(step)) return time_out(step), true;
  ++tcb.retries;
  // SHLD-9.
  if (tcb.retries == step.settings.r1_retries && is_synchronized(tcb.state)) {
    step.count(Counter::kSoftErrors);
    step.report(kSoftError);
  }
  return false;
}

bool give_up_unsent(Step& step) {
  if (!is_pending(step) || !is_user_timeout_over(step)) return false;
  time_out(step);
  return true;
}

void start_user_timeout(Step& step) {
  if (step.settings.user_timeout.count() == 0) return;
  if (is_all_acknowledged(step.tcb) && !is_pending(step)) return;  // only a send() that was refused waits
  Cold* cold = step.need_cold();
  if (cold == nullptr || cold->has_unacked_since) return;
  cold->has_unacked_since = true;
  cold->unacked_since = step.now();
}

void restart_user_timeout(Step& step) {
  Cold* cold = step.cold();
  if (cold == nullptr || !cold->has_unacked_since) return;
  cold->unacked_since = step.now();
  cold->has_unacked_since = !is_all_acknowledged(step.tcb) || is_pending(step);
}

void adopt_user_timeout(Step& step) {
  Tcb& tcb = step.tcb;
  if (Cold* cold = step.cold(); cold != nullptr && step.settings.user_timeout.count() == 0)
    cold->has_unacked_since = false;
  if (is_all_acknowledged(tcb) && !is_pending(step)) return;
  start_user_timeout(step);
  if (!tcb.has(kRetransmitArmed)) return;
  arm_retransmit_timer(step, tcb.retransmit_at.after(step.now()) ? tcb.retransmit_at.since(step.now()) : 0);
}

}  // namespace weir::tcp
