// What the cores of one process share about services: health and connection counts of back ends, and each core's own
// counters. Made before the cores start, sized once. Health is written by the core that checks and by whoever sees
// connects fail; `open` of a back end by every core, once per connection, so that least-connections counts are exact
// over all cores; everything else has one writer. Nothing here is written by two cores per packet.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include <weir/balance/maglev.h>
#include <weir/balance/service_config.h>
#include <weir/balance/status.h>
#include <weir/base/count.h>

namespace weir::balance {

// Any thread. The count of connections lies apart from what schedulers only read.
class SharedBackend {
 public:
  std::uint16_t weight() const { return weight_.load(std::memory_order_relaxed); }
  void set_weight(std::uint16_t weight) { weight_.store(weight, std::memory_order_relaxed); }
  bool is_healthy() const { return healthy_.load(std::memory_order_relaxed); }
  bool is_usable() const { return weight() != 0 && is_healthy(); }
  std::uint32_t open() const { return open_.load(std::memory_order_relaxed); }
  void opened() { open_.fetch_add(1, std::memory_order_relaxed); }
  void closed() { open_.fetch_sub(1, std::memory_order_relaxed); }

  // A connect failed, of a check or of a client; `fall` in a row take the back end down. `fall` 0: never.
  void connect_failed(std::uint8_t fall, Instant now);
  void connect_succeeded();
  void set_healthy(bool healthy, Instant now);
  void start(Instant now) { since_ns_.store(now.time_since_epoch().count(), std::memory_order_relaxed); }
  Instant since() const { return Instant{Duration{since_ns_.load(std::memory_order_relaxed)}}; }

  // Written by the checking core only.
  std::atomic<CheckResult> last_check{CheckResult::kNone};
  Count checks_passed, checks_failed;

 private:
  std::atomic<std::uint16_t> weight_{1};
  std::atomic<bool> healthy_{true};
  std::atomic<std::uint32_t> failures_{0};  // in a row
  std::atomic<Duration::rep> since_ns_{0};
  alignas(64) std::atomic<std::uint32_t> open_{0};
};

// Of one back end, by one core.
struct alignas(64) BackendCounts {
  Count total, refused, timeout, reset, bytes_in, bytes_out;
};

// Of one service, by one core.
struct alignas(64) ServiceCounts {
  Count open, total, retries, client_resets, no_backend, out_of_tries, no_resources, idle_timeouts, close_timeouts;
};

class Board {
 public:
  // Builds the Maglev tables as well. `now`: since when back ends are as they are.
  Board(BalancerConfig config, unsigned workers, Instant now);

  const BalancerConfig& config() const { return config_; }
  unsigned workers() const { return workers_; }
  std::span<SharedBackend> backends(std::size_t service);
  std::span<const SharedBackend> backends(std::size_t service) const;
  const MaglevTable* maglev(std::size_t service) const { return maglev_[service].get(); }  // nullptr: not Maglev

  std::span<BackendCounts> counts(unsigned worker, std::size_t service);
  ServiceCounts& service_counts(unsigned worker, std::size_t service);

  // Any thread.
  void set_draining() { draining_.store(true, std::memory_order_relaxed); }
  std::vector<ServiceStatus> snapshot() const;

 private:
  ServiceStatus snapshot_of(std::size_t service) const;
  BackendStatus snapshot_of(std::size_t service, std::size_t backend) const;
  std::size_t all_backends() const { return first_.back(); }

  BalancerConfig config_;
  unsigned workers_;
  std::vector<std::size_t> first_;  // of each service, its first back end among all; one more at the end
  std::unique_ptr<SharedBackend[]> shared_;
  std::unique_ptr<BackendCounts[]> backend_counts_;  // by worker, then back end
  std::unique_ptr<ServiceCounts[]> service_counts_;  // by worker, then service
  std::vector<std::unique_ptr<const MaglevTable>> maglev_;
  std::atomic<bool> draining_{false};
};

}  // namespace weir::balance
