#include "challenge_ack.h"

namespace weir::tcp {

namespace {

// 64 ms units modulo 2^8: 16 s.
std::uint8_t coarse(Tick tick) {
  return static_cast<std::uint8_t>(tick.value >> 6);
}

bool take_turn(Step& step) {
  const auto interval = std::min<std::int64_t>(step.settings.challenge_ack_interval.count() / 64, 255);
  const std::uint8_t now = coarse(step.now());
  if (static_cast<std::uint8_t>(now - step.tcb.challenged_at) < interval)
    return step.count(Counter::kChallengeAcksLimited), false;
  step.tcb.challenged_at = now;
  return true;
}

// The form that repeats an old number. It asks whether the window is still closed, and must not be left guessing.
bool is_window_probe(const Tcb& tcb, const Segment& segment) {
  return receive_window(tcb) == 0 && segment.seq + 1 == tcb.rcv_nxt;
}

}  // namespace

void allow_challenges(Step& step) {
  step.tcb.challenged_at = static_cast<std::uint8_t>(coarse(step.now()) - 128);
}

void challenge(Step& step) {
  if (step.context.challenge_budget == 0) return step.count(Counter::kChallengeAcksLimited);
  if (!take_turn(step)) return;
  --step.context.challenge_budget;
  step.count(Counter::kChallengeAcks);
  step.tcb.set(kAckNow);
}

void answer_unacceptable(Step& step, const Segment& segment) {
  if (segment.has(kSyn)) return challenge(step);
  const bool is_repeated = segment.length() > 0;
  if (is_repeated || is_window_probe(step.tcb, segment) || take_turn(step)) step.tcb.set(kAckNow);
}

}  // namespace weir::tcp
