// Several cores: whose packet is this?
#include "host_impl.h"

namespace weir::stack {

// The device's hash knows nothing of connections: any packet may come to any core.
bool Host::Impl::hand_over_to(std::uint16_t worker, Packet& packet) {
  if (worker == hand_over.own_index()) return false;
  if (!hand_over.push(worker, packet)) drop(DropReason::kHandOverFull);
  return true;
}

// Looks into the other cores' tables.
bool Host::Impl::hand_over_to_knower(const FlowKey& key, std::uint64_t hash, Packet& packet) {
  const auto peers = hand_over.peers();
  for (std::uint16_t i = 0; i < peers.size(); ++i)
    if (i != hand_over.own_index() && peers[i]->knows(key, hash)) return hand_over_to(i, packet);
  return false;
}

// Answers to connections that a core opened name it by their port where the device's RSS could not be predicted;
// anything else is looked for in the other cores' tables. A flow nobody knows is ours.
bool Host::Impl::belongs_elsewhere(Arrival& arrival, bool has_listener) {
  const auto workers = static_cast<std::uint16_t>(hand_over.peers().size());
  if (workers < 2) return false;
  const bool by_port = !has_listener && !config.steering.rss_predicted;
  if (by_port && hand_over_to(PortAllocator::owner_of(arrival.key.local_port, workers), arrival.packet)) return true;
  return hand_over_to_knower(arrival.key, arrival.hash, arrival.packet);
}

}  // namespace weir::stack
