#include "scoreboard.h"

#include "rack.h"

namespace weir::tcp {

namespace {

// Blocks below snd_una are D-SACKs, those beyond snd_nxt never were ours.
bool is_valid(const Tcb& tcb, const SackBlock& block) {
  return block.left.before(block.right) && block.left.after(tcb.snd_una) && block.right.at_or_before(tcb.snd_nxt);
}

// One that starts below what this very ACK acknowledges is old news, or a D-SACK.
bool is_senseless(const Tcb& tcb, const SackBlock& block) {
  return !block.left.before(block.right) || block.right.after(tcb.snd_nxt);
}

bool has_flag(rte_mbuf* packet, PacketFlags flag) {
  return (PacketQueue::meta(packet).flags & flag) != 0;
}

void mark_sacked(Cold& cold, rte_mbuf* packet) {
  PacketMeta& meta = PacketQueue::meta(packet);
  if ((meta.flags & kPacketLost) != 0) cold.lost_bytes -= std::min<std::uint32_t>(cold.lost_bytes, packet->data_len);
  meta.flags = static_cast<std::uint8_t>((meta.flags & ~kPacketLost) | kPacketSacked);
  cold.sacked_bytes += packet->data_len;
}

struct ValidBlocks {
  std::array<SackBlock, TcpOptions::kSackBlocksMax> blocks{};
  unsigned count = 0;
  SeqNum end;

  ValidBlocks(Step& step, const TcpOptions& options) : end(step.tcb.snd_una) {
    for (unsigned i = 0; i < options.sack_count; ++i) {
      if (is_senseless(step.tcb, options.sack[i])) step.count(Counter::kInvalidSackBlocks);
      if (!is_valid(step.tcb, options.sack[i])) continue;
      blocks[count++] = options.sack[i];
      end = SeqNum::latest(end, options.sack[i].right);
    }
  }
  bool cover(SeqNum left, SeqNum right) const {
    for (unsigned i = 0; i < count; ++i)
      if (blocks[i].left.at_or_before(left) && right.at_or_before(blocks[i].right)) return true;
    return false;
  }
};

}  // namespace

void mark_lost(Step& step, Cold& cold, rte_mbuf* packet) {
  PacketMeta& meta = PacketQueue::meta(packet);
  meta.flags = static_cast<std::uint8_t>(meta.flags | kPacketLost);
  cold.lost_bytes += packet->data_len;
  const bool is_earlier = cold.lost_hint == nullptr || meta.seq.before(PacketQueue::meta(cold.lost_hint).seq);
  if (is_earlier) cold.lost_hint = packet;
  cold.is_amiss = step.news.has_lost = true;
}

// One walk over what is in flight for all blocks together: bounded by the send queue's packet count.
bool note_sacked(Step& step, const Segment& segment) {
  Cold* cold = step.cold();
  if (cold == nullptr || !step.tcb.has(kSackOk)) return false;
  const ValidBlocks valid{step, segment.options};
  if (valid.count == 0) return false;
  bool is_news = false;
  for (rte_mbuf* at = cold->send.head(); at != nullptr && at != cold->unsent; at = PacketQueue::next(at)) {
    const SeqNum left = PacketQueue::meta(at).seq;
    if (left.at_or_after(valid.end)) break;
    const SeqNum right = left + at->data_len;
    if (has_flag(at, kPacketSacked) || !valid.cover(left, right)) continue;
    note_delivered(step, *cold, PacketQueue::meta(at), right, segment);
    mark_sacked(*cold, at);
    is_news = true;
  }
  return is_news;
}

void mark_lost_below_sacked(Step& step, Cold& cold) {
  const std::uint32_t enough = (kDuplicatesThreshold - 1) * step.tcb.mss;
  std::uint32_t above = cold.sacked_bytes;
  for (rte_mbuf* at = cold.send.head(); at != nullptr && at != cold.unsent && above > enough;
       at = PacketQueue::next(at)) {
    if (has_flag(at, kPacketSacked)) {
      above -= std::min<std::uint32_t>(above, at->data_len);
    } else if (!has_flag(at, kPacketLost) && !has_flag(at, kPacketRetransmitted)) {
      mark_lost(step, cold, at);
    }
  }
}

void mark_first_lost(Step& step, Cold& cold) {
  rte_mbuf* head = cold.send.head();
  if (head == nullptr || head == cold.unsent) return;
  if (!has_flag(head, kPacketSacked) && !has_flag(head, kPacketLost)) mark_lost(step, cold, head);
}

void forget_sacked_if_reneged(Step& step, Cold& cold) {
  rte_mbuf* head = cold.send.head();
  if (!step.tcb.has(kSackOk) || head == nullptr || head == cold.unsent || !has_flag(head, kPacketSacked)) return;
  step.count(Counter::kSackReneging);
  cold.sacked_bytes = 0;
  cold.undo.frto = Frto::kOff;  // what it holds tells nothing
  for (rte_mbuf* at = head; at != nullptr && at != cold.unsent; at = PacketQueue::next(at)) {
    if (!has_flag(at, kPacketSacked)) continue;
    PacketMeta& meta = PacketQueue::meta(at);
    meta.flags = static_cast<std::uint8_t>(meta.flags & ~kPacketSacked);
    mark_lost(step, cold, at);
  }
}

}  // namespace weir::tcp
