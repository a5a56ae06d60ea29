#include "retransmission.h"

#include "congestion.h"
#include "ending.h"
#include "path_mtu.h"
#include "persist.h"
#include "rack.h"
#include "recovery.h"
#include "round_trip.h"
#include "sender.h"
#include "spurious.h"
#include "tail_loss_probe.h"

namespace weir::tcp {

namespace {

void bound_by_user_timeout(Step& step, const Cold& cold) {
  if (!cold.has_unacked_since) return;
  const Tick last = cold.unacked_since + static_cast<std::uint32_t>(step.settings.user_timeout.count());
  if (last.before(step.tcb.retransmit_at)) step.tcb.retransmit_at = last;
}

void ring_earlier(Step& step, Cold& cold, std::uint32_t delay_ms, Alarm alarm) {
  const Tick at = step.now() + delay_ms;
  const bool is_earlier = at.before(step.tcb.retransmit_at);
  // RFC 8985 §7.2: a probe that would be later than the timeout goes in its place.
  if (is_earlier || alarm == Alarm::kProbe) cold.alarm = alarm;
  if (is_earlier) step.tcb.retransmit_at = at;
}

}  // namespace

void arm_retransmit_timer(Step& step, std::uint32_t delay_ms) {
  Tcb& tcb = step.tcb;
  tcb.retransmit_at = step.now() + delay_ms;
  tcb.set(kRetransmitArmed);
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  cold->retransmit_at = tcb.retransmit_at;
  cold->alarm = Alarm::kRetransmit;
  bound_by_user_timeout(step, *cold);
}

void choose_alarm(Step& step) {
  Tcb& tcb = step.tcb;
  Cold* cold = step.cold();
  if (cold == nullptr || !tcb.has(kRetransmitArmed) || is_all_acknowledged(tcb)) return;
  tcb.retransmit_at = cold->retransmit_at;
  cold->alarm = Alarm::kRetransmit;
  if (tcb.snd_wnd == 0) return bound_by_user_timeout(step, *cold);
  if (cold->rack.wait_us > 0) {
    ring_earlier(step, *cold, cold->rack.wait_us / 1000 + 1, Alarm::kReordering);
  } else if (const auto timeout = probe_timeout_ms(step, *cold)) {
    ring_earlier(step, *cold, *timeout, Alarm::kProbe);
  }
  bound_by_user_timeout(step, *cold);
}

void arm_retransmit_timer(Step& step) {
  start_user_timeout(step);
  arm_retransmit_timer(step, retransmit_timeout_ms(step));
}

void stop_retransmit_timer(Step& step) {
  step.tcb.clear(kRetransmitArmed);
}

namespace {

// For one RTO more what is open may still be answered.
void wait_for_reports(Step& step) {
  Cold* cold = step.cold();
  const bool is_kept = cold != nullptr && (has_open_question(step.tcb, *cold) || is_congestion_remembered(step));
  if (!is_kept) return stop_retransmit_timer(step);
  if (step.tcb.has(kRetransmitArmed) && cold->alarm == Alarm::kForget) return;
  arm_retransmit_timer(step, retransmit_timeout_ms(step));
  cold->alarm = Alarm::kForget;
}

}  // namespace

void settle_retransmit_timer(Step& step) {
  Tcb& tcb = step.tcb;
  if (!is_live(tcb.state) || tcb.state == State::kFinWait2) return;
  const bool is_needed = !is_all_acknowledged(tcb) || is_pending(step) || tcb.has(kWantWritable);
  if (!is_needed) return wait_for_reports(step);
  if (!tcb.has(kRetransmitArmed)) arm_retransmit_timer(step);
}

void mark_all_lost(Cold& cold) {
  cold.is_amiss = true;
  cold.rack.wait_us = 0;
  cold.sacked_bytes = cold.lost_bytes = 0;
  cold.lost_hint = cold.send.head();
  for (rte_mbuf* at = cold.send.head(); at != nullptr && at != cold.unsent; at = PacketQueue::next(at)) {
    PacketMeta& meta = PacketQueue::meta(at);
    meta.flags = static_cast<std::uint8_t>((meta.flags & ~kPacketSacked) | kPacketLost);
    cold.lost_bytes += at->data_len;
  }
}

namespace {

// RFC 5682 §2: a timeout within a recovery is not doubted. A repeated one leaves what is to be undone as it was.
void open_undo(Step& step, Cold& cold, bool is_first) {
  if (cold.in_recovery) {
    cold.undo = {};
  } else if (is_first) {
    begin_undo(step, cold, true);
  } else if (cold.undo.is_open) {
    cold.undo.frto = Frto::kFirstAck;
  }
}

void collapse_window(Step& step, bool is_first) {
  Tcb& tcb = step.tcb;
  on_timeout_congestion(step, is_first);
  tcb.dup_acks = 0;
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  open_undo(step, *cold, is_first);
  cold->in_recovery = cold->probe.is_out = false;
  cold->is_amiss = true;
  cold->recover = tcb.snd_nxt;
  if (uses_rack(step)) return mark_lost_on_timeout(step, *cold);
  mark_all_lost(*cold);
}

void on_retransmit_timeout(Step& step) {
  const bool is_first = step.tcb.retries == 0;
  step.count(Counter::kRetransmitTimeouts);
  suspect_black_hole(step);
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
  if (!is_answer) step.tcb.ecn = 0;  // RFC 3168 §6.1.1.1: what asks for ECN may be what is lost
  emit_syn(step);
  arm_retransmit_timer(step);
}

// Nothing is in flight: a send() was refused for want of memory, or a silly window is no longer waited out.
void on_override_timeout(Step& step) {
  if (give_up_unsent(step)) return;
  Tcb& tcb = step.tcb;
  if (tcb.has(kWantWritable) && Sender{step}.room() > 0) {
    tcb.clear(kWantWritable);
    step.raise(kWritable);
  }
  Sender{step}.output(true);
}

// Nobody holds it, and the peer never closes.
void on_fin_wait_2_timeout(Step& step) {
  step.count(Counter::kTimeoutsGivenUp);
  enter_closed(step, CloseReason::kTimeout);
}

// Not what is left of the user timeout: then the retransmission timer's work is due.
bool is_earlier_alarm(const Step& step) {
  const Cold* cold = step.cold();
  if (cold == nullptr || cold->alarm == Alarm::kRetransmit || is_user_timeout_over(step)) return false;
  return is_synchronized(step.tcb.state) && step.tcb.state != State::kFinWait2;
}

void on_earlier_alarm(Step& step, Cold& cold) {
  const Alarm due = std::exchange(cold.alarm, Alarm::kRetransmit);
  step.tcb.retransmit_at = cold.retransmit_at;
  step.news.has_alarm = true;
  if (due == Alarm::kForget) return on_silence(step, cold);
  if (is_all_acknowledged(step.tcb) || step.tcb.snd_wnd == 0) return;
  if (due == Alarm::kReordering) on_reordering_timeout(step, cold);
  if (due == Alarm::kProbe) on_probe_timeout(step, cold);
}

}  // namespace

void on_retransmit_timer(Step& step) {
  Tcb& tcb = step.tcb;
  if (is_earlier_alarm(step)) return on_earlier_alarm(step, *step.cold());
  stop_retransmit_timer(step);
  if (is_handshake(tcb.state)) return on_handshake_timeout(step);
  if (tcb.state == State::kFinWait2) return on_fin_wait_2_timeout(step);
  const bool has_work = !is_all_acknowledged(tcb) || is_pending(step);
  if (has_work && tcb.snd_wnd == 0) return probe_window(step);
  if (!is_all_acknowledged(tcb)) return on_retransmit_timeout(step);
  on_override_timeout(step);
}

}  // namespace weir::tcp
