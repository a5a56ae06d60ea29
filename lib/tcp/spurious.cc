#include "spurious.h"

#include "congestion.h"
#include "scoreboard.h"
#include "timestamps.h"

namespace weir::tcp {

namespace {

bool has_advanced(const Step& step) {
  return step.tcb.snd_una.after(step.news.una_before);
}

// RFC 3522 §3.2: the first ACK that advances answers something sent before the first retransmission.
bool is_told_by_echo(const Step& step, Undo& undo, const Segment& ack) {
  if (!undo.awaits_echo || !has_advanced(step)) return false;
  undo.awaits_echo = false;
  if (!step.tcb.has(kTimestampsOk) || !ack.options.timestamps) return false;
  const bool is_older = static_cast<std::int32_t>(ack.options.timestamps->echo - undo.repeated_at) < 0;
  if (!is_older) undo.frto = Frto::kOff;  // the second copy came first: no need to ask again
  return is_older;
}

// Something new is left to be sent, and the peer has room for it.
bool may_send_new(const Step& step) {
  return unsent_bytes(step) > 0 && usable_window(step.tcb) > 0;
}

// RFC 5682 §3.1, from step (2) on.
bool is_told_by_second_ack(const Step& step, const Cold& cold, Undo& undo) {
  const bool says_something = has_advanced(step) || cold.sacked_bytes != step.news.held_before || step.tcb.dup_acks > 0;
  if (undo.frto == Frto::kOff || !says_something) return false;
  if (undo.frto == Frto::kSecondAck && step.news.has_original) return true;
  const bool goes_on =
      undo.frto == Frto::kFirstAck && has_advanced(step) && step.tcb.snd_una.before(cold.recover) && may_send_new(step);
  undo.frto = goes_on ? Frto::kSecondAck : Frto::kOff;
  return false;
}

bool is_mistake(Step& step, Cold& cold, const Segment& ack) {
  Undo& undo = cold.undo;
  if (is_told_by_echo(step, undo, ack) || is_told_by_second_ack(step, cold, undo)) return true;
  return undo.has_repeated && undo.repeated_bytes == 0;
}

void forget_lost(Cold& cold) {
  for (rte_mbuf* at = cold.send.head(); at != nullptr && at != cold.unsent; at = PacketQueue::next(at)) {
    PacketMeta& meta = PacketQueue::meta(at);
    meta.flags = static_cast<std::uint8_t>(meta.flags & ~kPacketLost);
  }
  cold.lost_bytes = 0;
  cold.lost_hint = nullptr;
}

void undo_reduction(Step& step, Cold& cold) {
  Tcb& tcb = step.tcb;
  const bool was_timeout = cold.undo.was_timeout;
  step.count(was_timeout ? Counter::kSpuriousTimeoutsUndone : Counter::kSpuriousRecoveriesUndone);
  cold.undo = {};
  undo_congestion(step);
  forget_lost(cold);
  if (!tcb.has(kSackOk)) cold.sacked_bytes = 0;
  cold.in_recovery = false;
  cold.recover = tcb.snd_una - 1;
  tcb.dup_acks = 0;
  // What looked lost was out of order.
  if (!was_timeout) tcb.has_reordering = true;
}

}  // namespace

void begin_undo(Step& step, Cold& cold, bool was_timeout) {
  const Tcb& tcb = step.tcb;
  cold.undo = {};
  if (!step.settings.undo_spurious) return;
  // D-SACKs come up to a round trip after what they report was acknowledged.
  cold.undo.until = tcb.snd_nxt + flight(tcb);
  cold.undo.from = tcb.snd_una;
  cold.undo.is_open = cold.is_amiss = true;
  cold.undo.was_timeout = was_timeout;
  if (was_timeout) cold.undo.frto = Frto::kFirstAck;
}

void note_repeated(Step& step, Cold& cold, std::uint32_t bytes) {
  Undo& undo = cold.undo;
  if (!undo.is_open) return;
  undo.repeated_bytes += bytes;
  if (undo.has_repeated) return;
  undo.has_repeated = undo.awaits_echo = true;
  undo.repeated_at = own_timestamp(step);
}

void note_reported_twice(Cold& cold, const SackBlock& block) {
  Undo& undo = cold.undo;
  if (!undo.is_open || block.left.before(undo.from)) return;
  undo.repeated_bytes -= std::min(undo.repeated_bytes, block.right.since(block.left));
}

void judge_reduction(Step& step, Cold& cold, const Segment& ack) {
  if (!cold.undo.is_open) return;
  if (is_mistake(step, cold, ack)) return undo_reduction(step, cold);
  const bool is_over = !cold.in_recovery && step.tcb.snd_una.after(cold.undo.until);
  if (is_over) cold.undo = {};
}

}  // namespace weir::tcp
