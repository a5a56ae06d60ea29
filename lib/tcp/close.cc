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
  if (tcb.state == State::kSynSent) return enter_closed(step, CloseReason::kAborted);
  if (tcb.has(kFinQueued)) return;  // never a second FIN
  switch (tcb.state) {
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

void begin_linger(Step& step, milliseconds linger) {
  const State state = step.tcb.state;
  const bool is_waiting = state == State::kFinWait1 || state == State::kClosing || state == State::kLastAck;
  Cold* cold = is_waiting ? step.need_cold() : nullptr;
  if (cold == nullptr) return;  // as retries decide
  cold->timed |= kTimedLinger;
  cold->linger_until = step.now() + static_cast<std::uint32_t>(linger.count());
}

}  // namespace

void Connection::shutdown() {
  Step step{context_, tcb_};
  close_direction(step);
  finish(step);
}

// A client that says all it has to say before the handshake's end means it: only close() ends an attempt.
std::uint32_t Connection::send_last(std::span<const std::uint8_t> bytes) {
  Step step{context_, tcb_};
  const std::uint32_t taken = Sender{step}.copy(bytes);
  if (taken == bytes.size()) {
    is_handshake(tcb_.state) ? tcb_.set(kFinQueued) : close_direction(step);
  }
  finish(step);
  return taken;
}

void Connection::close() {
  close(context_.profiles[tcb_.owner].linger);
}

void Connection::close(milliseconds linger) {
  Step step{context_, tcb_};
  const bool is_reset = linger.count() == 0 || has_unread(step);  // SHLD-3
  if (is_live(tcb_.state) && is_reset) {
    abort_connection(step, CloseReason::kAborted);
    return step.release_cold();
  }
  tcb_.set(kOrphan);
  const bool had_closed = tcb_.has(kFinQueued) && tcb_.state != State::kSynSent;
  if (!had_closed) close_direction(step);
  if (tcb_.state == State::kFinWait2) enter_fin_wait_2(step);  // from now on its time is limited
  if (linger.count() > 0) begin_linger(step, linger);
  if (!had_closed) finish(step);
}

void Connection::abort() {
  Step step{context_, tcb_};
  if (is_live(tcb_.state)) abort_connection(step, CloseReason::kAborted);
  step.release_cold();
}

}  // namespace weir::tcp
