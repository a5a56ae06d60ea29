#include "urgent.h"

namespace weir::tcp {

void note_urgent(Step& step, const Segment& segment) {
  if (!segment.has(kUrg)) return;
  step.count(Counter::kUrgentIn);
  const State state = step.tcb.state;
  if (state != State::kEstablished && state != State::kFinWait1 && state != State::kFinWait2) return;
  const SeqNum mark = segment.seq + segment.urgent;
  if (!mark.after(step.tcb.rcv_nxt)) return;  // read already, or readable: nothing to hurry for that is not there
  Cold* cold = step.need_cold();
  if (cold == nullptr || (cold->has_rcv_up && !mark.after(cold->rcv_up))) return;
  cold->has_rcv_up = true;
  cold->rcv_up = mark;
  step.report(kUrgent);  // MUST-32
}

std::uint32_t urgent_bytes(const Step& step) {
  const Cold* cold = step.cold();
  if (cold == nullptr || !cold->has_rcv_up) return 0;
  const SeqNum next_read = step.tcb.rcv_nxt - cold->receive.bytes();
  return cold->rcv_up.after(next_read) ? cold->rcv_up.since(next_read) : 0;
}

void mark_urgent(Step& step, Cold& cold) {
  cold.has_snd_up = true;
  cold.snd_up = data_end(step);
}

void point_at_urgent(const Step& step, Cold& cold, Segment& segment) {
  if (!cold.snd_up.after(step.tcb.snd_una)) {
    cold.has_snd_up = false;
    return;
  }
  if (!cold.snd_up.after(segment.seq)) return;
  segment.flags = static_cast<std::uint8_t>(segment.flags | kUrg);
  segment.urgent = static_cast<std::uint16_t>(std::min(cold.snd_up.since(segment.seq), 0xffffU));
}

}  // namespace weir::tcp
