// RECEIVE: what the application takes.
#include <cstring>

#include "receive_buffer.h"
#include "receive_window.h"
#include "receiver.h"

namespace weir::tcp {

Packet Receiver::read() {
  Cold* cold = step_.cold();
  if (cold == nullptr || cold->receive.is_empty()) return {};
  Packet packet = cold->receive.pop_front();
  grow_receive_buffer(step_, *cold);
  if (is_update_due(step_)) step_.tcb.set(kAckNow);
  return packet;
}

std::uint32_t Receiver::read(std::span<std::uint8_t> into) {
  Cold* cold = step_.cold();
  if (cold == nullptr) return 0;
  std::size_t taken = 0;
  while (taken < into.size() && !cold->receive.is_empty()) {
    rte_mbuf* head = cold->receive.head();
    const std::size_t part = std::min<std::size_t>(head->data_len, into.size() - taken);
    std::memcpy(into.data() + taken, rte_pktmbuf_mtod(head, const std::uint8_t*), part);
    cold->receive.consume(static_cast<std::uint32_t>(part));
    taken += part;
  }
  if (taken > 0) grow_receive_buffer(step_, *cold);
  if (taken > 0 && is_update_due(step_)) step_.tcb.set(kAckNow);
  return static_cast<std::uint32_t>(taken);
}

}  // namespace weir::tcp
