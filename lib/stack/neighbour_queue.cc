// Packets that wait for a neighbour's answer, and the list of neighbours that may make room.
#include <weir/stack/neighbour_table.h>

namespace weir::stack {

// RFC 1122 §2.3.2.2: the latest packets are kept.
void NeighbourTable::enqueue(std::uint32_t index, Packet packet) {
  Neighbour& neighbour = entries_[index];
  const bool full = neighbour.waiting >= settings_.queued_packets_max || waiting_.available() == 0;
  if (full) {
    drops_.add(DropReason::kNeighbourQueueFull);
    if (!dequeue(neighbour)) return;
  }
  const std::uint32_t slot = waiting_.allocate();
  waiting_[slot].packet = packet.release();
  if (neighbour.waiting == 0) {
    neighbour.waiting_first = slot;
  } else {
    waiting_[neighbour.waiting_last].next = slot;
  }
  neighbour.waiting_last = slot;
  ++neighbour.waiting;
}

Packet NeighbourTable::dequeue(Neighbour& neighbour) {
  if (neighbour.waiting == 0) return {};
  const std::uint32_t slot = neighbour.waiting_first;
  Packet packet{waiting_[slot].packet};
  neighbour.waiting_first = waiting_[slot].next;
  --neighbour.waiting;
  waiting_.free(slot);
  return packet;
}

void NeighbourTable::deliver_waiting(std::uint32_t index) {
  while (Packet packet = dequeue(entries_[index])) sink_.deliver(sink_.context, entries_[index], packet.release());
}

void NeighbourTable::drop_waiting(std::uint32_t index, DropReason reason) {
  while (dequeue(entries_[index])) drops_.add(reason);
}

void NeighbourTable::idle_append(std::uint32_t index) {
  Neighbour& neighbour = entries_[index];
  neighbour.is_idle = true;
  neighbour.idle_older = idle_newest_;
  neighbour.idle_newer = kNoIndex;
  (idle_newest_ == kNoIndex ? idle_oldest_ : entries_[idle_newest_].idle_newer) = index;
  idle_newest_ = index;
}

void NeighbourTable::idle_remove(std::uint32_t index) {
  Neighbour& neighbour = entries_[index];
  (neighbour.idle_older == kNoIndex ? idle_oldest_ : entries_[neighbour.idle_older].idle_newer) = neighbour.idle_newer;
  (neighbour.idle_newer == kNoIndex ? idle_newest_ : entries_[neighbour.idle_newer].idle_older) = neighbour.idle_older;
  neighbour.is_idle = false;
}

}  // namespace weir::stack
