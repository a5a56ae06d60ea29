#include "send_queue.h"

#include "rack.h"

namespace weir::tcp {

void enqueue(Step& step, Cold& cold, Packet payload) {
  payload.meta().seq = data_end(step);
  rte_mbuf* before = cold.send.tail();
  cold.send.push_back(std::move(payload));
  rte_mbuf* first = before == nullptr ? cold.send.head() : PacketQueue::next(before);
  // The private area still holds what its last owner wrote.
  for (rte_mbuf* at = first; at != nullptr; at = PacketQueue::next(at)) PacketQueue::meta(at).flags = 0;
  if (cold.unsent == nullptr) cold.unsent = first;
}

Plan plan_segment(rte_mbuf* first, std::uint32_t limit) {
  Plan plan{.run = {.first = first}};
  for (rte_mbuf* at = first; at != nullptr && plan.run.count < kPiecesMax; at = PacketQueue::next(at)) {
    const std::uint32_t room = limit - plan.run.length;
    if (room == 0) break;
    ++plan.run.count;
    if (at->data_len > room) {
      plan.cut = room;
      plan.run.length += room;
      break;
    }
    plan.run.length += at->data_len;
  }
  return plan;
}

bool cut_to_plan(Step& step, Cold& cold, const Plan& plan) {
  if (plan.cut == 0) return true;
  rte_mbuf* last = plan.run.first;
  for (unsigned i = 1; i < plan.run.count; ++i) last = PacketQueue::next(last);
  const auto at = static_cast<std::uint16_t>(plan.cut);
  const auto rest_length = static_cast<std::uint16_t>(last->data_len - at);
  Packet rest = step.context.packets->reference(last, at, rest_length);
  if (!rest) return step.count(Counter::kNoPackets), false;
  const PacketMeta& meta = PacketQueue::meta(last);
  rest.meta().seq = meta.seq + at;
  rest.meta().sent_at_us = meta.sent_at_us;
  rest.meta().flags = meta.flags;
  rte_pktmbuf_trim(last, rest_length);
  cold.send.shrank(rest_length);
  cold.send.insert_after(last, std::move(rest));
  return true;
}

namespace {

void forget_marks(Cold& cold, const PacketMeta& meta, std::uint32_t bytes) {
  if ((meta.flags & kPacketSacked) != 0) cold.sacked_bytes -= std::min(cold.sacked_bytes, bytes);
  if ((meta.flags & kPacketLost) != 0) cold.lost_bytes -= std::min(cold.lost_bytes, bytes);
}

// Packets in flight were long untouched: the next one's lines are on their way while this one is freed.
void prefetch_next(rte_mbuf* packet) {
  rte_mbuf* next = PacketQueue::next(packet);
  if (next == nullptr) return;
  rte_prefetch0(next);
  rte_prefetch0(&next->pool);
  rte_prefetch0(&PacketQueue::meta(next));
}

void note_sent_at(const PacketMeta& meta, AckedPackets& acked) {
  acked.sent_at_us = meta.sent_at_us;
  acked.is_timed = true;
}

// A packet that was sent twice or held, or one delivered while others were.
void note_unusual(Step& step, Cold& cold, rte_mbuf* packet, std::uint32_t bytes, const Segment& ack,
                  AckedPackets& acked) {
  const PacketMeta& meta = PacketQueue::meta(packet);
  forget_marks(cold, meta, bytes);
  if ((meta.flags & kPacketRetransmitted) != 0) acked.is_ambiguous = true;
  if ((meta.flags & kPacketSacked) != 0) return;  // it arrived long before this ACK
  if ((meta.flags & kPacketRetransmitted) == 0) note_sent_at(meta, acked);
  note_delivered(step, cold, meta, meta.seq + bytes, ack);
}

}  // namespace

AckedPackets forget_acknowledged(Step& step, Cold& cold, const Segment& ack) {
  AckedPackets acked;
  std::uint32_t bytes = ack.ack.since(step.tcb.snd_una);
  while (bytes > 0 && !cold.send.is_empty()) {
    rte_mbuf* head = cold.send.head();
    const std::uint32_t part = std::min<std::uint32_t>(bytes, head->data_len);
    const PacketMeta& meta = PacketQueue::meta(head);
    if (cold.is_amiss || meta.flags != 0) {
      note_unusual(step, cold, head, part, ack, acked);
    } else {
      note_sent_at(meta, acked);
    }
    bytes -= part;
    if (part < head->data_len) return cold.send.consume(part), acked;
    prefetch_next(head);
    if (cold.lost_hint == head) cold.lost_hint = PacketQueue::next(head);
    if (cold.unsent == head) cold.unsent = PacketQueue::next(head);
    cold.send.pop_front();
  }
  return acked;
}

std::uint32_t pipe(const Step& step) {
  const std::uint32_t in_flight = flight(step.tcb);
  const Cold* cold = step.cold();
  if (cold == nullptr) return in_flight;
  const std::uint32_t gone = cold->sacked_bytes + cold->lost_bytes;
  return in_flight > gone ? in_flight - gone : 0;
}

}  // namespace weir::tcp
