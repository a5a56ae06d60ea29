#include "receive_buffer.h"

namespace weir::tcp {

namespace {

// One past the last byte that the application has read.
SeqNum read_up_to(const Step& step, const Cold& cold) {
  return step.tcb.rcv_nxt - cold.receive.bytes();
}

void begin_round(Step& step, Cold& cold) {
  cold.growth_from = read_up_to(step, cold);
  cold.growth_at_us = step.context.microseconds();
  cold.growth_until = step.now() + kGrowthKeptMs;
}

void grow_to(Step& step, Cold& cold, std::uint64_t wanted) {
  const std::uint32_t limit = receive_buffer(step);
  const auto grown = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, step.settings.receive_buffer));
  if (grown <= limit) return;
  if (step.context.packets->is_low(kGrowthReserveShare)) return step.count(Counter::kGrowthRefused);
  cold.receive_limit = grown;
  step.count(Counter::kReceiveWindowsGrown);
}

}  // namespace

void begin_growth(Step& step) {
  Cold* cold = step.cold();
  if (cold == nullptr || (cold->timed & kTimedGrowth) != 0 || step.tcb.srtt_us == 0) return;
  if (receive_buffer(step) >= step.settings.receive_buffer) return;
  cold->timed |= kTimedGrowth;
  begin_round(step, *cold);
}

// What was read counts by the round trip: a reader that takes ten of them for a window's worth needs no more.
void grow_receive_buffer(Step& step, Cold& cold) {
  if ((cold.timed & kTimedGrowth) == 0) return;
  const std::uint32_t elapsed_us = step.context.microseconds() - cold.growth_at_us;
  const std::uint32_t round_trip_us = step.tcb.srtt_us;
  if (elapsed_us < round_trip_us || elapsed_us == 0) return;
  const std::uint64_t read = read_up_to(step, cold).since(cold.growth_from);
  grow_to(step, cold, 2 * (read * round_trip_us / elapsed_us));
  begin_round(step, cold);
}

void end_growth(Cold& cold) {
  cold.timed = static_cast<std::uint8_t>(cold.timed & ~kTimedGrowth);
  cold.receive_limit = 0;
}

}  // namespace weir::tcp
