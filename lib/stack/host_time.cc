#include "host_impl.h"

namespace weir::stack {

bool Host::Impl::advance() {
  const Tick tick = context.tick();
  const std::uint32_t budget = config.timers_per_advance;
  refill_challenge_budget();
  review_defences();
  reassembler.advance(context.now);
  const std::uint32_t connections_done = timers.advance(tick, budget, [this](std::uint32_t index) {
    if (links().is_application(index)) return on_application_timer(index);
    const tcp::State before = connections[index].state;
    view(index).on_timer();
    settle(index, before);
  });
  const std::uint32_t half_open_done =
      half_open.advance(tick, budget, [this](std::uint32_t record) { on_half_open_timer(record); });
  const std::uint32_t time_wait_done = time_wait.advance(tick, budget);
  return connections_done == budget || half_open_done == budget || time_wait_done == budget;
}

// CVE-2016-5696: a budget that everybody knows is a side channel, so each second's is drawn anew.
void Host::Impl::refill_challenge_budget() {
  constexpr std::uint32_t kPerSecondMin = 500;
  constexpr std::uint32_t kPerSecondSpread = 1000;
  if (context.now < challenge_refill) return;
  challenge_refill = context.now + 1s;
  context.challenge_budget = kPerSecondMin + random.below(kPerSecondSpread);
}

std::optional<Instant> Host::next_deadline() const {
  const Tick far = impl_->context.tick() + 0x7fff'fffe;
  std::optional<Instant> deadline = impl_->reassembler.next_deadline();
  for (const Tick first :
       {impl_->timers.next_expiry(far), impl_->half_open.next_expiry(far), impl_->time_wait.next_expiry(far)}) {
    if (first == far) continue;  // `far` itself compares with nothing: what is overdue is more than 2^31 ms before it
    const Instant timer = instant_of(first, impl_->context.now);
    deadline = deadline ? std::min(*deadline, timer) : timer;
  }
  return deadline;
}

}  // namespace weir::stack
