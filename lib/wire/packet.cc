#include <weir/wire/packet.h>

#include <algorithm>
#include <cstring>

namespace weir {

namespace {

// The head of a chain moves on: what describes the whole packet moves with it.
rte_mbuf* drop_first_segment(rte_mbuf* head) {
  rte_mbuf* next = head->next;
  next->pkt_len = head->pkt_len - head->data_len;
  next->nb_segs = static_cast<std::uint16_t>(head->nb_segs - 1);
  PacketQueue::meta(next) = PacketQueue::meta(head);
  rte_pktmbuf_free_seg(head);
  return next;
}

void cut_front(rte_mbuf* mbuf, std::uint32_t n) {
  mbuf->data_off = static_cast<std::uint16_t>(mbuf->data_off + n);
  mbuf->data_len = static_cast<std::uint16_t>(mbuf->data_len - n);
  mbuf->pkt_len -= n;
}

void free_behind(rte_mbuf* last) {
  if (last->next != nullptr) rte_pktmbuf_free(std::exchange(last->next, nullptr));
}

}  // namespace

void Packet::trim_front(std::uint32_t n) {
  WEIR_CHECK(n <= length());
  while (n >= mbuf_->data_len && mbuf_->next != nullptr) {
    n -= mbuf_->data_len;
    mbuf_ = drop_first_segment(mbuf_);
  }
  cut_front(mbuf_, n);
}

void Packet::trim_back(std::uint32_t n) {
  WEIR_CHECK(n <= length());
  if (n == 0) return;
  std::uint32_t keep = mbuf_->pkt_len - n;
  mbuf_->pkt_len = keep;
  std::uint16_t segments = 1;
  rte_mbuf* last = mbuf_;
  for (; keep > last->data_len; last = last->next, ++segments) keep -= last->data_len;
  last->data_len = static_cast<std::uint16_t>(keep);
  free_behind(last);
  mbuf_->nb_segs = segments;
}

void Packet::append_chain(Packet tail) {
  WEIR_CHECK(rte_pktmbuf_chain(mbuf_, tail.get()) == 0);
  static_cast<void>(tail.release());
}

void Packet::copy_to(std::uint32_t offset, std::span<std::uint8_t> into) const {
  WEIR_CHECK(offset + into.size() <= length());
  const void* bytes = rte_pktmbuf_read(mbuf_, offset, static_cast<std::uint32_t>(into.size()), into.data());
  if (bytes != into.data() && !into.empty()) std::memcpy(into.data(), bytes, into.size());
}

}  // namespace weir
