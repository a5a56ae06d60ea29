#include "retransmission.h"

#include "congestion.h"
#include "ending.h"
#include "persist.h"
#include "round_trip.h"
#include "sender.h"

namespace weir::tcp {

void arm_retransmit_timer(Step& step, std::uint32_t delay_ms) {
  Tcb& tcb = step.tcb;
  tcb.retransmit_at = step.now() + delay_ms;
  tcb.set(kRetransmitArmed);
  const Cold* cold = step.cold();
  if (cold == nullptr || !cold->has_unacked_since) return;
  const Tick last = cold->unacked_since + static_cast<std::uint32_t>(step.settings.user_timeout.count());
  if (last.before(tcb.retransmit_at)) tcb.retransmit_at = last;
}

void arm_retransmit_timer(Step& step) {
  start_user_timeout(step);
  arm_retransmit_timer(step, retransmit_timeout_ms(step));
}

void stop_retransmit_timer(Step& step) {
  step.tcb.clear(kRetransmitArmed);
}

void settle_retransmit_timer(Step& step) {
  Tcb& tcb = step.tcb;
  if (!is_live(tcb.state) || tcb.state == State::kFinWait2) return;
  const bool is_needed = !is_all_acknowledged(tcb) || is_pending(step) || tcb.has(kWantWritable);
  if (!is_needed) return stop_retransmit_timer(step);
  if (!tcb.has(kRetransmitArmed)) arm_retransmit_timer(step);
}

void mark_all_lost(Cold& cold) {
  cold.sacked_bytes = cold.lost_bytes = 0;
  cold.lost_hint = cold.send.head();
  for (rte_mbuf* at = cold.send.head(); at != nullptr && at != cold.unsent; at = PacketQueue::next(at)) {
    PacketMeta& meta = PacketQueue::meta(at);
    meta.flags = static_cast<std::uint8_t>((meta.flags & ~kPacketSacked) | kPacketLost);
    cold.lost_bytes += at->data_len;
  }
}

namespace {

void collapse_window(Step& step, bool is_first) {
  Tcb& tcb = step.tcb;
  on_timeout_congestion(step, is_first);
  tcb.dup_acks = 0;
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  cold->in_recovery = false;
  cold->recover = tcb.snd_nxt;
  mark_all_lost(*cold);
}

void on_retransmit_timeout(Step& step) {
  const bool is_first = step.tcb.retries == 0;
  step.count(Counter::kRetransmitTimeouts);
  if (give_up(step, step.settings.data_retries)) return;
  collapse_window(step, is_first);
  Sender{step}.resend_first();
  back_off(step.tcb);
  arm_retransmit_timer(step);
}

// RFC 9293 MUST-22, MUST-23.
void on_handshake_timeout(Step& step) {
  const bool is_answer = step.tcb.state == State::kSynReceived;
  if (give_up(step, is_answer ? step.settings.syn_ack_retries : step.settings.syn_retries)) return;
  step.count(is_answer ? Counter::kSynAckRetransmits : Counter::kRetransmitSegments);
  back_off(step.tcb);
  emit_syn(step);
  arm_retransmit_timer(step);
}

// Nothing is in flight: a send() was refused for want of memory, or a silly window is no longer waited out.
void on_override_timeout(Step& step) {
  Tcb& tcb = step.tcb;
  if (tcb.has(kWantWritable) && Sender{step}.room() > 0) {
    tcb.clear(kWantWritable);
    step.raise(kWritable);
  }
  Sender{step}.output(true);
}

}  // namespace

void on_retransmit_timer(Step& step) {
  Tcb& tcb = step.tcb;
  stop_retransmit_timer(step);
  if (is_handshake(tcb.state)) return on_handshake_timeout(step);
  if (tcb.state == State::kFinWait2) return enter_closed(step, CloseReason::kTimeout);
  const bool has_work = !is_all_acknowledged(tcb) || is_pending(step);
  if (has_work && tcb.snd_wnd == 0) return probe_window(step);
  if (!is_all_acknowledged(tcb)) return on_retransmit_timeout(step);
  on_override_timeout(step);
}

}  // namespace weir::tcp
