// The life of a hot state: from the pool into the table, out of it again at TIME_WAIT or CLOSED, and back to the pool
// when the application has let go as well.
#include "host_impl.h"

namespace weir::stack {

std::uint32_t Host::Impl::allocate(const FlowKey& key, std::uint64_t hash, std::uint16_t owner) {
  const std::uint32_t next = connections.next_index();
  if (next == kNoIndex) return drop(DropReason::kNoConnections), kNoIndex;
  // The generation outlives the occupant: that is how a stale id is told.
  const std::uint16_t generation = connections[next].generation;
  if (!table.insert(hash, next)) return drop(DropReason::kTableFull), kNoIndex;
  const std::uint32_t index = connections.allocate();
  tcp::Tcb& tcb = connections[index];
  tcb.generation = generation;
  tcb.remote = key.remote;
  tcb.remote_port = key.remote_port;
  tcb.local_port = key.local_port;
  tcb.local_address = key.local_address;
  tcb.owner = owner;
  ++listeners[owner].references;
  return index;
}

void Host::Impl::settle(std::uint32_t index, tcp::State before, std::optional<std::uint64_t> known_hash) {
  tcp::Tcb& tcb = connections[index];
  if (!tcb.has(tcp::kDetached)) {
    count_state(before, tcb.state);
    const bool has_ended = tcb.state == tcp::State::kTimeWait || tcb.state == tcp::State::kClosed;
    if (has_ended) {
      const std::uint64_t hash = known_hash ? *known_hash : flow_hash(tcb.key(), config.flow_secret);
      if (tcb.state == tcp::State::kTimeWait) enter_time_wait(index, hash);
      leave_table(index, hash);  // not earlier: see Host::knows()
    } else {
      arm_timer(index);
    }
  }
  if (tcb.has(tcp::kOrphan)) {
    if (tcb.has(tcp::kDetached)) free(index);
    return;
  }
  if (tcb.events != 0 && !tcb.has(tcp::kAwaitingAccept)) ready.push(index);
}

void Host::Impl::leave_table(std::uint32_t index, std::uint64_t hash) {
  tcp::Tcb& tcb = connections[index];
  table.erase(hash, index);
  count_closed(index);
  if (tcb.timer.is_armed()) timers.cancel(index);
  tcb.set(tcp::kDetached);
}

// TIME_WAIT needs nothing of the hot state but four numbers; the hot state stays only for the application to drain.
void Host::Impl::enter_time_wait(std::uint32_t index, std::uint64_t hash) {
  const tcp::Tcb& tcb = connections[index];
  const TimeWait record{.key = tcb.key(),
                        .snd_nxt = tcb.snd_nxt,
                        .rcv_nxt = tcb.rcv_nxt,
                        .ts_recent = tcb.ts_recent,
                        .has_timestamps = tcb.has(tcp::kTimestampsOk)};
  counters.add(tcp::Counter::kTimeWaits);
  const std::uint64_t forgotten = time_wait.evicted();
  time_wait.insert(record, hash, context.tick());
  counters.add(tcp::Counter::kTimeWaitsForgotten, time_wait.evicted() - forgotten);
}

// Lazily: an entry that is due earlier stays where it is and looks again when it fires.
void Host::Impl::arm_timer(std::uint32_t index) {
  tcp::Tcb& tcb = connections[index];
  const std::optional<Tick> deadline = view(index).next_deadline();
  if (!deadline) return;
  if (tcb.timer.is_armed() && !tcb.timer.expires.after(*deadline)) return;
  timers.arm(index, *deadline);
}

void Host::Impl::free(std::uint32_t index) {
  tcp::Tcb& tcb = connections[index];
  view(index).release();
  --listeners[tcb.owner].references;
  const auto next_generation = static_cast<std::uint16_t>(tcb.generation + 1);
  tcb = tcp::Tcb{};
  tcb.generation = next_generation;
  connections.free(index);
}

void Host::Impl::release_all() {
  for (std::uint32_t index = 0; index < connections.capacity(); ++index) {
    const tcp::Tcb& tcb = connections[index];
    if (tcb.state != tcp::State::kClosed || tcb.has(tcp::kDetached)) view(index).release();
  }
}

// CLOSED and TIME_WAIT are not counted here: neither is a hot state in the table.
void Host::Impl::count_state(tcp::State before, tcp::State after) {
  if (before == after) return;
  auto adjust = [this](tcp::State state, std::uint64_t by) {
    if (state == tcp::State::kClosed || state == tcp::State::kTimeWait) return;
    auto& counter = states[static_cast<unsigned>(state)];
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  };
  adjust(before, ~std::uint64_t{0});
  adjust(after, 1);
}

}  // namespace weir::stack
