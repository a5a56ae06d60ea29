#include "ending.h"

#include "output.h"
#include "retransmission.h"

namespace weir::tcp {

namespace {

void drop_what_is_under_way(Step& step) {
  Tcb& tcb = step.tcb;
  tcb.clear(kRetransmitArmed);
  tcb.clear(kAckDelayed);
  tcb.clear(kWantWritable);
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  cold->send.clear();
  cold->out_of_order.clear();
  cold->unsent = cold->lost_hint = nullptr;
  cold->sacked_bytes = cold->lost_bytes = 0;
  cold->in_recovery = cold->has_fin = cold->has_unacked_since = false;
  cold->probe = {};
  cold->undo = {};
  cold->has_zero_window = cold->has_snd_up = false;
  cold->timed = 0;
}

}  // namespace

void enter_closed(Step& step, CloseReason reason) {
  Tcb& tcb = step.tcb;
  if (is_handshake(tcb.state)) step.count(Counter::kAttemptFails);
  tcb.state = State::kClosed;
  tcb.reason = reason;
  tcb.clear(kAckNow);
  drop_what_is_under_way(step);
  step.raise(kClosed);
}

void enter_time_wait(Step& step) {
  step.tcb.state = State::kTimeWait;
  step.tcb.reason = CloseReason::kNormal;
  drop_what_is_under_way(step);
  step.raise(kClosed);
}

void enter_fin_wait_2(Step& step) {
  Tcb& tcb = step.tcb;
  tcb.state = State::kFinWait2;
  stop_retransmit_timer(step);
  if (Cold* cold = step.cold()) cold->timed = static_cast<std::uint8_t>(cold->timed & ~kTimedLinger);
  // A peer that never closes must not hold what nobody will read.
  if (tcb.has(kOrphan))
    arm_retransmit_timer(step, static_cast<std::uint32_t>(step.settings.fin_wait_2_timeout.count()));
}

void abort_connection(Step& step, CloseReason reason) {
  switch (step.tcb.state) {
    case State::kSynReceived:
    case State::kEstablished:
    case State::kFinWait1:
    case State::kFinWait2:
    case State::kCloseWait:
      emit_reset(step);
      break;
    default:  // SYN-SENT, CLOSING, LAST-ACK: silently
      break;
  }
  enter_closed(step, reason);
}

}  // namespace weir::tcp
