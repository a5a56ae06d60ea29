// Timers: TimerWheel beside rte_timer, with 1,000 and 1,000,000 of them armed up to a minute ahead.
#include <cstdint>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_timer.h>

#include <weir/base/random.h>
#include <weir/base/timer_wheel.h>

namespace weir {
namespace {

constexpr std::uint32_t kDelayMax = 60'000;  // milliseconds

struct alignas(64) Timed {  // a hot state with its timer
  TimerLinks timer;
  std::uint8_t rest[112];
};

class Wheel {
 public:
  explicit Wheel(std::uint32_t timers) : timed_(timers), wheel_(Links{&timed_}, Tick{0}) {}
  void arm(std::uint32_t index, std::uint32_t delay_ms) { wheel_.arm(index, now_ + delay_ms); }
  void cancel(std::uint32_t index) { wheel_.cancel(index); }
  // Everything armed up to `delay_ms` ahead; returns how many. Calls `start` where the time to be measured begins.
  template <typename Start>
  std::uint64_t expire(std::uint32_t delay_ms, Start&& start) {
    start();
    std::uint64_t expired = 0;
    for (const Tick end = now_ + delay_ms; now_ != end;) {
      now_ = now_ + 1;
      while (wheel_.advance(now_, 256, [&](std::uint32_t) { ++expired; }) == 256) continue;
    }
    return expired;
  }

 private:
  struct Links {
    std::vector<Timed>* timed;
    TimerLinks& operator()(std::uint32_t index) const { return (*timed)[index].timer; }
  };
  std::vector<Timed> timed_;
  Tick now_{0};
  TimerWheel<Links> wheel_;
};

class RteTimers {
 public:
  explicit RteTimers(std::uint32_t timers) : timers_(timers) {
    rte_timer_subsystem_init();
    for (rte_timer& timer : timers_) rte_timer_init(&timer);
  }
  ~RteTimers() {
    for (rte_timer& timer : timers_) rte_timer_stop(&timer);
    rte_timer_subsystem_finalize();
  }
  void arm(std::uint32_t index, std::uint32_t delay_ms) {
    rte_timer_reset(&timers_[index], rte_get_timer_hz() / 1000 * delay_ms, SINGLE, rte_lcore_id(), count, this);
  }
  void cancel(std::uint32_t index) { rte_timer_stop(&timers_[index]); }
  template <typename Start>
  std::uint64_t expire(std::uint32_t delay_ms, Start&& start) {
    rte_delay_ms(delay_ms + 1);
    start();
    expired_ = 0;
    rte_timer_manage();
    return expired_;
  }

 private:
  static void count(rte_timer*, void* self) { ++static_cast<RteTimers*>(self)->expired_; }
  std::vector<rte_timer> timers_;
  std::uint64_t expired_ = 0;
};

// Which timer, and how far ahead: drawn beforehand.
class Draws {
 public:
  explicit Draws(std::uint32_t timers) : draws_(1U << 16) {
    Random random{5};
    for (auto& [index, delay] : draws_) index = random.below(timers), delay = 1 + random.below(kDelayMax);
  }
  const auto& next() { return draws_[at_++ % draws_.size()]; }

 private:
  std::vector<std::pair<std::uint32_t, std::uint32_t>> draws_;
  std::size_t at_ = 0;
};

template <typename Timers>
void arm_all(Timers& timers, std::uint32_t count) {
  Random random{3};
  for (std::uint32_t i = 0; i < count; ++i) timers.arm(i, kDelayMax + random.below(kDelayMax));
}

template <typename Timers>
void rearm(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  Timers timers{count};
  arm_all(timers, count);
  Draws draws{count};
  for (auto _ : state) {
    const auto& [index, delay] = draws.next();
    timers.arm(index, kDelayMax + delay);
  }
}

template <typename Timers>
void arm_and_cancel(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  Timers timers{count + 1};
  arm_all(timers, count);
  Draws draws{count};
  for (auto _ : state) {
    timers.arm(count, draws.next().second);
    timers.cancel(count);
  }
}

// A thousand expire within 50 ms, among others that do not; time per timer.
template <typename Timers>
void expire(benchmark::State& state) {
  constexpr std::uint32_t kDue = 1000, kWithin = 50;
  const auto count = static_cast<std::uint32_t>(state.range(0));
  Timers timers{count + kDue};
  Random random{4};
  for (std::uint32_t i = 0; i < count; ++i) timers.arm(i, 20 * kDelayMax + random.below(kDelayMax));
  for (auto _ : state) {
    state.PauseTiming();
    for (std::uint32_t i = 0; i < kDue; ++i) timers.arm(count + i, 1 + random.below(kWithin - 1));
    const std::uint64_t expired = timers.expire(kWithin, [&] { state.ResumeTiming(); });
    if (expired != kDue) state.SkipWithError("not all expired");
  }
  state.SetItemsProcessed(state.iterations() * kDue);
  state.counters["each"] = benchmark::Counter(static_cast<double>(state.iterations() * kDue),
                                              benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

BENCHMARK(rearm<Wheel>)->Arg(1000)->Arg(1'000'000);
BENCHMARK(rearm<RteTimers>)->Arg(1000)->Arg(1'000'000);
BENCHMARK(arm_and_cancel<Wheel>)->Arg(1000)->Arg(1'000'000);
BENCHMARK(arm_and_cancel<RteTimers>)->Arg(1000)->Arg(1'000'000);
BENCHMARK(expire<Wheel>)->Arg(1000)->Arg(1'000'000)->Iterations(2000);
BENCHMARK(expire<RteTimers>)->Arg(1000)->Arg(1'000'000)->Iterations(50);

}  // namespace
}  // namespace weir
