// SEND: what the application hands over.
#include <cstring>

#include "packets_low.h"
#include "retransmission.h"
#include "sender.h"

namespace weir::tcp {

namespace {

constexpr std::uint32_t kGrownSegmentsMax = 4096;
// Any single packet fits, in whole segments.
constexpr std::uint32_t kNotSentMin = 2 * PacketPool::kDataRoom;

// A copied packet holds whole segments, so that none need be cut in two.
std::uint32_t fill_of(const Tcb& tcb) {
  const std::uint32_t mss = std::max<std::uint32_t>(tcb.mss, 1);
  return mss >= PacketPool::kDataRoom ? PacketPool::kDataRoom : PacketPool::kDataRoom / mss * mss;
}

std::size_t part_of(const Tcb& tcb, std::size_t bytes) {
  if (bytes <= std::min(tcb.mss, PacketPool::kDataRoom)) return bytes;
  return std::min<std::size_t>(bytes, fill_of(tcb));
}

bool may_send(const Tcb& tcb) {
  if (tcb.has(kFinQueued)) return false;
  return is_handshake(tcb.state) || tcb.state == State::kEstablished || tcb.state == State::kCloseWait;
}

}  // namespace

// Twice the congestion window: one of it in flight, and one to go as that is acknowledged. Not more than some thousand
// segments: a peer with a tiny MSS must not make us hold packets by the ten thousand.
std::uint32_t Sender::buffer() const {
  const std::uint64_t grown =
      std::min<std::uint64_t>(2ULL * step_.tcb.cwnd, std::uint64_t{kGrownSegmentsMax} * step_.tcb.mss);
  const std::uint64_t wanted = std::max<std::uint64_t>(step_.settings.send_buffer_initial, grown);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, step_.settings.send_buffer));
}

// Whole segments, lest what is left of one leave alone.
std::uint32_t Sender::unsent_max() const {
  if (step_.settings.notsent_lowat == 0) return UINT32_MAX;
  const std::uint32_t mss = std::max<std::uint32_t>(step_.tcb.mss, 1);
  return std::max(step_.settings.notsent_lowat, kNotSentMin) / mss * mss;
}

std::uint32_t Sender::room() const {
  const std::uint32_t unsent = unsent_bytes(step_);
  const std::uint32_t most = unsent_max();
  return unsent >= most ? 0 : std::min(buffer_room(), most - unsent);
}

std::uint32_t Sender::buffer_room() const {
  if (!may_send(step_.tcb)) return 0;
  const Cold* cold = step_.cold();
  const std::uint32_t most = buffer();
  if (cold == nullptr) return most;
  if (cold->send.bytes() >= most || cold->send.count() >= packets_max(most)) return 0;
  return most - cold->send.bytes();
}

// The timer sees to it that kWritable comes even when nothing is in flight whose ACK could bring it.
void Sender::refuse() {
  if (!may_send(step_.tcb)) return;
  step_.tcb.set(kWantWritable);
  step_.refused_unsent = unsent_bytes(step_);
}

// Not who has just been refused, for whatever it was: only when something has left since.
void Sender::tell_writable() {
  if (!step_.tcb.has(kWantWritable) || step_.refused_unsent == unsent_bytes(step_)) return;
  if (room() < std::min(buffer(), unsent_max()) / 3) return;
  step_.tcb.clear(kWantWritable);
  step_.raise(kWritable);
}

bool Sender::lacks_packets() const {
  if (!step_.context.packets->is_low(kSendReserveShare)) return false;
  step_.count(Counter::kNoPackets);
  return true;
}

// A packet that is handed over is taken even when few are left: it comes back the sooner.
Packet Sender::take(Packet payload) {
  if (payload.length() == 0) return {};
  const std::uint32_t most = unsent_bytes(step_) == 0 ? buffer_room() : room();
  if (payload.length() > most) return refuse(), std::move(payload);
  Cold* cold = step_.need_cold();
  if (cold == nullptr) return refuse(), std::move(payload);
  enqueue(step_, *cold, std::move(payload));
  return {};
}

std::uint32_t Sender::fill_tail(Cold& cold, std::span<const std::uint8_t> bytes) {
  rte_mbuf* tail = cold.send.tail();
  if (cold.unsent == nullptr || !RTE_MBUF_DIRECT(tail) || rte_mbuf_refcnt_read(tail) != 1) return 0;
  const std::uint32_t fill = fill_of(step_.tcb);
  if (tail->data_len >= fill) return 0;
  const std::size_t n = std::min<std::size_t>({bytes.size(), fill - tail->data_len, rte_pktmbuf_tailroom(tail)});
  if (n == 0) return 0;
  std::memcpy(rte_pktmbuf_append(tail, static_cast<std::uint16_t>(n)), bytes.data(), n);
  cold.send.grew(static_cast<std::uint32_t>(n));
  return static_cast<std::uint32_t>(n);
}

std::uint32_t Sender::copy(std::span<const std::uint8_t> bytes) {
  const std::size_t wanted = std::min<std::size_t>(bytes.size(), room());
  std::size_t taken = 0;
  Cold* cold = wanted == 0 || lacks_packets() ? nullptr : step_.need_cold();
  if (cold != nullptr) {
    taken = fill_tail(*cold, bytes.first(wanted));
    while (taken < wanted && cold->send.count() < packets_max(buffer())) {
      const std::size_t part = part_of(step_.tcb, wanted - taken);
      Packet packet = step_.context.packets->copy(bytes.subspan(taken, part));
      if (!packet) {
        step_.count(Counter::kNoPackets);
        break;
      }
      enqueue(step_, *cold, std::move(packet));
      taken += part;
    }
  }
  if (taken < bytes.size()) refuse();
  return static_cast<std::uint32_t>(taken);
}

}  // namespace weir::tcp
