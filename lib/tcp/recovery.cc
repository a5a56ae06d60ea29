#include "recovery.h"

#include "congestion.h"
#include "duplicate_report.h"
#include "proportional_rate.h"
#include "rack.h"
#include "retransmission.h"
#include "scoreboard.h"
#include "sender.h"
#include "spurious.h"
#include "tail_loss_probe.h"

namespace weir::tcp {

namespace {

constexpr unsigned kDuplicatesMax = 15;  // Tcb::dup_acks has four bits

// The first byte in flight is at once the first of its packet.
bool is_first_lost(const Cold& cold) {
  rte_mbuf* head = cold.send.head();
  return head != nullptr && head != cold.unsent && (PacketQueue::meta(head).flags & kPacketLost) != 0;
}

void find_losses(Step& step, Cold& cold) {
  if (uses_rack(step)) return detect_losses(step, cold);
  if (step.tcb.has(kSackOk)) mark_lost_below_sacked(step, cold);
}

bool is_new_loss(const Step& step, const Cold& cold) {
  if (cold.in_recovery || !is_past_last_recovery(step.tcb, cold)) return false;
  if (uses_rack(step)) return step.news.has_lost;
  return step.tcb.dup_acks >= kDuplicatesThreshold || is_first_lost(cold);
}

void enter_recovery(Step& step, Cold& cold) {
  Tcb& tcb = step.tcb;
  step.count(Counter::kFastRetransmits);
  tcb.cwnd = tcb.ssthresh = reduced_threshold(step);
  begin_undo(step, cold, false);
  cold.recover = tcb.snd_nxt;
  cold.in_recovery = cold.is_amiss = true;
  cold.probe.is_out = false;
  cold.acked_bytes = 0;
  if (tcb.has(kSackOk)) {
    begin_proportional_rate(step, cold);
    if (!uses_rack(step)) mark_first_lost(step, cold);
    return;  // its pace is set when all of the ACK is known
  }
  // Without SACK each duplicate stands for one segment that left the network: window inflation, said as a pipe.
  cold.sacked_bytes = std::min(flight(tcb), kDuplicatesThreshold * tcb.mss);
  mark_first_lost(step, cold);
  Sender{step}.resend_first();
}

void leave_recovery(Step& step, Cold& cold) {
  Tcb& tcb = step.tcb;
  cold.in_recovery = false;
  tcb.dup_acks = 0;
  note_recovery_over(cold);
  if (tcb.has(kSackOk)) {
    tcb.cwnd = tcb.ssthresh;  // RFC 9937 §6: as much as is in the network by now
    return;
  }
  cold.sacked_bytes = 0;
  // RFC 6582 §3.2 (3), first choice: no burst.
  const std::uint32_t mss = tcb.mss;
  tcb.cwnd = std::min(tcb.ssthresh, std::max(flight(tcb), mss) + mss);
}

// RFC 6582 §3.2: a partial acknowledgment names the next hole.
void on_partial_ack(Step& step, Cold& cold, std::uint32_t acked) {
  if (uses_rack(step)) return detect_losses(step, cold);
  if (step.tcb.has(kSackOk)) {
    mark_lost_below_sacked(step, cold);
    rte_mbuf* head = cold.send.head();
    if (head != nullptr && (PacketQueue::meta(head).flags & kPacketRetransmitted) == 0) mark_first_lost(step, cold);
    return;
  }
  const std::uint32_t deflated = cold.sacked_bytes > acked ? cold.sacked_bytes - acked : 0;
  cold.sacked_bytes = std::min(flight(step.tcb), deflated + step.tcb.mss);
  mark_first_lost(step, cold);
  Sender{step}.resend_first();
}

// Marks that lie behind must not come round again after 2^31 bytes.
void forget_passed_marks(const Tcb& tcb, Cold& cold) {
  if (tcb.snd_una.after(cold.recover)) cold.recover = tcb.snd_una - 1;
  cold.has_small = cold.has_small && cold.small_end.after(tcb.snd_una);
  cold.rack.has_round = cold.rack.has_round && cold.rack.round_end.after(tcb.snd_una);
}

// RFC 2883: what the peer received twice.
void note_duplicate_report(Step& step, Cold& cold, const Segment& segment) {
  const auto report = duplicate_report(segment);
  if (!report || report->right.after(step.tcb.snd_nxt)) return;
  step.count(Counter::kDuplicateReportsIn);
  note_reported_twice(cold, *report);
  const bool is_of_probe = cold.probe.is_out && report->right == cold.probe.end;
  if (!is_of_probe) widen_reordering_window(step, cold);
}

void settle(Step& step, Cold& cold) {
  const bool is_open = cold.probe.is_out || cold.probe.awaits_round_trip || cold.undo.is_open;
  if (!is_repaired(step.tcb, cold) || is_open) return;
  cold.is_amiss = false;
  cold.rack.wait_us = 0;
}

void begin_news(Step& step, const Cold& cold) {
  step.news.una_before = step.tcb.snd_una;
  step.news.held_before = cold.sacked_bytes;
  step.news.highest_before = cold.rack.highest;
}

}  // namespace

bool is_duplicate_ack(const Tcb& tcb, const Segment& segment, std::uint32_t window, bool sacked_more) {
  if (is_all_acknowledged(tcb) || segment.ack != tcb.snd_una) return false;
  if (window == 0) return false;             // the answer to a probe
  if (tcb.has(kSackOk)) return sacked_more;  // RFC 6675 §2: also one with text or another window
  return segment.length() == 0 && window == tcb.snd_wnd;
}

void begin_ack(Step& step, const Segment& segment) {
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  step.news.una_before = step.tcb.snd_una;
  if (segment.options.sack_count == 0 && !cold->is_amiss) return;
  if (cold->sacked_bytes == 0) cold->rack.highest = step.tcb.snd_una;
  begin_news(step, *cold);
  if (!step.tcb.has(kSackOk)) return;
  cold->is_amiss = true;
  note_duplicate_report(step, *cold, segment);
}

void end_ack(Step& step, const Segment& segment) {
  Cold* cold = step.cold();
  if (cold == nullptr || !cold->is_amiss) return;
  judge_probe(step, *cold, segment);
  judge_reduction(step, *cold, segment);
  if (cold->in_recovery && step.tcb.has(kSackOk)) pace_recovery(step, *cold);
  settle(step, *cold);
  step.news.has_alarm = true;
}

void on_duplicate_ack(Step& step) {
  Tcb& tcb = step.tcb;
  step.count(Counter::kDuplicateAcksIn);
  if (tcb.dup_acks < kDuplicatesMax) ++tcb.dup_acks;
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  find_losses(step, *cold);
  if (is_new_loss(step, *cold)) return enter_recovery(step, *cold);
  if (cold->in_recovery && !tcb.has(kSackOk)) cold->sacked_bytes = std::min(flight(tcb), cold->sacked_bytes + tcb.mss);
}

void on_progress(Step& step, std::uint32_t acked, bool was_limited) {
  Cold* cold = step.cold();
  if (cold == nullptr) {
    step.tcb.dup_acks = 0;
    return grow_window(step, acked, was_limited);
  }
  if (cold->is_amiss) forget_sacked_if_reneged(step, *cold);
  if (cold->in_recovery) {
    if (step.tcb.snd_una.before(cold->recover)) return on_partial_ack(step, *cold, acked);
    leave_recovery(step, *cold);
  } else {
    forget_passed_marks(step.tcb, *cold);
    step.tcb.dup_acks = 0;
    grow_window(step, acked, was_limited);
  }
  if (!cold->is_amiss || !uses_rack(step)) return;
  detect_losses(step, *cold);
  if (is_new_loss(step, *cold)) enter_recovery(step, *cold);
}

void on_reordering_timeout(Step& step, Cold& cold) {
  step.count(Counter::kReorderingTimeouts);
  begin_news(step, cold);
  detect_losses(step, cold);
  if (is_new_loss(step, cold)) enter_recovery(step, cold);
  if (cold.in_recovery) pace_recovery(step, cold);
}

void on_silence(Step& step, Cold& cold) {
  judge_silent_probe(step, cold);
  cold.probe.awaits_round_trip = false;
  cold.undo = {};
  settle(step, cold);
}

}  // namespace weir::tcp
