#include <weir/wire/merge.h>

#include <cstring>

#include <rte_ip.h>

#include <weir/wire/headers.h>
#include <weir/wire/segment.h>
#include <weir/wire/seq_num.h>

namespace weir::wire {

namespace {

constexpr std::uint32_t kIpBytesMax = 65535;
constexpr std::uint8_t kLastMayHave = kPsh | kFin;

std::uint16_t headers_of(const rte_mbuf* frame, std::uint16_t l2_length) {
  return static_cast<std::uint16_t>(l2_length + frame->l3_len + frame->l4_len);
}

// Its headers lie in a buffer of its own, are of the usual length, and its checksum is the device's to compute.
bool is_rewritable(const rte_mbuf* frame, std::uint16_t headers) {
  const bool v4 = (frame->ol_flags & RTE_MBUF_F_TX_IPV4) != 0;
  return frame->l3_len == (v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)) &&
         (frame->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM && frame->data_len >= headers &&
         RTE_MBUF_DIRECT(frame) && rte_mbuf_refcnt_read(frame) == 1;
}

int buffers_of_payload(const rte_mbuf* frame, std::uint16_t headers) {
  return frame->nb_segs - (frame->data_len == headers ? 1 : 0);
}

std::uint8_t* at(rte_mbuf* frame, std::uint32_t offset) {
  return rte_pktmbuf_mtod_offset(frame, std::uint8_t*, offset);
}

// All of the link's and of IP's header but lengths and header checksum.
bool has_same_network(const std::uint8_t* one, const std::uint8_t* other, std::uint16_t l2, std::uint16_t l3, bool v4) {
  const auto same = [&](std::size_t from, std::size_t to) {
    return std::memcmp(one + from, other + from, to - from) == 0;
  };
  if (!same(0, l2)) return false;
  one += l2, other += l2;
  if (v4) return same(0, 2) && same(4, 10) && same(12, l3);
  return same(0, 4) && same(6, l3);
}

// All of TCP's header but sequence number, flags and checksum.
bool has_same_transport(const std::uint8_t* one, const std::uint8_t* other, std::uint16_t l4) {
  const auto first = load<TcpHeader>(one), second = load<TcpHeader>(other);
  return first.source_port == second.source_port && first.destination_port == second.destination_port &&
         first.ack == second.ack && first.data_offset == second.data_offset && first.window == second.window &&
         first.urgent == second.urgent &&
         std::memcmp(one + sizeof(TcpHeader), other + sizeof(TcpHeader), l4 - sizeof(TcpHeader)) == 0;
}

// Segments that have come together so far: a frame that more may be put behind, or none.
class Merger {
 public:
  Merger(std::uint16_t l2_length, const MergeLimits& limits) : l2_(l2_length), limits_(limits) {}

  // Takes `frame` into the one before, or makes a new beginning of it: then false.
  bool take(rte_mbuf* frame) {
    const std::uint16_t headers = headers_of(frame, l2_);
    if (frame->pkt_len <= headers || !is_rewritable(frame, headers)) return finish(), false;
    if (head_ != nullptr && follows(frame, headers)) return join(frame), true;
    finish();
    begin(frame, headers);
    return false;
  }

  void finish() {
    if (head_ != nullptr && is_merged_) write_lengths();
    head_ = nullptr;
  }

 private:
  bool is_v4() const { return (head_->ol_flags & RTE_MBUF_F_TX_IPV4) != 0; }
  std::uint8_t* tcp_of(rte_mbuf* frame) const { return at(frame, l2_ + frame->l3_len); }

  void begin(rte_mbuf* frame, std::uint16_t headers) {
    const auto tcp = load<TcpHeader>(tcp_of(frame));
    if (tcp.flags != kAck || frame->pkt_len - headers < limits_.least) return;
    head_ = frame;
    is_merged_ = false;
    headers_ = headers;
    each_ = frame->pkt_len - headers;
    next_ = SeqNum{tcp.seq.value()} + each_;
    tail_ = rte_pktmbuf_lastseg(frame);
  }

