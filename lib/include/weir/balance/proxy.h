// The balancer of one core: an application that terminates clients' connections and opens others to back ends.
// One object per core, all on one Board. Worker 0 checks the back ends' health for everyone.
#pragma once

#include <memory>
#include <vector>

#include <weir/balance/health_checker.h>
#include <weir/balance/sessions.h>
#include <weir/stack/application.h>

namespace weir::balance {

class Proxy final : public stack::Application {
 public:
  static constexpr unsigned kEventsMax = 1024;  // taken in one turn

  // `board` outlives this. `base`: TCP settings of all connections; buffers and Nagle are the services' own.
  // `seed` scatters health checks.
  Proxy(Board& board, unsigned worker, const tcp::Settings& base, std::uint64_t seed);
  ~Proxy() override;

  // The host must have every listen and source address already.
  void start(stack::Host& host) override;
  void poll(stack::Host& host) override;
  std::optional<Instant> next_deadline() const override;
  // Clients already waiting to be accepted are served; later ones are refused.
  void drain(stack::Host& host) override;
  bool is_drained() const override;
  void stop(stack::Host& host) override;

  std::uint32_t open_sessions() const { return sessions_ ? sessions_->open() : 0; }
  // Bytes that `sessions` take on one core, for the forecast.
  static std::uint64_t memory(std::uint32_t sessions);

 private:
  bool take_events(stack::Host& host);
  void take_event(stack::Host& host, const stack::Event& event);
  void accept_all(stack::Host& host, stack::ListenerId listener);
  void stop_listening(stack::Host& host);
  std::optional<Tick> next_tick() const;

  Board& board_;
  unsigned worker_;
  tcp::Settings base_;
  std::uint64_t seed_;
  std::vector<Service> services_;
  std::vector<std::uint16_t> service_by_listener_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<HealthChecker> health_;  // on worker 0
  Instant now_{};                          // of the last turn
  bool more_ = false;                      // the last turn left something to do
  bool draining_ = false;
};

}  // namespace weir::balance
