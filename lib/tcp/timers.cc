#include "timers.h"

#include "ending.h"
#include "keep_alive.h"
#include "pacing.h"
#include "path_mtu.h"
#include "receive_buffer.h"
#include "receiver.h"
#include "retransmission.h"

namespace weir::tcp {

namespace {

// Tcb::ack_at is modulo 2^16: never more than the delay ahead.
Tick acknowledge_at(const Step& step) {
  const auto ahead = static_cast<std::int16_t>(step.tcb.ack_at - step.now().value);
  return step.now() + static_cast<std::uint32_t>(std::int32_t{ahead});
}

bool is_due(const Step& step, Tick at) {
  return !at.after(step.now());
}

Tick rarer_deadline(const Cold& cold) {
  std::optional<Tick> earliest;
  const auto consider = [&](ColdTimers timer, Tick at) {
    if ((cold.timed & timer) != 0 && (!earliest || at.before(*earliest))) earliest = at;
  };
  consider(kTimedGrowth, cold.growth_until);
  consider(kTimedPathMtu, cold.path_until);
  consider(kTimedLinger, cold.linger_until);
  return *earliest;
}

void run_rarer_timers(Step& step, Cold& cold) {
  const auto is_over = [&](ColdTimers timer, Tick at) { return (cold.timed & timer) != 0 && is_due(step, at); };
  if (is_over(kTimedGrowth, cold.growth_until)) end_growth(cold);
  if (is_over(kTimedPathMtu, cold.path_until)) restore_mss(step, cold);
  if (!is_over(kTimedLinger, cold.linger_until)) return;
  step.count(Counter::kLingersOver);
  abort_connection(step, CloseReason::kAborted);
}

}  // namespace

std::optional<Tick> earliest_deadline(const Step& step) {
  if (!is_live(step.tcb.state)) return {};
  std::optional<Tick> earliest = keep_alive_deadline(step);
  const auto consider = [&](Tick at) {
    if (!earliest || at.before(*earliest)) earliest = at;
  };
  if (step.tcb.has(kRetransmitArmed)) consider(step.tcb.retransmit_at);
  if (const Cold* cold = step.cold(); cold != nullptr && cold->timed != 0) consider(rarer_deadline(*cold));
  // What waits for the end of the burst needs no timer.
  const bool has_burst_ack = step.context.in_burst && is_acknowledgment_due(step.tcb, step.now());
  if (step.tcb.has(kAckDelayed) && !has_burst_ack) consider(acknowledge_at(step));
  if (step.settings.pacing)
    if (const auto paced_at = pacing_deadline(step)) consider(*paced_at);
  return earliest;
}

void run_due_timers(Step& step) {
  Tcb& tcb = step.tcb;
  if (tcb.has(kAckDelayed) && is_due(step, acknowledge_at(step))) {
    tcb.clear(kAckDelayed);
    tcb.set(kAckNow);
  }
  if (step.settings.pacing) end_pacing_wait(step);
  if (Cold* cold = step.cold(); cold != nullptr && cold->timed != 0) run_rarer_timers(step, *cold);
  if (tcb.has(kRetransmitArmed) && is_due(step, tcb.retransmit_at)) on_retransmit_timer(step);
  if (!is_live(tcb.state)) return;
  const auto keep_alive_at = keep_alive_deadline(step);
  if (keep_alive_at && is_due(step, *keep_alive_at)) on_keep_alive_timer(step);
}

}  // namespace weir::tcp
