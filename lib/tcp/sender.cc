// New segments: what may go now (RFC 9293 §3.8.6.2.1), and how it is marked as sent.
#include "sender.h"

#include "congestion.h"
#include "ecn.h"
#include "pacing.h"
#include "retransmission.h"

namespace weir::tcp {

namespace {

// One call sends at most this many segments; the ACKs of those ask for more.
constexpr unsigned kSegmentsPerStepMax = 64;

}  // namespace

bool Sender::has_work() const {
  const Cold* cold = step_.cold();
  return (cold != nullptr && cold->lost_bytes > 0) || is_pending(step_);
}

void Sender::output(bool is_forced) {
  if (is_synchronized(step_.tcb.state) && step_.tcb.state != State::kTimeWait && has_work()) {
    for (unsigned i = 0; i < kSegmentsPerStepMax; ++i)
      if (!resend_next(false) && !send_next(is_forced)) break;
  }
  tell_writable();
  settle_retransmit_timer(step_);
  if (step_.news.has_alarm) choose_alarm(step_);
}

bool Sender::send_next(bool is_forced) {
  Tcb& tcb = step_.tcb;
  if (!is_pending(step_)) return false;
  const std::uint32_t window = usable_window(tcb);
  if (window == 0) return false;
  const std::uint32_t available = unsent_bytes(step_);
  if (available == 0) return send_fin();
  Cold& cold = *step_.cold();
  restart_after_idle(step_);
  const std::uint32_t full = payload_max(step_);
  const Plan plan = plan_segment(cold.unsent, std::min({available, full, window}));
  const bool is_last = plan.run.length == available;
  if (!fits_congestion_window(plan.run.length) || cuts_too_many(cold, plan)) return false;
  if (!is_forced && !is_worth_sending(plan, full, is_last)) return false;
  return send_text(cold, plan, plan.run.length == full, is_last);
}

bool Sender::is_worth_sending(const Plan& plan, std::uint32_t full, bool is_last) const {
  if (plan.run.length == full || plan.run.count == kPiecesMax) return true;
  if (is_last) return !is_nagle_holding();
  // Cut short by the peer's window: half of the largest one seen is worth it.
  const std::uint32_t largest = std::uint32_t{step_.tcb.max_snd_wnd} << step_.tcb.snd_scale;
  return plan.run.length >= largest / 2;
}

// Nagle's algorithm as Minshall refined it: only a small segment in flight holds back another. A last short piece
// behind full segments need not wait for the peer's delayed ACK.
bool Sender::is_nagle_holding() const {
  const Tcb& tcb = step_.tcb;
  if (tcb.has(kNoDelay) || tcb.has(kFinQueued) || is_all_acknowledged(tcb)) return false;
  const Cold* cold = step_.cold();
  return cold->has_small && cold->small_end.after(tcb.snd_una);
}

bool Sender::fits_congestion_window(std::uint32_t length) const {
  const Tcb& tcb = step_.tcb;
  const std::uint32_t in_network = pipe(step_);
  if (in_network == 0) return true;
  std::uint32_t limit = tcb.cwnd;
  // Limited transmit (RFC 3042): one new segment for each of the first two duplicate ACKs. With SACK the pipe says so.
  const bool in_recovery = step_.cold() != nullptr && step_.cold()->in_recovery;
  if (!tcb.has(kSackOk) && !in_recovery) limit += std::min<std::uint32_t>(tcb.dup_acks, 2) * tcb.mss;
  if (in_network + length > limit) return false;
  return !step_.settings.pacing || paces_out(step_);
}

bool Sender::cuts_too_many(const Cold& cold, const Plan& plan) const {
  if (plan.cut == 0 || is_all_acknowledged(step_.tcb)) return false;
  return cold.send.count() >= packets_max(buffer());
}

namespace {

// A closed window's probe went with it, and resume_after_probes() took that back: it is not new (RFC 3168 §6.1.5).
bool was_probe(rte_mbuf* first) {
  return (PacketQueue::meta(first).flags & kPacketRetransmitted) != 0;
}

}  // namespace

bool Sender::send_text(Cold& cold, const Plan& plan, bool is_full, bool is_last) {
  if (!cut_to_plan(step_, cold, plan)) return false;
  Tcb& tcb = step_.tcb;
  const bool with_fin = is_last && tcb.has(kFinQueued) && usable_window(tcb) > plan.run.length;
  const EcnMark mark = tcb.ecn != 0 && !was_probe(plan.run.first) ? mark_of_new_data(step_) : EcnMark{};
  const auto flags = static_cast<std::uint8_t>(kAck | (is_last ? kPsh : 0) | (with_fin ? kFin : 0) | mark.flags);
  if (!emit_text(step_, plan.run, flags, mark.ecn)) return false;
  if (mark.flags != 0) note_reduction_told(step_);
  rte_mbuf* at = plan.run.first;
  for (unsigned i = 0; i < plan.run.count; ++i, at = PacketQueue::next(at))
    PacketQueue::meta(at).sent_at_us = step_.context.microseconds();
  cold.unsent = at;
  cold.rate.sent += plan.run.length;
  note_sent(plan.run.length + (with_fin ? 1 : 0));
  if (with_fin) tcb.set(kFinSent);
  cold.has_small = cold.has_small || !is_full;
  if (!is_full) cold.small_end = tcb.snd_nxt;
  return true;
}

bool Sender::send_fin() {
  emit_control(step_, step_.tcb.snd_nxt, kFin | kAck);
  note_sent(1);
  step_.tcb.set(kFinSent);
  return true;
}

void Sender::note_sent(std::uint32_t length) {
  Tcb& tcb = step_.tcb;
  const bool was_idle = is_all_acknowledged(tcb);
  tcb.snd_nxt += length;
  tcb.sent_at = static_cast<std::uint16_t>(step_.now().value);
  step_.news.has_alarm = true;
  // RFC 6298 (5.1).
  if (was_idle || !tcb.has(kRetransmitArmed)) arm_retransmit_timer(step_);
}

bool Sender::send_probe() {
  const std::uint32_t available = unsent_bytes(step_);
  const std::uint32_t wanted = std::min(available, payload_max(step_));
  if (wanted == 0 || usable_window(step_.tcb) < wanted) return false;
  Cold& cold = *step_.cold();
  const Plan plan = plan_segment(cold.unsent, wanted);
  return send_text(cold, plan, plan.run.length == payload_max(step_), plan.run.length == available);
}

bool Sender::send_beyond_window() {
  const std::uint32_t available = unsent_bytes(step_);
  if (!is_pending(step_)) return false;
  if (available == 0) return send_fin();
  Cold& cold = *step_.cold();
  return send_text(cold, plan_segment(cold.unsent, 1), true, available == 1);
}

}  // namespace weir::tcp
