// A service as one core runs it.
#pragma once

#include <memory>
#include <span>

#include <weir/balance/scheduler.h>
#include <weir/balance/source_pool.h>
#include <weir/stack/host.h>
#include <weir/tcp/settings.h>

namespace weir::balance {

class Service {
 public:
  // `base`: settings of every connection, but for those that the service decides. Throws std::runtime_error when an
  // address cannot be listened on.
  Service(Board& board, std::uint16_t index, unsigned worker, const tcp::Settings& base, stack::Host& host);

  const ServiceConfig& config() const { return config_; }
  std::uint16_t index() const { return index_; }
  Scheduler& scheduler() { return *scheduler_; }
  SharedBackend& shared(std::uint16_t backend) { return shared_[backend]; }
  BackendCounts& counts_of(std::uint16_t backend) { return backend_counts_[backend]; }
  ServiceCounts& counts() { return counts_; }
  std::span<const stack::ListenerId> listeners() const { return listeners_; }

  // Back ends that could still be tried for one client.
  unsigned usable_beside(std::span<const std::uint16_t> tried) const;
  // Opens a connection from the next source address that has a free port.
  stack::CallError connect(stack::Host& host, std::uint16_t backend, std::uint32_t user, stack::ConnectionId& id);
  void connect_failed(std::uint16_t backend, Instant now);

 private:
  void listen(stack::Host& host, const Endpoint& endpoint, const tcp::Settings& settings);

  const ServiceConfig& config_;
  std::uint16_t index_;
  std::unique_ptr<Scheduler> scheduler_;
  SourcePool sources_;
  std::span<SharedBackend> shared_;
  std::span<BackendCounts> backend_counts_;
  ServiceCounts& counts_;
  std::uint16_t profile_;
  std::vector<stack::ListenerId> listeners_;
};

// Settings of a service's connections: buffers after buffer_bytes, no Nagle.
tcp::Settings settings_of(const ServiceConfig& service, const tcp::Settings& base);

}  // namespace weir::balance
