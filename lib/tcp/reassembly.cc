#include "reassembly.h"

#include <cstring>

#include "packets_low.h"
#include "receive_buffer.h"
#include "sack_report.h"

namespace weir::tcp {

namespace {

SeqNum seq_of(rte_mbuf* packet) {
  return PacketQueue::meta(packet).seq;
}
SeqNum end_of(rte_mbuf* packet) {
  return seq_of(packet) + packet->data_len;
}

// One single-segment packet on its way into the queue.
class Insertion {
 public:
  Insertion(Step& step, Cold& cold) : step_(step), queue_(cold.out_of_order) {}
  std::optional<SackBlock> duplicate;

  void insert(Packet packet) {
    rte_mbuf* before = nullptr;
    rte_mbuf* after = queue_.head();
    // Most arrivals lie beyond all others.
    if (after != nullptr && end_of(queue_.tail()).at_or_before(packet.meta().seq)) {
      before = queue_.tail();
      after = nullptr;
    }
    while (packet) {
      while (after != nullptr && end_of(after).at_or_before(packet.meta().seq)) step_over(before, after);
      if (after == nullptr || seq_of(after).at_or_after(end_of(packet.get()))) return place(before, std::move(packet));
      if (seq_of(after).after(packet.meta().seq)) {
        rte_mbuf* piece = place_front(before, packet, seq_of(after).since(packet.meta().seq));
        if (piece != nullptr) before = piece;
      }
      drop_overlap(after, packet);
    }
  }

 private:
  static void step_over(rte_mbuf*& before, rte_mbuf*& after) {
    before = after;
    after = PacketQueue::next(after);
  }

  // The bytes up to `length` fill a gap; the rest stays in `packet`.
  rte_mbuf* place_front(rte_mbuf* before, Packet& packet, std::uint32_t length) {
    Packet front = part(packet.get(), length);
    const SeqNum seq = packet.meta().seq;
    packet.trim_front(length);
    packet.meta().seq = seq + length;
    if (!front) return step_.count(Counter::kNoPackets), nullptr;
    front.meta().seq = seq;
    rte_mbuf* placed = front.get();
    place(before, std::move(front));
    return placed;
  }

  // A reference keeps the whole packet: what is small is copied, so that a piece holds no more than one.
  Packet part(rte_mbuf* whole, std::uint32_t length) {
    if (length <= kCoalesceMax) return step_.context.packets->copy({rte_pktmbuf_mtod(whole, std::uint8_t*), length});
    return step_.context.packets->reference(whole, 0, static_cast<std::uint16_t>(length));
  }

  // `packet` begins inside `held`.
  void drop_overlap(rte_mbuf* held, Packet& packet) {
    const SeqNum seq = packet.meta().seq;
    const std::uint32_t length = packet.length();
    const std::uint32_t overlap = std::min(length, end_of(held).since(seq));
    if (!duplicate) duplicate = SackBlock{seq, seq + overlap};
    if (overlap == length) return packet.reset();
    packet.trim_front(overlap);
    packet.meta().seq = seq + overlap;
  }

  // Many connections, each within its bound, must not have all packets together. The first one is free of the question.
  bool is_full() const {
    if (queue_.is_empty()) return false;
    return queue_.count() >= out_of_order_packets_max(step_) || step_.context.packets->is_low(kReserveShare);
  }

  void place(rte_mbuf* before, Packet packet) {
    if (before != nullptr && end_of(before) == packet.meta().seq && coalesce(step_, queue_, before, packet)) return;
    // What is due next always has room: it empties the queue.
    const bool is_due = packet.meta().seq == step_.tcb.rcv_nxt;
    if (!is_due && is_full()) return step_.count(Counter::kOutOfOrderDropped);
    queue_.insert_after(before, std::move(packet));
  }

  Step& step_;
  PacketQueue& queue_;
};

// The whole run of bytes held around `seq`; nothing when `seq` itself was not kept.
std::optional<SackBlock> run_around(const Cold& cold, SeqNum seq) {
  std::optional<SackBlock> run;
  for (rte_mbuf* at = cold.out_of_order.head(); at != nullptr; at = PacketQueue::next(at)) {
    if (run && run->right == seq_of(at)) {
      run->right = end_of(at);
      continue;
    }
    if (run && run->right.after(seq)) return run;
    if (seq_of(at).after(seq)) return {};
    run = SackBlock{seq_of(at), end_of(at)};
  }
  return run && run->right.after(seq) ? run : std::nullopt;
}

}  // namespace

std::uint32_t out_of_order_packets_max(const Step& step) {
  return kOutOfOrderPacketsMin + receive_buffer(step) / 1024;
}

bool coalesce(Step& step, PacketQueue& queue, rte_mbuf* into, const Packet& packet) {
  const std::uint32_t length = packet.length();
  if (length > kCoalesceMax || packet.is_chain()) return false;
  if (!RTE_MBUF_DIRECT(into) || rte_mbuf_refcnt_read(into) != 1 || rte_pktmbuf_tailroom(into) < length) return false;
  std::memcpy(rte_pktmbuf_append(into, static_cast<std::uint16_t>(length)), packet.data().data(), length);
  queue.grew(length);
  step.count(Counter::kReceiveCoalesced);
  return true;
}

std::optional<SackBlock> insert_out_of_order(Step& step, Cold& cold, Packet packet) {
  const SeqNum seq = packet.meta().seq;
  Insertion insertion{step, cold};
  if (packet.is_chain()) {
    PacketQueue pieces;
    pieces.push_back(std::move(packet));
    while (!pieces.is_empty()) insertion.insert(pieces.pop_front());
  } else {
    insertion.insert(std::move(packet));
  }
  if (const auto run = run_around(cold, seq)) note_block(cold, *run);
  return insertion.duplicate;
}

void deliver_in_order(Step& step, Cold& cold) {
  Tcb& tcb = step.tcb;
  while (!cold.out_of_order.is_empty() && seq_of(cold.out_of_order.head()) == tcb.rcv_nxt) {
    Packet packet = cold.out_of_order.pop_front();
    tcb.rcv_nxt += packet.length();
    cold.receive.push_back(std::move(packet));
  }
  forget_blocks_before(cold, tcb.rcv_nxt);
}

}  // namespace weir::tcp
