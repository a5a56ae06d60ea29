#include <weir/balance/board.h>

#include <algorithm>
#include <utility>

namespace weir::balance {

void SharedBackend::connect_failed(std::uint8_t fall, Instant now) {
  const std::uint32_t failures = failures_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (fall != 0 && failures >= fall) set_healthy(false, now);
}

void SharedBackend::connect_succeeded() {
  if (failures_.load(std::memory_order_relaxed) != 0) failures_.store(0, std::memory_order_relaxed);
}

void SharedBackend::set_healthy(bool healthy, Instant now) {
  if (healthy_.exchange(healthy, std::memory_order_relaxed) == healthy) return;
  since_ns_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

Board::Board(BalancerConfig config, unsigned workers, Instant now)
    : config_(std::move(config)), workers_(workers), first_{0} {
  for (const ServiceConfig& service : config_.services) {
    first_.push_back(first_.back() + service.backends.size());
    maglev_.push_back(service.scheduler == SchedulerKind::kMaglev
                          ? std::make_unique<const MaglevTable>(service.backends, service.maglev_table)
                          : nullptr);
  }
  shared_ = std::make_unique<SharedBackend[]>(all_backends());
  backend_counts_ = std::make_unique<BackendCounts[]>(all_backends() * workers);
  service_counts_ = std::make_unique<ServiceCounts[]>(config_.services.size() * workers);
  for (std::size_t service = 0; service < config_.services.size(); ++service) {
    for (std::size_t i = 0; i < config_.services[service].backends.size(); ++i) {
      SharedBackend& backend = shared_[first_[service] + i];
      backend.set_weight(config_.services[service].backends[i].weight);
      backend.start(now);
    }
  }
}

std::span<SharedBackend> Board::backends(std::size_t service) {
  return {&shared_[first_[service]], first_[service + 1] - first_[service]};
}

std::span<const SharedBackend> Board::backends(std::size_t service) const {
  return {&shared_[first_[service]], first_[service + 1] - first_[service]};
}

std::span<BackendCounts> Board::counts(unsigned worker, std::size_t service) {
  return {&backend_counts_[worker * all_backends() + first_[service]], first_[service + 1] - first_[service]};
}

ServiceCounts& Board::service_counts(unsigned worker, std::size_t service) {
  return service_counts_[worker * config_.services.size() + service];
}

std::vector<ServiceStatus> Board::snapshot() const {
  std::vector<ServiceStatus> result;
  for (std::size_t service = 0; service < config_.services.size(); ++service) result.push_back(snapshot_of(service));
  return result;
}

ServiceStatus Board::snapshot_of(std::size_t service) const {
  const ServiceConfig& config = config_.services[service];
  ServiceStatus status{
      .name = config.name, .listen = config.listen, .mode = config.mode, .scheduler = config.scheduler};
  for (unsigned worker = 0; worker < workers_; ++worker) {
    const ServiceCounts& counts = service_counts_[worker * config_.services.size() + service];
    status.open += counts.open.value();
    status.total += counts.total.value();
    status.retries += counts.retries.value();
    status.client_resets += counts.client_resets.value();
    status.no_backend += counts.no_backend.value();
    status.out_of_tries += counts.out_of_tries.value();
    status.no_resources += counts.no_resources.value();
    status.idle_timeouts += counts.idle_timeouts.value();
    status.close_timeouts += counts.close_timeouts.value();
  }
  for (std::size_t i = 0; i < config.backends.size(); ++i) status.backends.push_back(snapshot_of(service, i));
  const bool up = std::ranges::any_of(backends(service), &SharedBackend::is_usable);
  status.state = up ? ServiceState::kUp : ServiceState::kDown;
  if (draining_.load(std::memory_order_relaxed)) status.state = ServiceState::kDraining;
  return status;
}

BackendStatus Board::snapshot_of(std::size_t service, std::size_t backend) const {
  const BackendConfig& config = config_.services[service].backends[backend];
  const SharedBackend& shared = shared_[first_[service] + backend];
  BackendStatus status{.name = config.name, .address = config.address, .weight = shared.weight()};
  status.healthy = shared.is_healthy();
  status.since = shared.since();
  status.last_check = shared.last_check.load(std::memory_order_relaxed);
  status.checks_passed = shared.checks_passed.value();
  status.checks_failed = shared.checks_failed.value();
  status.open = shared.open();
  for (unsigned worker = 0; worker < workers_; ++worker) {
    const BackendCounts& counts = backend_counts_[worker * all_backends() + first_[service] + backend];
    status.total += counts.total.value();
    status.refused += counts.refused.value();
    status.timeout += counts.timeout.value();
    status.reset += counts.reset.value();
    status.bytes_in += counts.bytes_in.value();
    status.bytes_out += counts.bytes_out.value();
  }
  return status;
}

}  // namespace weir::balance
