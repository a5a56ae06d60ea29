#include "rack.h"

#include "scoreboard.h"
#include "timestamps.h"

namespace weir::tcp {

namespace {

constexpr std::uint8_t kWindowLife = 16;
constexpr std::uint8_t kWindowFactorMax = 255;

bool has_flag(const PacketMeta& meta, PacketFlags flag) {
  return (meta.flags & flag) != 0;
}

// RACK_sent_after(), of the newest that was delivered against a packet.
bool is_sent_before_newest(const Rack& rack, const PacketMeta& meta, SeqNum end) {
  const auto later = static_cast<std::int32_t>(rack.sent_at_us - meta.sent_at_us);
  return later > 0 || (later == 0 && rack.end.after(end));
}

// Step 3. What was sent once and came after something beyond it was reordered.
void note_order(Step& step, Cold& cold, const PacketMeta& meta, SeqNum end) {
  if (end.after(cold.rack.highest)) cold.rack.highest = end;
  if (has_flag(meta, kPacketRetransmitted) || !end.before(step.news.highest_before)) return;
  step.tcb.has_reordering = true;
  step.count(Counter::kReorderingSeen);
}

// The ACK answers the first copy of what was sent twice: its echo is older than the second. A timestamp is no later
// than the millisecond of sending, so that a doubtful one is not called old.
bool is_echo_of_original(const Step& step, const PacketMeta& meta, const Segment& ack) {
  if (!step.tcb.has(kTimestampsOk) || !ack.options.timestamps) return false;
  const std::uint32_t age_us = step.context.microseconds() - meta.sent_at_us;
  const std::uint32_t sent_at = own_timestamp(step) - (age_us / 1000 + 1);
  return static_cast<std::int32_t>(ack.options.timestamps->echo - sent_at) < 0;
}

// Before one was measured since the last quiet moment, half of the smoothed one.
std::uint32_t least_round_trip_us(const Step& step, const Rack& rack) {
  return rack.min_round_trip_us != 0 ? rack.min_round_trip_us : step.tcb.srtt_us / 2;
}

// Step 4. Three segments beyond, or a recovery under way, were proof enough before anything was seen to be reordered.
std::uint32_t reordering_window_us(const Step& step, const Cold& cold) {
  const Tcb& tcb = step.tcb;
  const bool is_repairing = cold.in_recovery || !tcb.snd_una.after(cold.recover);
  if (!tcb.has_reordering && (is_repairing || is_held_beyond_threshold(tcb, cold))) return 0;
  const std::uint64_t window = std::uint64_t{cold.rack.min_round_trip_us} * cold.rack.window_factor / 4;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(std::max<std::uint64_t>(1, window), tcb.srtt_us));
}

void count_loss(Step& step, const PacketMeta& meta) {
  step.count(Counter::kRackLosses);
  if (has_flag(meta, kPacketRetransmitted)) step.count(Counter::kLostRetransmissions);
}

}  // namespace

void note_delivered(Step& step, Cold& cold, const PacketMeta& meta, SeqNum end, const Segment& ack) {
  const bool is_original = !has_flag(meta, kPacketRetransmitted);
  if (is_original && end.at_or_before(cold.recover)) step.news.has_original = true;
  if (!uses_rack(step)) return;
  Rack& rack = cold.rack;
  note_order(step, cold, meta, end);
  const std::uint32_t round_trip = step.context.microseconds() - meta.sent_at_us;
  if (is_original) {
    note_round_trip(rack, round_trip);
  } else if (is_echo_of_original(step, meta, ack) || round_trip < least_round_trip_us(step, rack)) {
    return;  // step 2: then it was the first copy that came
  }
  if (rack.has_newest && is_sent_before_newest(rack, meta, end)) return;
  note_newest(rack, meta.sent_at_us, round_trip, end);
}

void detect_losses(Step& step, Cold& cold) {
  Rack& rack = cold.rack;
  rack.wait_us = 0;
  if (!rack.has_newest) return;
  const std::uint32_t limit = rack.round_trip_us + reordering_window_us(step, cold);
  const std::uint32_t now = step.context.microseconds();
  for (rte_mbuf* at = cold.send.head(); at != nullptr && at != cold.unsent; at = PacketQueue::next(at)) {
    const PacketMeta& meta = PacketQueue::meta(at);
    if (has_flag(meta, kPacketSacked) || has_flag(meta, kPacketLost)) continue;
    if (!is_sent_before_newest(rack, meta, meta.seq + at->data_len)) {
      // What follows was sent later still, and even later if it was sent twice.
      if (!has_flag(meta, kPacketRetransmitted)) break;
      continue;
    }
    const std::uint32_t age = now - meta.sent_at_us;
    if (age < limit) {
      rack.wait_us = std::max(rack.wait_us, limit - age);
      continue;
    }
    count_loss(step, meta);
    mark_lost(step, cold, at);
  }
}

void mark_lost_on_timeout(Step& step, Cold& cold) {
  Rack& rack = cold.rack;
  rack.wait_us = 0;
  // RFC 2018 §8: the first byte held and yet not acknowledged: the peer has dropped it.
  forget_sacked_if_reneged(step, cold);
  const std::uint32_t round_trip = rack.has_newest ? rack.round_trip_us : step.tcb.srtt_us;
  const std::uint32_t limit = round_trip + reordering_window_us(step, cold);
  const std::uint32_t now = step.context.microseconds();
  for (rte_mbuf* at = cold.send.head(); at != nullptr && at != cold.unsent; at = PacketQueue::next(at)) {
    const PacketMeta& meta = PacketQueue::meta(at);
    if (has_flag(meta, kPacketSacked) || has_flag(meta, kPacketLost)) continue;
    const bool is_old = now - meta.sent_at_us >= limit;
    if (at == cold.send.head() || is_old) mark_lost(step, cold, at);
  }
}

void widen_reordering_window(const Step& step, Cold& cold) {
  Rack& rack = cold.rack;
  if (rack.has_round && step.tcb.snd_una.before(rack.round_end)) return;
  rack.has_round = true;
  rack.round_end = step.tcb.snd_nxt;
  rack.window_life = kWindowLife;
  if (rack.window_factor < kWindowFactorMax) ++rack.window_factor;
}

void note_recovery_over(Cold& cold) {
  Rack& rack = cold.rack;
  if (rack.window_life > 0 && --rack.window_life == 0) rack.window_factor = 1;
}

}  // namespace weir::tcp
