// The headers of a segment without payload, made once: what differs from one to the next (the far end, the numbers,
// the timestamps) is put in, and both checksums follow from what is known of the rest (RFC 1624). The answer takes the
// place of the packet that asked for it, whose memory is at hand; or a new packet, where the far end is made up.
#pragma once

#include <array>

#include <weir/wire/build.h>

namespace weir::wire {

class AnswerTemplate {
 public:
  enum class FarEnd : std::uint8_t { kDestination, kSource };
  struct Values {
    IpAddress far{};  // of the template's family
    std::uint16_t far_port = 0;
    SeqNum seq{}, ack{};
    Timestamps timestamps{};  // where the template has some
  };

  AnswerTemplate() = default;
  // From `path` and `segment` all but what Values names. SACK blocks are left out.
  AnswerTemplate(const Path& path, const Segment& segment, FarEnd far_end = FarEnd::kDestination);

  // May the answer be written over `packet`? It needs room, and bytes that are nobody else's.
  bool fits(const Packet& packet) const {
    const rte_mbuf* mbuf = packet.get();
    return packet.is_writable() && !packet.is_chain() && mbuf->data_off + kLengthMax <= mbuf->buf_len;
  }
  // `packet`, of whatever it holds, becomes the IP packet of this answer, its checksums complete. It fits().
  void put(Packet& packet, const Values& values) const;

  std::uint16_t length() const { return length_; }

 private:
  static constexpr std::size_t kLengthMax = 40 + 20 + 40;

  std::array<std::uint8_t, kLengthMax> bytes_{};
  std::uint16_t length_ = 0;
  std::uint16_t l3_length_ = 0;
  std::uint16_t far_at_ = 0, far_port_at_ = 0;
  std::uint16_t timestamps_at_ = 0;  // 0: none
  std::uint16_t ip_sum_ = 0;         // of the IPv4 header without its far end
  std::uint64_t tcp_sum_ = 0;        // of the TCP header and the pseudo-header's own end
};

}  // namespace weir::wire
