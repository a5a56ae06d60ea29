// Opens a TCP connection to every back end now and then, through the data path that clients' connections take, and
// tells the board what came of it. Runs on one core; the others see its verdict on the board.
#pragma once

#include <vector>

#include <weir/balance/board.h>
#include <weir/balance/source_pool.h>
#include <weir/base/index_pool.h>
#include <weir/base/random.h>
#include <weir/base/timer_wheel.h>
#include <weir/stack/host.h>

namespace weir::balance {

class HealthChecker {
 public:
  static constexpr std::uint32_t kExpiriesMax = 64;  // checks begun or given up in one turn
  static constexpr std::uint32_t kJitterPercent = 10;

  // The first check of each back end begins within a tenth of its interval. Both outlive this.
  HealthChecker(Board& board, stack::Host& host, std::uint64_t seed);

  void on_event(const stack::Event& event);
  bool advance();  // true when there is more to do at once
  std::optional<Tick> next_deadline() const;
  void stop();  // ends checks under way; none is begun any more

 private:
  struct Check {
    const BackendConfig* backend = nullptr;
    const HealthConfig* config = nullptr;
    SharedBackend* shared = nullptr;
    SourcePool* sources = nullptr;
    stack::ConnectionId connection;  // while a check is under way
    Tick begun{};
    std::uint8_t passes = 0;  // in a row, while the back end is down
    bool seen_healthy = true;
    TimerLinks timer;
  };
  struct Links {
    std::vector<Check>* checks;
    TimerLinks& operator()(std::uint32_t index) const { return (*checks)[index].timer; }
  };

  void add_service(std::size_t service);
  void on_expired(std::uint32_t index);
  void begin(std::uint32_t index);
  stack::CallError connect(Check& check, std::uint32_t user);
  void finish(std::uint32_t index, CheckResult result);
  void record(Check& check, CheckResult result);
  void record_pass(Check& check);
  std::uint32_t jittered(milliseconds interval);
  Tick now() const { return Tick::at(host_.now()); }

  Board& board_;
  stack::Host& host_;
  Random random_;
  std::vector<SourcePool> sources_;  // by service
  std::vector<Check> checks_;
  TimerWheel<Links> wheel_;
};

}  // namespace weir::balance
