// CLOSE and ABORT (RFC 9293 §3.10.4, §3.10.5).
#include <weir/tcp/connection.h>

#include "ending.h"
#include "establish.h"
#include "retransmission.h"
#include "sender.h"

namespace weir::tcp {

namespace {

bool has_unread(const Step& step) {
  const Cold* cold = step.cold();
  return cold != nullptr && (!cold->receive.is_empty() || !cold->out_of_order.is_empty());
}

void close_direction(Step& step) {
  Tcb& tcb = step.tcb;
  if (tcb.has(kFinQueued)) return;  // never a second FIN
  switch (tcb.state) {
    case State::kSynSent:
      return enter_closed(step, CloseReason::kAborted);
    case State::kSynReceived:
      return tcb.set(kFinQueued);  // the FIN goes when the SYN is acknowledged
    case State::kEstablished:
    case State::kCloseWait:
      return begin_close(step);
    default:
      return;
  }
}

void finish(Step& step) {
  if (is_live(step.tcb.state)) Sender{step}.output();
  step.release_cold_if_quiet();
}

}  // namespace

void Connection::shutdown() {
  Step step{context_, tcb_};
  close_direction(step);
  finish(step);
}

void Connection::close() {
  Step step{context_, tcb_};
  if (is_live(tcb_.state) && has_unread(step)) {
    abort_connection(step, CloseReason::kAborted);  // SHLD-3
    release();
    return;
  }
  tcb_.set(kOrphan);
  close_direction(step);
  if (tcb_.state == State::kFinWait2) enter_fin_wait_2(step);  // from now on its time is limited
  finish(step);
}

void Connection::abort() {
  Step step{context_, tcb_};
  if (is_live(tcb_.state)) abort_connection(step, CloseReason::kAborted);
  release();
}

}  // namespace weir::tcp
