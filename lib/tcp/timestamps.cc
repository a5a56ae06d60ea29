#include "timestamps.h"

#include "challenge_ack.h"

namespace weir::tcp {

namespace {

// RFC 7323 §5.5: after 24 days without a newer one, TS.Recent says nothing. In units of 65.536 s.
constexpr std::uint16_t kTimestampLife = 31640;

std::uint16_t coarse(Tick tick) {
  return static_cast<std::uint16_t>(tick.value >> 16);
}

bool is_older(std::uint32_t value, std::uint32_t than) {
  return static_cast<std::int32_t>(value - than) < 0;
}

bool is_outdated(const Step& step) {
  return static_cast<std::uint16_t>(coarse(step.now()) - step.tcb.ts_recent_at) > kTimestampLife;
}

}  // namespace

bool reject_by_timestamp(Step& step, const Segment& segment) {
  if (!step.tcb.has(kTimestampsOk) || segment.has(kRst)) return false;
  if (!segment.options.timestamps) {
    if (!step.settings.drop_missing_timestamps) return false;
    return step.count(Counter::kMissingTimestamp), true;
  }
  if (!is_older(segment.options.timestamps->value, step.tcb.ts_recent) || is_outdated(step)) return false;
  step.count(Counter::kPawsDrops);
  answer_unacceptable(step, segment);
  return true;
}

void note_timestamp(Step& step, const Segment& segment) {
  if (!step.tcb.has(kTimestampsOk) || !segment.options.timestamps || segment.has(kRst)) return;
  // Only what covers the first byte not yet acknowledged: a delayed ACK so echoes the earliest segment, and one
  // beyond a hole nothing.
  if (segment.seq.after(step.tcb.last_ack_sent)) return;
  const std::uint32_t value = segment.options.timestamps->value;
  if (!is_older(value, step.tcb.ts_recent) || is_outdated(step)) remember_timestamp(step, value);
}

void remember_timestamp(Step& step, std::uint32_t value) {
  step.tcb.ts_recent = value;
  step.tcb.ts_recent_at = coarse(step.now());
}

}  // namespace weir::tcp
