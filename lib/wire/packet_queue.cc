#include <weir/wire/packet.h>

namespace weir {

namespace {

// Makes the first segment of a chain a packet of its own; returns the rest.
rte_mbuf* split_first(rte_mbuf* mbuf) {
  rte_mbuf* rest = std::exchange(mbuf->next, nullptr);
  mbuf->nb_segs = 1;
  mbuf->pkt_len = mbuf->data_len;
  return rest;
}

}  // namespace

void PacketQueue::push_back(Packet packet) {
  if (packet.length() != 0 && !packet.is_chain()) return insert_after(tail_, std::move(packet));
  rte_mbuf* piece = packet.release();
  PacketMeta meta = PacketQueue::meta(piece);
  while (piece != nullptr) {
    rte_mbuf* rest = split_first(piece);
    PacketQueue::meta(piece) = meta;
    meta.seq += piece->data_len;
    if (piece->data_len != 0) {
      insert_after(tail_, Packet{piece});
    } else {
      rte_pktmbuf_free_seg(piece);
    }
    piece = rest;
  }
}

void PacketQueue::insert_after(rte_mbuf* position, Packet packet) {
  WEIR_DCHECK(!packet.is_chain());
  rte_mbuf* mbuf = packet.release();
  rte_mbuf*& link = position == nullptr ? head_ : meta(position).next;
  meta(mbuf).next = link;
  link = mbuf;
  if (tail_ == position) tail_ = mbuf;
  bytes_ += mbuf->pkt_len;
  ++count_;
}

Packet PacketQueue::pop_front() {
  return remove_after(nullptr);
}

Packet PacketQueue::remove_after(rte_mbuf* position) {
  rte_mbuf*& link = position == nullptr ? head_ : meta(position).next;
  rte_mbuf* mbuf = link;
  if (mbuf == nullptr) return {};
  link = std::exchange(meta(mbuf).next, nullptr);
  if (tail_ == mbuf) tail_ = position;
  bytes_ -= mbuf->pkt_len;
  --count_;
  return Packet{mbuf};
}

void PacketQueue::consume(std::uint32_t n) {
  WEIR_CHECK(n <= bytes_);
  while (n != 0 && n >= head_->pkt_len) {
    n -= head_->pkt_len;
    pop_front().reset();
  }
  if (n == 0) return;
  rte_pktmbuf_adj(head_, static_cast<std::uint16_t>(n));
  meta(head_).seq += n;
  bytes_ -= n;
}

void PacketQueue::free_all() {
  while (!is_empty()) pop_front().reset();
}

}  // namespace weir
