// Segments sent again: those marked lost, in order, several small packets in one.
#include "retransmission.h"
#include "sender.h"
#include "spurious.h"

namespace weir::tcp {

namespace {

bool is_lost(rte_mbuf* packet) {
  return (PacketQueue::meta(packet).flags & kPacketLost) != 0;
}

rte_mbuf* first_lost(Cold& cold) {
  if (cold.lost_bytes == 0) return nullptr;
  rte_mbuf* at = cold.lost_hint;
  while (at != nullptr && at != cold.unsent && !is_lost(at)) at = PacketQueue::next(at);
  cold.lost_hint = at;
  return at == cold.unsent ? nullptr : at;
}

// A run ends where bytes begin that the peer holds, or that are still on their way.
Plan plan_resend(const Cold& cold, rte_mbuf* first, std::uint32_t limit) {
  std::uint32_t lost = 0;
  unsigned count = 0;
  for (rte_mbuf* at = first; at != nullptr && at != cold.unsent && is_lost(at); at = PacketQueue::next(at)) {
    lost += at->data_len;
    if (lost >= limit || ++count == kPiecesMax) break;
  }
  return plan_segment(first, std::min(lost, limit));
}

}  // namespace

bool Sender::resend_next(bool is_forced) {
  Cold* cold = step_.cold();
  if (cold == nullptr) return false;
  rte_mbuf* first = first_lost(*cold);
  if (first == nullptr || (!is_forced && is_holding_back(*cold))) return false;
  const SeqNum edge = step_.tcb.snd_una + step_.tcb.snd_wnd;
  // Beyond a window that was shrunk only the probe goes (SHLD-17).
  if (!is_forced && PacketQueue::meta(first).seq.at_or_after(edge)) return false;
  if (!is_forced && !fits_congestion_window(first->data_len)) return false;
  return resend(*cold, first);
}

bool Sender::resend(Cold& cold, rte_mbuf* first) {
  const Plan plan = plan_resend(cold, first, payload_max(step_));
  if (!cut_to_plan(step_, cold, plan)) return false;
  const SeqNum end = PacketQueue::meta(first).seq + plan.run.length;
  const bool is_last = end == data_end(step_);
  const bool with_fin = is_last && step_.tcb.has(kFinSent);
  const auto flags = static_cast<std::uint8_t>(kAck | (is_last ? kPsh : 0) | (with_fin ? kFin : 0));
  if (!emit_text(step_, plan.run, flags)) return false;
  rte_mbuf* at = first;
  for (unsigned i = 0; i < plan.run.count; ++i, at = PacketQueue::next(at)) {
    PacketMeta& meta = PacketQueue::meta(at);
    cold.lost_bytes -= std::min<std::uint32_t>(cold.lost_bytes, at->data_len);
    meta.flags = static_cast<std::uint8_t>((meta.flags & ~kPacketLost) | kPacketRetransmitted);
    meta.sent_at_us = step_.context.microseconds();
  }
  cold.lost_hint = at;
  cold.rate.sent += plan.run.length;
  note_repeated(step_, cold, plan.run.length);
  step_.count(Counter::kRetransmitSegments);
  return true;
}

bool Sender::resend_first() {
  if (resend_next(true)) return true;
  const bool only_fin = step_.tcb.has(kFinSent) && step_.tcb.snd_nxt == step_.tcb.snd_una + 1;
  if (!only_fin) return false;
  emit_control(step_, step_.tcb.snd_una, kFin | kAck);
  step_.count(Counter::kRetransmitSegments);
  return true;
}

}  // namespace weir::tcp
