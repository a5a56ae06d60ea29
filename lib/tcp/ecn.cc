#include "ecn.h"

#include "congestion.h"

namespace weir::tcp {

namespace {

void set(Tcb& tcb, EcnState bit) {
  tcb.ecn = (tcb.ecn | bit) & kEcnMask;
}

void clear(Tcb& tcb, EcnState bit) {
  tcb.ecn = tcb.ecn & ~bit & kEcnMask;
}

// §6.1.3: from the first mark on every ACK says ECE, until the sender says CWR.
void note_as_receiver(Step& step, const Segment& segment) {
  if (segment.has(kCwr)) clear(step.tcb, kEcnEcho);
  if (segment.ecn != Ecn::kCe) return;
  step.count(Counter::kCongestionMarksIn);
  if ((step.tcb.ecn & kEcnEcho) == 0) step.tcb.set(kAckNow);  // the sooner it knows, the better
  set(step.tcb, kEcnEcho);
}

// Once for each window: not before what was sent after the last reduction is acknowledged.
bool is_new_echo(const Step& step, const Segment& segment) {
  const Tcb& tcb = step.tcb;
  if ((tcb.ecn & kEcnReduced) != 0 || is_all_acknowledged(tcb) || segment.ack.before(tcb.snd_una)) return false;
  const Cold* cold = step.cold();
  if (cold == nullptr || cold->in_recovery) return false;
  return !cold->has_ecn_mark || segment.ack.after(cold->ecn_mark);
}

}  // namespace

std::uint8_t ecn_setup_flags(const Step& step) {
  if (step.tcb.ecn == 0) return 0;
  return step.tcb.state == State::kSynReceived ? kEce : kEce | kCwr;
}

void agree_on_ecn(Step& step, const Segment& syn) {
  if (!is_ecn_setup(syn)) clear(step.tcb, kEcnOk);
}

void note_congestion_marks(Step& step, const Segment& segment) {
  note_as_receiver(step, segment);
  if (!segment.has(kEce) || !is_new_echo(step, segment)) return;
  step.count(Counter::kEcnReductions);
  reduce_for_echo(step);
}

EcnMark mark_of_new_data(const Step& step) {
  const Tcb& tcb = step.tcb;
  if ((tcb.ecn & kEcnOk) == 0 || usable_window(tcb) == 0) return {};  // a probe is none (§6.1.6)
  return {.ecn = Ecn::kEct0, .flags = (tcb.ecn & kEcnReduced) != 0 ? std::uint8_t{kCwr} : std::uint8_t{0}};
}

void note_reduction_told(Step& step) {
  clear(step.tcb, kEcnReduced);
  Cold* cold = step.cold();
  cold->ecn_mark = step.tcb.snd_nxt;
  cold->has_ecn_mark = true;
}

}  // namespace weir::tcp
