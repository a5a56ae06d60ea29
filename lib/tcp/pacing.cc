#include "pacing.h"

namespace weir::tcp {

namespace {

// The tick: what is due within it may leave at its start.
constexpr std::uint32_t kQuantumUs = 1000;
// Twice the window a round trip in slow start, so that it can double; 1.2 times later, so that pacing is not what
// limits.
constexpr std::uint64_t kSlowStartGainTenths = 20;
constexpr std::uint64_t kAvoidanceGainTenths = 12;
// No debt is longer: a rate that low is the timer's to keep, and a time stamp of long ago is not one to come.
constexpr std::uint32_t kDebtUsMax = 1'000'000;

std::uint32_t time_of(const Tcb& tcb, std::uint32_t length) {
  const std::uint64_t gain = tcb.cwnd < tcb.ssthresh ? kSlowStartGainTenths : kAvoidanceGainTenths;
  const std::uint64_t us = std::uint64_t{length} * 10 * tcb.srtt_us / (std::max(1U, tcb.cwnd) * gain);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(us, kDebtUsMax));
}

// How far ahead of `now` the next segment is due.
std::uint32_t debt(const Step& step, const Cold& cold) {
  const std::uint32_t ahead = cold.paced_until_us - step.context.microseconds();
  return ahead <= kDebtUsMax + kQuantumUs ? ahead : 0;
}

}  // namespace

bool paces_out(Step& step) {
  Cold* cold = step.cold();
  if (cold == nullptr || step.tcb.srtt_us == 0) return true;
  const std::uint32_t ahead = debt(step, *cold);
  if (ahead < kQuantumUs) return true;
  if (!cold->is_paced) step.count(Counter::kPacingWaits);
  cold->is_paced = true;
  cold->paced_at = step.now() + std::max(1U, (ahead - kQuantumUs) / 1000 + 1);
  return false;
}

void note_paced(Step& step, std::uint32_t length) {
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  cold->is_paced = false;
  const std::uint32_t from = step.context.microseconds() + debt(step, *cold);
  cold->paced_until_us = from + time_of(step.tcb, length);
}

std::optional<Tick> pacing_deadline(const Step& step) {
  const Cold* cold = step.cold();
  if (cold == nullptr || !cold->is_paced) return {};
  return cold->paced_at;
}

void end_pacing_wait(Step& step) {
  Cold* cold = step.cold();
  if (cold != nullptr && cold->is_paced && !cold->paced_at.after(step.now())) cold->is_paced = false;
}

}  // namespace weir::tcp
