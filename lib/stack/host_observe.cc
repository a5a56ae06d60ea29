// What other threads may see: nothing here changes state, and a reader never waits for the worker.
#include <algorithm>
#include <cstring>

#include "host_impl.h"

namespace weir::stack {

namespace {

// A copy word by word, each read at once; whether the words belong together is told by the generation.
tcp::Tcb snapshot(const tcp::Tcb& tcb) {
  std::array<std::uint64_t, sizeof(tcp::Tcb) / 8> words;
  const auto* from = reinterpret_cast<const std::uint64_t*>(&tcb);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = __atomic_load_n(from + i, __ATOMIC_RELAXED);
  tcp::Tcb copy;
  std::memcpy(static_cast<void*>(&copy), words.data(), sizeof(copy));
  return copy;
}

ConnectionInfo describe(const tcp::Tcb& tcb, const std::vector<tcp::LocalAddress>& local) {
  ConnectionInfo info;
  if (tcb.local_address < local.size()) info.local = {local[tcb.local_address].address, tcb.local_port};
  info.remote = {tcb.remote, tcb.remote_port};
  info.state = tcb.state;
  info.reason = tcb.reason;
  info.passive = tcb.has(tcp::kPassive);
  info.user = tcb.user;
  info.cwnd = tcb.cwnd;
  info.ssthresh = tcb.ssthresh;
  info.srtt_us = tcb.srtt_us;
  info.rttvar_us = tcb.rttvar_us;
  info.snd_wnd = tcb.snd_wnd;
  info.rcv_wnd = tcb.rcv_adv.since(tcb.rcv_nxt);
  info.mss = tcb.mss;
  info.retries = tcb.retries;
  info.ecn = (tcb.ecn & tcp::kEcnOk) != 0;
  info.unacknowledged = tcb.snd_nxt.since(tcb.snd_una);
  info.sack = tcb.has(tcp::kSackOk);
  info.timestamps = tcb.has(tcp::kTimestampsOk);
  info.window_scale = tcb.has(tcp::kWindowScaleOk);
  info.snd_scale = tcb.snd_scale;
  info.rcv_scale = tcb.rcv_scale;
  info.no_delay = tcb.has(tcp::kNoDelay);
  info.keep_alive = tcb.has(tcp::kKeepAliveOn);
  info.keep_alive_probes = tcb.probes;
  info.backoff = tcb.backoff;
  return info;
}

// With what the cold block tells besides. Other threads look through a copy of the Tcb, and the block may have
// changed since, or serve another connection: its memory stays, so that figures may be off, no worse. Below nothing
// is nothing.
ConnectionInfo describe(tcp::Context& context, const tcp::Tcb& tcb) {
  ConnectionInfo info = describe(tcb, *context.local);
  tcp::Tcb copy = tcb;
  const tcp::Connection connection{context, copy};
  info.unsent = static_cast<std::uint32_t>(std::max(0, static_cast<std::int32_t>(connection.unsent_bytes())));
  info.unread = connection.readable();
  info.congestion_control = context.profiles[tcb.owner].congestion_control;
  info.urgent = connection.urgent_bytes();
  info.rto_ms = static_cast<std::uint32_t>(connection.retransmit_timeout().count());
  info.since_received_ms = context.tick().since(tcb.last_received);
  if (tcb.cold == kNoIndex) return info;
  const tcp::Cold& cold = (*context.cold)[tcb.cold];
  info.out_of_order = cold.out_of_order.bytes();
  info.sacked = cold.sacked_bytes;
  info.lost = cold.lost_bytes;
  info.in_recovery = cold.in_recovery;
  return info;
}

}  // namespace

std::optional<ConnectionInfo> Host::info(ConnectionId id) const {
  const std::uint32_t index = impl_->live(id);
  if (index == kNoIndex) return {};
  return describe(impl_->context, impl_->connections[index]);
}

std::vector<ConnectionInfo> Host::list(std::uint32_t& cursor, std::uint32_t count) const {
  std::vector<ConnectionInfo> found;
  for (; cursor < impl_->table.buckets() && found.size() < count; ++cursor) {
    impl_->table.visit_bucket(cursor, [&](std::uint32_t index) {
      const tcp::Tcb& tcb = impl_->connections[index];
      const tcp::Tcb copy = snapshot(tcb);
      const ConnectionInfo info = describe(impl_->context, copy);
      const bool whole = __atomic_load_n(&tcb.generation, __ATOMIC_ACQUIRE) == copy.generation;
      if (whole && copy.state != tcp::State::kClosed) found.push_back(info);
    });
  }
  return found;
}

const tcp::Counters& Host::counters() const {
  return impl_->counters;
}
const DropCounters& Host::drops() const {
  return impl_->drops;
}

std::uint64_t Host::connections_in(tcp::State state) const {
  if (state == tcp::State::kTimeWait) return impl_->time_wait.size();
  std::uint64_t count = impl_->states[static_cast<unsigned>(state)].load(std::memory_order_relaxed);
  if (state == tcp::State::kSynReceived) count += impl_->half_open.size();
  return count;
}

std::vector<DefenceStatus> Host::defences() const {
  std::vector<DefenceStatus> all;
  for (std::size_t id = 0; id < impl_->listeners.slots(); ++id)
    if (impl_->defences[id].is_active()) all.push_back(impl_->defences[id].status());
  return all;
}

PoolLevels Host::pools() const {
  const auto& impl = *impl_;
  return {{{"connections", impl.connections.capacity(), impl.connections.in_use()},
           {"cold_blocks", impl.cold.capacity(), impl.cold.in_use()},
           {"congestion_blocks", impl.congestion.capacity(), impl.congestion.in_use()},
           {"half_open", impl.half_open.capacity(), impl.half_open.size()},
           {"time_wait_v4", impl.config.time_wait_v4, impl.time_wait.size_v4()},
           {"time_wait_v6", impl.config.time_wait_v6, impl.time_wait.size_v6()}}};
}

std::uint64_t MemoryForecast::total() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts) sum += part.bytes;
  return sum;
}

MemoryForecast forecast(const HostConfig& config) {
  const std::uint64_t cold = cold_blocks_of(config);
  const std::uint64_t congestion = congestion_blocks_of(config);
  return {{{"connections", std::uint64_t{config.connections} * IndexPool<tcp::Tcb>::bytes_each()},
           {"connection timers", config.connection_timers ? std::uint64_t{config.connections} * sizeof(TimerLinks) : 0},
           {"connection table", ConnectionTable::bytes_for(config.connections)},
           {"cold blocks", cold * IndexPool<tcp::Cold>::bytes_each()},
           {"congestion blocks", congestion * IndexPool<tcp::CongestionBlock>::bytes_each()},
           {"half-open records", HalfOpenTable::bytes_for(config.half_open)},
           {"spent SYN cookies", SpentCookies::bytes_for(config.spent_cookies)},
           {"TIME_WAIT records", TimeWaitTable::bytes_for(config.time_wait_v4, config.time_wait_v6)}}};
}

}  // namespace weir::stack
