// What other threads may see: nothing here changes state, and a reader never waits for the worker.
#include "host_impl.h"

namespace weir::stack {

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
  PoolLevels all{{{"connections", impl.connections.capacity(), impl.connections.in_use()},
                  {"cold_blocks", impl.cold.capacity(), impl.cold.in_use()},
                  {"congestion_blocks", impl.congestion.capacity(), impl.congestion.in_use()},
                  {"half_open", impl.half_open.capacity(), impl.half_open.size()},
                  {"time_wait_v4", impl.config.time_wait_v4, impl.time_wait.size_v4()},
                  {"time_wait_v6", impl.config.time_wait_v6, impl.time_wait.size_v6()}}};
  if (impl.admission)
    all.levels.push_back({"limited_sources", impl.admission->source_places(), impl.admission->sources_in_use()});
  return all;
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
           {"limits", config.limit_groups == 0 ? 0 : Admission::bytes_for(config.limited_sources, config.connections)},
           {"spent SYN cookies", SpentCookies::bytes_for(config.spent_cookies)},
           {"TIME_WAIT records", TimeWaitTable::bytes_for(config.time_wait_v4, config.time_wait_v6)}}};
}

}  // namespace weir::stack
