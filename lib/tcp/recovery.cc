#include "recovery.h"

#include "congestion.h"
#include "scoreboard.h"
#include "sender.h"

namespace weir::tcp {

namespace {

constexpr unsigned kDuplicatesThreshold = 3;
constexpr unsigned kDuplicatesMax = 15;  // Tcb::dup_acks has four bits

// The first byte in flight is at once the first of its packet.
bool is_first_lost(const Cold& cold) {
  rte_mbuf* head = cold.send.head();
  return head != nullptr && head != cold.unsent && (PacketQueue::meta(head).flags & kPacketLost) != 0;
}

void enter_recovery(Step& step, Cold& cold) {
  Tcb& tcb = step.tcb;
  step.count(Counter::kFastRetransmits);
  tcb.cwnd = tcb.ssthresh = reduced_threshold(step);
  cold.recover = tcb.snd_nxt;
  cold.in_recovery = true;
  cold.acked_bytes = 0;
  // Without SACK each duplicate stands for one segment that left the network: window inflation, said as a pipe.
  if (!tcb.has(kSackOk)) cold.sacked_bytes = std::min(flight(tcb), kDuplicatesThreshold * tcb.mss);
  mark_first_lost(cold);
  Sender{step}.resend_first();
}

void leave_recovery(Step& step, Cold& cold) {
  Tcb& tcb = step.tcb;
  cold.in_recovery = false;
  if (!tcb.has(kSackOk)) cold.sacked_bytes = 0;
  tcb.dup_acks = 0;
  // RFC 6582 §3.2 (3), first choice: no burst.
  const std::uint32_t mss = tcb.mss;
  tcb.cwnd = std::min(tcb.ssthresh, std::max(flight(tcb), mss) + mss);
}

// RFC 6582 §3.2: a partial acknowledgment names the next hole.
void on_partial_ack(Step& step, Cold& cold, std::uint32_t acked) {
  if (step.tcb.has(kSackOk)) {
    mark_lost_below_sacked(step, cold);
    rte_mbuf* head = cold.send.head();
    if (head != nullptr && (PacketQueue::meta(head).flags & kPacketRetransmitted) == 0) mark_first_lost(cold);
    return;
  }
  const std::uint32_t deflated = cold.sacked_bytes > acked ? cold.sacked_bytes - acked : 0;
  cold.sacked_bytes = std::min(flight(step.tcb), deflated + step.tcb.mss);
  mark_first_lost(cold);
  Sender{step}.resend_first();
}

}  // namespace

bool is_duplicate_ack(const Tcb& tcb, const Segment& segment, std::uint32_t window, bool sacked_more) {
  if (is_all_acknowledged(tcb) || segment.ack != tcb.snd_una) return false;
  if (window == 0) return false;             // the answer to a probe
  if (tcb.has(kSackOk)) return sacked_more;  // RFC 6675 §2: also one with text or another window
  return segment.length() == 0 && window == tcb.snd_wnd;
}

void on_duplicate_ack(Step& step) {
  Tcb& tcb = step.tcb;
  step.count(Counter::kDuplicateAcksIn);
  if (tcb.dup_acks < kDuplicatesMax) ++tcb.dup_acks;
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  if (tcb.has(kSackOk)) mark_lost_below_sacked(step, *cold);
  if (cold->in_recovery) {
    if (!tcb.has(kSackOk)) cold->sacked_bytes = std::min(flight(tcb), cold->sacked_bytes + tcb.mss);
    return;
  }
  // RFC 6582 §3.2 (2): what a timeout, or the last recovery, sent twice causes duplicates too.
  const bool is_new_loss = tcb.snd_una.after(cold->recover);
  if (is_new_loss && (tcb.dup_acks >= kDuplicatesThreshold || is_first_lost(*cold))) enter_recovery(step, *cold);
}

namespace {

// Marks that lie behind must not come round again after 2^31 bytes.
void forget_passed_marks(const Tcb& tcb, Cold& cold) {
  if (tcb.snd_una.after(cold.recover)) cold.recover = tcb.snd_una - 1;
  cold.has_small = cold.has_small && cold.small_end.after(tcb.snd_una);
}

}  // namespace

void on_progress(Step& step, std::uint32_t acked, bool was_limited) {
  Cold* cold = step.cold();
  if (cold != nullptr && !cold->in_recovery) forget_passed_marks(step.tcb, *cold);
  if (cold == nullptr || !cold->in_recovery) {
    step.tcb.dup_acks = 0;
    return grow_window(step, acked, was_limited);
  }
  if (step.tcb.snd_una.at_or_after(cold->recover)) return leave_recovery(step, *cold);
  on_partial_ack(step, *cold, acked);
}

}  // namespace weir::tcp
