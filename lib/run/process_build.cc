#include <algorithm>
#include <bit>

#include <weir/base/random.h>
#include <weir/base/region.h>
#include <weir/nic/huge_pages.h>
#include <weir/run/clock.h>
#include <weir/run/forecast.h>

#include "process_impl.h"

namespace weir::run {

namespace {

constexpr std::uint32_t kDriversMemoryMb = 96;        // queues, rings, what EAL keeps for itself
constexpr std::uint32_t kWorkerMemoryMb = 16;         // fragments being joined
constexpr std::uint32_t kPacketCachePerWorker = 512;  // what a core's cache of free packets may hold back

nic::HugePageUse use_of(HugePages choice) {
  if (choice == HugePages::kNever) return nic::HugePageUse::kNever;
  return choice == HugePages::kRequire ? nic::HugePageUse::kRequire : nic::HugePageUse::kAuto;
}

std::uint32_t memory_for(const ProcessConfig& config) {
  if (config.memory_mb != 0) return config.memory_mb;
  return static_cast<std::uint32_t>(packet_bytes(config) >> 20) + 1 + kDriversMemoryMb +
         kWorkerMemoryMb * config.workers;
}

nic::EalConfig eal_config(const ProcessConfig& config, bool verbose) {
  nic::EalConfig eal;
  eal.file_prefix = config.name;
  eal.workers = config.workers;
  eal.lcores = config.lcores;
  eal.huge_pages = use_of(config.huge_pages);
  eal.memory_mb = memory_for(config);
  eal.verbose = verbose;
  for (const PortConfig& port : config.ports) eal.devices.push_back(nic::Device::parse(port.device));
  return eal;
}

void require_packets(const ProcessConfig& config) {
  const auto queues = static_cast<std::uint32_t>(config.ports.size()) * config.workers;
  const std::uint32_t least = 2 * (2 * kDescriptorsMin * queues + kPacketCachePerWorker * config.workers);
  if (config.packets < least)
    throw nic::SetupError("packets = " + std::to_string(config.packets) + " is too few for " + std::to_string(queues) +
                          " queue(s): set packets = " + std::to_string(least) + " or more");
}

// One answer for all ports, or none: a connection's packets may come by any of them.
PortSteering steering_of(const std::vector<std::unique_ptr<nic::Port>>& ports, std::uint16_t workers) {
  PortSteering steering;
  steering.workers = workers;
  const nic::RssState& first = ports.front()->rss();
  steering.rss_predicted = std::all_of(ports.begin(), ports.end(), [&](const auto& port) {
    const nic::RssState& rss = port->rss();
    return rss.predicted && rss.key == first.key && rss.reta == first.reta && rss.reta_size == first.reta_size;
  });
  steering.rss_key = first.key;
  steering.indirection = first.reta;
  steering.indirection_size = first.reta_size;
  return steering;
}

}  // namespace

Process::Impl::Impl(const ProcessConfig& config_, ProcessOptions options_)
    : config(config_), options(std::move(options_)), started(monotonic_now()) {
  require_packets(config);
  forecast_memory();
  eal = std::make_unique<nic::Eal>(eal_config(config, options.verbose));
  for (const std::string& line : eal->choices()) say(line);
  packets = std::make_unique<PacketPool>("packets", config.packets);
  open_ports();
  build_workers();
}

void Process::Impl::say(const std::string& line, LogLevel level) const {
  const bool is_wanted = level >= config.log_level || options.verbose;
  if (options.log.line != nullptr && is_wanted) options.log.line(options.log.context, level, line);
}

void Process::Impl::forecast_memory() {
  const stack::MemoryForecast needed = forecast(config, options.session_bytes);
  say(describe(needed));
  const bool may_be_huge = config.huge_pages != HugePages::kNever;
  require_memory(needed, available_memory(), may_be_huge ? nic::free_huge_page_bytes() : 0);
}

void Process::Impl::build_workers() {
  const auto count = static_cast<std::uint16_t>(config.workers);
  rings = std::make_unique<Rings>(count);
  stack::HostConfig shared = host_config(config);
  shared.steering = steering_of(ports, count);
  shared.flow_secret = secret_key();
  shared.isn_secret = secret_key();
  shared.port_secret = secret_key();
  shared.cookie_secrets = config.cookie_secrets.value_or(tcp::CookieSecrets{.making = secret_key()});
  shared.cookies_shared = config.cookie_secrets.has_value();
  shared.cookie_clock_ahead = realtime_ahead();  // the clock that nodes have in common
  std::vector<nic::Port*> views;
  for (const auto& port : ports) views.push_back(port.get());
  for (std::uint16_t i = 0; i < count; ++i)
    workers.push_back(std::make_unique<Worker>(worker_setup(i, shared), views, *rings, *packets, started));
  std::vector<stack::Host*> hosts;
  for (const auto& worker : workers) {
    add_interfaces(*worker);
    hosts.push_back(&worker->host());
  }
  for (const auto& worker : workers) worker->host().set_peers(hosts, worker->index());
  build_runs();
}

void Process::Impl::build_runs() {
  for (std::size_t i = 0; i < workers.size(); ++i) {
    runs.push_back(std::make_unique<Run>());
    runs.back()->worker = workers[i].get();
    runs.back()->lcore = eal->workers()[i];
    runs.back()->factory = &options.application;
  }
}

WorkerSetup Process::Impl::worker_setup(std::uint16_t index, const stack::HostConfig& shared) const {
  WorkerSetup setup;
  setup.index = index;
  setup.idle_sleep = std::chrono::microseconds{config.idle_sleep_us};
  setup.missteer_every = config.missteer_every;
  setup.seed = secret_seed();
  setup.host = shared;
  setup.host.steering.worker = index;
  setup.host.seed = secret_seed();
  setup.network.shares_neighbours = config.workers > 1;
  setup.network.announces = index == 0;
  setup.network.secret = secret_key();
  return setup;
}

}  // namespace weir::run
