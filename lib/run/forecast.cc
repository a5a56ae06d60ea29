#include <weir/run/forecast.h>

#include <algorithm>

#include <fmt/format.h>
#include <rte_mempool.h>

#include <weir/balance/proxy.h>
#include <weir/base/region.h>
#include <weir/load/generator.h>
#include <weir/load/server.h>

namespace weir::run {
namespace {

constexpr const char* kPackets = "packets";
constexpr std::uint64_t kMiB = 1 << 20, kHugePage = 2 * kMiB;

std::uint64_t rounded_up(std::uint64_t bytes, std::uint64_t unit) {
  return (bytes + unit - 1) / unit;
}

}  // namespace

stack::HostConfig host_config(const ProcessConfig& config) {
  stack::HostConfig host;
  host.connections = config.per_worker(config.connections);
  host.cold_blocks = config.per_worker(config.cold_blocks);
  host.half_open = config.per_worker(config.half_open);
  host.time_wait_v4 = config.per_worker(config.time_wait_v4);
  host.time_wait_v6 = config.per_worker(config.time_wait_v6);
  host.connection_timers = config.connection_timers;
  host.limit_groups = static_cast<std::uint16_t>(config.limits.size());
  host.limited_sources = config.per_worker(config.limited_sources);
  for (const LimitsConfig& one : config.limits) host.limits.push_back(one.limits);
  host.defaults = config.tcp;
  return host;
}

std::uint64_t packet_bytes(const ProcessConfig& config) {
  constexpr std::uint32_t kElement =
      sizeof(rte_mbuf) + sizeof(PacketMeta) + PacketPool::kDataRoom + RTE_PKTMBUF_HEADROOM;
  return std::uint64_t{config.packets} * rte_mempool_calc_obj_size(kElement, 0, nullptr);
}

std::uint64_t session_bytes(const LbConfig& config) {
  return config.process.workers * balance::Proxy::memory(config.balancer.sessions);
}

std::uint64_t session_bytes(const CpsConfig& config) {
  const std::uint32_t workers = config.process.workers;
  return workers * load::Generator::memory(load::Generator::share_of(config.generator.open_max, workers));
}

std::uint64_t session_bytes(const ServeConfig& config) {
  return config.process.workers * load::Server::memory(config.serve);
}

stack::MemoryForecast forecast(const ProcessConfig& config, std::uint64_t sessions_bytes) {
  stack::MemoryForecast all = stack::forecast(host_config(config));
  for (auto& part : all.parts) part.bytes *= config.workers;
  all.parts.push_back({kPackets, packet_bytes(config)});
  if (sessions_bytes != 0) all.parts.push_back({"sessions", sessions_bytes});
  return all;
}

std::uint64_t huge_pages(const stack::MemoryForecast& forecast) {
  std::uint64_t pages = 0;
  for (const auto& part : forecast.parts) pages += rounded_up(part.bytes, kHugePage);
  return pages;
}

std::string describe(const stack::MemoryForecast& forecast) {
  std::string parts;
  for (const auto& part : forecast.parts) {
    parts += fmt::format("{}{} {} MiB", parts.empty() ? "" : ", ", part.name, rounded_up(part.bytes, kMiB));
  }
  return fmt::format("memory: {} MiB, or {} huge pages of 2 MiB ({})", rounded_up(forecast.total(), kMiB),
                     huge_pages(forecast), parts);
}

void require_memory(const stack::MemoryForecast& forecast, std::uint64_t ordinary, std::uint64_t huge) {
  constexpr std::uint64_t kForEverythingElse = 128 * kMiB;
  const auto packets = std::ranges::find(forecast.parts, kPackets, &stack::MemoryForecast::Part::name);
  const std::uint64_t in_huge = packets != forecast.parts.end() && packets->bytes <= huge ? packets->bytes : 0;
  const std::uint64_t rest = forecast.total() - in_huge;
  if (rest + kForEverythingElse <= ordinary + (huge - in_huge)) return;
  throw OutOfMemory(fmt::format(
      "too little memory: {} MiB are needed, {} MiB and {} MiB in huge pages are free; set packets, connections, "
      "cold_blocks, time_wait_v4 and time_wait_v6 lower under [process], or give the machine (or the container) more",
      (forecast.total() + kForEverythingElse) / kMiB, ordinary / kMiB, huge / kMiB));
}

}  // namespace weir::run
