// Segments of one connection that leave side by side become one packet that the device cuts again (TCP segmentation
// offload): it then reads one set of headers for many segments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <rte_mbuf.h>

namespace weir::wire {

// What comes into one packet at most.
struct MergeLimits {
  // mbufs of a chain, that of the headers among them. A full ring loses a packet as a whole, and with it as many
  // segments of one connection in a row: longer ones gained less than that cost.
  std::uint16_t buffers = 17;
  // Bytes of payload each: drivers refuse to cut in smaller pieces (i40e: 256).
  std::uint16_t least = 256;
};

// Joins frames that follow each other in `frames` and in their connection's sequence space: all but the last of a run
// carry equally many bytes and no flag but ACK, the last may be shorter and carry PSH and FIN; everything else in their
// headers is the same, options too. Cut again by RTE_MBUF_F_TX_TCP_SEG they are the frames that they were, apart from
// IPv4's identification. Frames begin with `l2_length` bytes of link header, l3_len and l4_len are set, and TCP's
// checksum is not yet computed: as write_tcp() leaves them. Others stay as they are, and so does a frame whose first
// mbuf is not its own alone; further ones must be. At most 65,535 bytes of IP come together.
// The frames that are left come first and in order; returns their number.
std::size_t merge_segments(std::span<rte_mbuf*> frames, std::uint16_t l2_length, const MergeLimits& limits = {});

// What goes over the wire for a frame, merged or not.
struct OnWire {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  // with link headers
};
inline OnWire on_wire(const rte_mbuf* frame) {
  if ((frame->ol_flags & RTE_MBUF_F_TX_TCP_SEG) == 0) return {1, frame->pkt_len};
  const auto headers = static_cast<std::uint32_t>(frame->l2_len + frame->l3_len + frame->l4_len);
  const std::uint32_t pieces = (frame->pkt_len - headers + frame->tso_segsz - 1) / frame->tso_segsz;
  return {pieces, frame->pkt_len + std::uint64_t{pieces - 1} * headers};
}

}  // namespace weir::wire