  bool follows(rte_mbuf* frame, std::uint16_t headers) const {
    const auto tcp = load<TcpHeader>(tcp_of(frame));
    const std::uint32_t length = frame->pkt_len - headers;
    return SeqNum{tcp.seq.value()} == next_ && length <= each_ && (tcp.flags & ~kLastMayHave) == kAck &&
           headers == headers_ && frame->l3_len == head_->l3_len && frame->ol_flags == first_flags() &&
           head_->nb_segs + buffers_of_payload(frame, headers) <= limits_.buffers &&
           head_->pkt_len - l2_ + length <= kIpBytesMax &&
           has_same_network(at(head_, 0), at(frame, 0), l2_, frame->l3_len, is_v4()) &&
           has_same_transport(tcp_of(head_), tcp_of(frame), frame->l4_len);
  }

  std::uint64_t first_flags() const { return head_->ol_flags & ~std::uint64_t{RTE_MBUF_F_TX_TCP_SEG}; }

  void join(rte_mbuf* frame) {
    const std::uint8_t flags = load<TcpHeader>(tcp_of(frame)).flags;
    const std::uint32_t length = frame->pkt_len - headers_;
    tcp_of(head_)[offsetof(TcpHeader, flags)] |= flags;
    rte_mbuf* payload = without_headers(frame);
    tail_->next = payload;
    tail_ = rte_pktmbuf_lastseg(payload);
    head_->nb_segs = static_cast<std::uint16_t>(head_->nb_segs + payload->nb_segs);
    head_->pkt_len += length;
    head_->ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
    next_ = next_ + length;
    is_merged_ = true;
    if (length < each_ || flags != kAck) finish();
  }

  // What is left is not empty: there is payload. Only the first mbuf's counts stand for the chain.
  rte_mbuf* without_headers(rte_mbuf* frame) const {
    rte_pktmbuf_adj(frame, headers_);
    if (frame->data_len > 0) return frame;
    rte_mbuf* rest = frame->next;
    rest->nb_segs = static_cast<std::uint16_t>(frame->nb_segs - 1);
    frame->next = nullptr;
    frame->nb_segs = 1;
    rte_pktmbuf_free_seg(frame);
    return rest;
  }

  // As RTE_MBUF_F_TX_TCP_SEG wants it: the pseudo-header's sum without the length; IPv4's checksum zero where the
  // device computes that too.
  void write_lengths() {
    head_->tso_segsz = static_cast<std::uint16_t>(each_);
    std::uint8_t* ip = at(head_, l2_);
    std::uint8_t* tcp = tcp_of(head_);
    is_v4() ? write_lengths_v4(ip, tcp) : write_lengths_v6(ip, tcp);
  }

  void write_lengths_v4(std::uint8_t* ip, std::uint8_t* tcp) const {
    auto header = load<Ipv4Header>(ip);
    header.total_length = be16{static_cast<std::uint16_t>(head_->pkt_len - l2_)};
    header.checksum = {};
    store(ip, header);
    const auto* whole = reinterpret_cast<const rte_ipv4_hdr*>(ip);
    if ((head_->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) == 0)
      store(ip + offsetof(Ipv4Header, checksum), rte_ipv4_cksum(whole));
    store(tcp + offsetof(TcpHeader, checksum), rte_ipv4_phdr_cksum(whole, RTE_MBUF_F_TX_TCP_SEG));
  }

  void write_lengths_v6(std::uint8_t* ip, std::uint8_t* tcp) const {
    auto header = load<Ipv6Header>(ip);
    header.payload_length = be16{static_cast<std::uint16_t>(head_->pkt_len - l2_ - sizeof header)};
    store(ip, header);
    store(tcp + offsetof(TcpHeader, checksum),
          rte_ipv6_phdr_cksum(reinterpret_cast<const rte_ipv6_hdr*>(ip), RTE_MBUF_F_TX_TCP_SEG));
  }

  std::uint16_t l2_;
  MergeLimits limits_;
  rte_mbuf* head_ = nullptr;
  rte_mbuf* tail_ = nullptr;
  std::uint32_t each_ = 0;  // bytes of payload of all but the last
  SeqNum next_{};           // what follows begins there
  std::uint16_t headers_ = 0;
  bool is_merged_ = false;
};

}  // namespace

std::size_t merge_segments(std::span<rte_mbuf*> frames, std::uint16_t l2_length, const MergeLimits& limits) {
  Merger merger(l2_length, limits);
  std::size_t kept = 0;
  for (rte_mbuf* frame : frames)
    if (!merger.take(frame)) frames[kept++] = frame;
  merger.finish();
  return kept;
}

}  // namespace weir::wire
