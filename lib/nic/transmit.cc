#include <algorithm>
#include <array>

#include <rte_ethdev.h>

#include <weir/nic/port.h>
#include <weir/wire/build.h>
#include <weir/wire/precedence.h>

namespace weir::nic {

namespace {

constexpr std::uint64_t kRequests = RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK;

// Completes what `software` names and leaves the device its part.
rte_mbuf* complete_checksums(rte_mbuf* frame, std::uint64_t software) {
  const std::uint64_t device_part = frame->ol_flags & kRequests & ~software;
  frame->ol_flags &= ~device_part;
  Packet packet{frame};
  wire::finish_checksums(packet, RTE_ETHER_HDR_LEN);
  frame = packet.release();
  frame->ol_flags |= device_part;
  return frame;
}

wire::OnWire on_wire(std::span<rte_mbuf*> frames) {
  wire::OnWire sum;
  for (const rte_mbuf* frame : frames) {
    const wire::OnWire each = wire::on_wire(frame);
    sum.packets += each.packets;
    sum.bytes += each.bytes;
  }
  return sum;
}

// In their order otherwise; no more than a batch at a time.
void put_expendable_last(std::span<rte_mbuf*> frames) {
  std::array<rte_mbuf*, 64> last;
  for (auto batch = frames; !batch.empty(); batch = batch.subspan(std::min(batch.size(), last.size()))) {
    const auto some = batch.first(std::min(batch.size(), last.size()));
    std::size_t kept = 0, moved = 0;
    for (rte_mbuf* frame : some) (wire::is_expendable(frame) ? last[moved++] : some[kept++]) = frame;
    std::copy_n(last.begin(), moved, some.begin() + static_cast<std::ptrdiff_t>(kept));
  }
}

}  // namespace

// A fresh buffer rather than rte_pktmbuf_linearize: segments may be references to bytes that others still hold.
rte_mbuf* Port::in_one_buffer(Queue& queue, rte_mbuf* frame) {
  rte_mbuf* copy = rte_pktmbuf_copy(frame, pool_, 0, UINT32_MAX);
  rte_pktmbuf_free(frame);
  if (copy != nullptr && copy->nb_segs == 1) {
    queue.counters.tx_copied.add(1);
    return copy;
  }
  rte_pktmbuf_free(copy);
  queue.counters.tx_unsendable.add(1);
  return nullptr;
}

std::uint32_t Port::prepare(Queue& queue, std::span<rte_mbuf*> frames) {
  std::uint32_t kept = 0;
  std::uint32_t checksummed = 0;
  for (rte_mbuf* frame : frames) {
    frame->l2_len = RTE_ETHER_HDR_LEN;
    if ((frame->ol_flags & software_requests_) != 0) {
      frame = complete_checksums(frame, software_requests_);
      ++checksummed;
    }
    if (!offloads_.tx_chains && (frame->nb_segs > 1 || !RTE_MBUF_DIRECT(frame))) frame = in_one_buffer(queue, frame);
    if (frame != nullptr) frames[kept++] = frame;
  }
  if (checksummed != 0) queue.counters.tx_checksummed.add(checksummed);
  return kept;
}

// Drivers fix up headers for their offloads there. What one refuses it would stop at again and again.
std::uint32_t Port::let_driver_prepare(std::uint16_t queue_index, std::span<rte_mbuf*> frames) {
  std::size_t ready = 0;
  for (;;) {
    const auto rest = frames.subspan(ready);
    ready += rte_eth_tx_prepare(id_, queue_index, rest.data(), static_cast<std::uint16_t>(rest.size()));
    if (ready == frames.size()) return static_cast<std::uint32_t>(ready);
    queues_[queue_index].counters.tx_unsendable.add(wire::on_wire(frames[ready]).packets);
    rte_pktmbuf_free(frames[ready]);
    std::copy(frames.begin() + static_cast<std::ptrdiff_t>(ready) + 1, frames.end(),
              frames.begin() + static_cast<std::ptrdiff_t>(ready));
    frames = frames.first(frames.size() - 1);
  }
}

wire::OnWire Port::drop_unsent(Queue& queue, std::span<rte_mbuf*> unsent) {
  queue.is_pressed = !unsent.empty();
  if (unsent.empty()) return {};
  const wire::OnWire lost = on_wire(unsent);
  rte_pktmbuf_free_bulk(unsent.data(), static_cast<unsigned>(unsent.size()));
  queue.counters.tx_full.add(lost.packets);
  return lost;
}

std::uint32_t Port::tx_burst(std::uint16_t queue_index, std::span<rte_mbuf*> frames) {
  Queue& queue = queues_[queue_index];
  frames = frames.first(prepare(queue, frames));
  if (offloads_.tso) frames = frames.first(wire::merge_segments(frames, RTE_ETHER_HDR_LEN, merge_limits_));
  if (offloads_.tx_bits() != 0) frames = frames.first(let_driver_prepare(queue_index, frames));
  if (queue.is_pressed) put_expendable_last(frames);
  const wire::OnWire offered = on_wire(frames);
  std::size_t sent = 0;
  for (unsigned tries = 0; sent < frames.size() && tries < kTransmitTriesMax; ++tries)
    sent += rte_eth_tx_burst(id_, queue_index, frames.data() + sent, static_cast<std::uint16_t>(frames.size() - sent));
  const wire::OnWire lost = drop_unsent(queue, frames.subspan(sent));
  const std::uint64_t packets = offered.packets - lost.packets;
  queue.counters.tx_packets.add(packets);
  queue.counters.tx_bytes.add(offered.bytes - lost.bytes);
  if (packets > sent) queue.counters.tx_merged.add(packets - sent);
  return static_cast<std::uint32_t>(packets);
}

std::uint32_t Port::rx_burst(std::uint16_t queue_index, std::span<rte_mbuf*> frames) {
  const std::uint16_t count =
      rte_eth_rx_burst(id_, queue_index, frames.data(), static_cast<std::uint16_t>(frames.size()));
  if (count == 0) return 0;
  QueueCounters& counters = queues_[queue_index].counters;
  std::uint64_t bytes = 0;
  for (rte_mbuf* frame : frames.first(count)) {
    bytes += frame->pkt_len;
    // "None" means: not in the packet, but its bytes are good (they never left this machine).
    if ((frame->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_NONE)
      frame->ol_flags = (frame->ol_flags & ~RTE_MBUF_F_RX_L4_CKSUM_MASK) | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
  }
  counters.rx_packets.add(count);
  counters.rx_bytes.add(bytes);
  return count;
}

}  // namespace weir::nic
