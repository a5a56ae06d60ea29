#include <weir/stack/neighbour_table.h>

namespace weir::stack {

const char* to_string(NeighbourState state) {
  switch (state) {
    case NeighbourState::kIncomplete:
      return "incomplete";
    case NeighbourState::kReachable:
      return "reachable";
    case NeighbourState::kStale:
      return "stale";
    case NeighbourState::kDelay:
      return "delay";
    case NeighbourState::kProbe:
      return "probe";
    case NeighbourState::kFailed:
      return "failed";
    case NeighbourState::kPermanent:
      return "permanent";
  }
  return "unknown";
}

NeighbourTable::NeighbourTable(const NeighbourSettings& settings, const NeighbourSink& sink, DropCounters& drops,
                               const SipKey& secret, Random random, Instant now)
    : settings_(settings),
      sink_(sink),
      drops_(drops),
      secret_(secret),
      random_(random),
      now_(now),
      entries_(settings.entries, "neighbours"),
      waiting_(settings.queued_total_max, "packets waiting for neighbours"),
      table_(settings.entries),
      wheel_(Links{&entries_}, Tick::at(now)) {}

// Only neighbours that may be evicted have packets waiting.
NeighbourTable::~NeighbourTable() {
  for (std::uint32_t index = idle_oldest_; index != kNoIndex; index = entries_[index].idle_newer) {
    while (dequeue(entries_[index])) {
    }
  }
}

std::uint64_t NeighbourTable::hash_of(std::uint16_t interface, const IpAddress& address) const {
  return siphash13(secret_, address.high(), address.low(), std::uint64_t{interface});
}

std::uint32_t NeighbourTable::find_index(std::uint16_t interface, const IpAddress& address) const {
  return table_.find(hash_of(interface, address), [&](std::uint32_t index) {
    return entries_[index].address == address && entries_[index].interface == interface;
  });
}

const Neighbour* NeighbourTable::find(std::uint16_t interface, const IpAddress& address) const {
  const std::uint32_t index = find_index(interface, address);
  return index == kNoIndex ? nullptr : &entries_[index];
}

// Room is made by the entry that has been idle for longest; those in use stay.
std::uint32_t NeighbourTable::create(std::uint16_t interface, const IpAddress& address) {
  if (entries_.available() == 0 && idle_oldest_ != kNoIndex) {
    drops_.add(DropReason::kNeighbourTableFull);
    remove(idle_oldest_);
  }
  const std::uint32_t index = entries_.allocate();
  if (index == kNoIndex) return kNoIndex;
  if (!table_.insert(hash_of(interface, address), index)) return entries_.free(index), kNoIndex;
  entries_[index].address = address;
  entries_[index].interface = interface;
  return index;
}

void NeighbourTable::remove(std::uint32_t index) {
  drop_waiting(index, DropReason::kNeighbourTableFull);
  if (entries_[index].is_idle) idle_remove(index);
  if (entries_[index].timer.is_armed()) wheel_.cancel(index);
  table_.erase(hash_of(entries_[index].interface, entries_[index].address), index);
  entries_.free(index);
  ++generation_;
}

bool NeighbourTable::add_permanent(std::uint16_t interface, const IpAddress& address, const MacAddress& mac) {
  std::uint32_t index = find_index(interface, address);
  if (index == kNoIndex) index = create(interface, address);
  if (index == kNoIndex) return false;
  entries_[index].mac = mac;
  if (entries_[index].is_idle) idle_remove(index);
  if (entries_[index].timer.is_armed()) wheel_.cancel(index);
  entries_[index].state = NeighbourState::kPermanent;
  ++generation_;
  deliver_waiting(index);
  return true;
}

const MacAddress* NeighbourTable::resolve(std::uint16_t interface, const IpAddress& next_hop, Packet& packet,
                                          Instant now) {
  now_ = now;
  std::uint32_t index = find_index(interface, next_hop);
  if (index == kNoIndex) {
    index = create(interface, next_hop);
    if (index == kNoIndex) return drops_.add(DropReason::kNeighbourTableFull), packet.reset(), nullptr;
    start_resolution(index);
  }
  Neighbour& neighbour = entries_[index];
  if (neighbour.state == NeighbourState::kIncomplete) return enqueue(index, std::move(packet)), nullptr;
  if (neighbour.state == NeighbourState::kFailed) {
    return drops_.add(DropReason::kNeighbourFailed), packet.reset(), nullptr;
  }
  if (neighbour.state == NeighbourState::kStale) {
    enter(index, NeighbourState::kDelay, settings_.delay_first_probe_time);
  }
  return &neighbour.mac;
}

bool NeighbourTable::advance(Instant now) {
  now_ = now;
  const auto expired = wheel_.advance(Tick::at(now), kTimersPerAdvance, [this](std::uint32_t index) { expire(index); });
  return expired == kTimersPerAdvance;
}

std::optional<Instant> NeighbourTable::next_deadline() const {
  if (wheel_.armed() == 0) return std::nullopt;
  return instant_of(wheel_.next_expiry(Tick::at(now_)), now_);
}

}  // namespace weir::stack
