// RFC 9293 §3.10.7.3: SYN-SENT.
#include "acknowledgment.h"
#include "ecn.h"
#include "ending.h"
#include "establish.h"
#include "options.h"
#include "output.h"
#include "receive_window.h"
#include "retransmission.h"
#include "segment_arrives.h"
#include "timestamps.h"

namespace weir::tcp {

namespace {

bool acknowledges_syn(const Tcb& tcb, const Segment& segment) {
  return segment.has(kAck) && segment.ack.after(tcb.snd_una) && segment.ack.at_or_before(tcb.snd_nxt);
}

// First: an ACK of something else is an old duplicate's, or a half-open peer's.
bool reject_acknowledgment(Step& step, const Segment& segment) {
  if (!segment.has(kAck) || acknowledges_syn(step.tcb, segment)) return false;
  if (!segment.has(kRst)) emit_bare_reset(step, segment.ack);
  return true;
}

// Second: RST, believed only when it acknowledges our SYN.
bool handle_refusal(Step& step, const Segment& segment) {
  if (!segment.has(kRst)) return false;
  if (!segment.has(kAck)) return true;
  step.count(Counter::kResetsIn);
  enter_closed(step, CloseReason::kRefused);
  return true;
}

void take_syn(Step& step, const Segment& segment) {
  Tcb& tcb = step.tcb;
  agree(step, segment.options);
  agree_on_ecn(step, segment);
  tcb.rcv_nxt = tcb.last_ack_sent = segment.seq + 1;
  tcb.rcv_adv = tcb.rcv_nxt + first_window(step.settings).value();
  if (tcb.has(kTimestampsOk)) remember_timestamp(step, segment.options.timestamps->value);
  tcb.last_received = step.now();
}

// Simultaneous open: both SYNs crossed.
void answer_syn(Step& step, const Segment& segment) {
  Tcb& tcb = step.tcb;
  tcb.state = State::kSynReceived;
  tcb.snd_wnd = segment.window.value();
  tcb.snd_wl1 = segment.seq;
  emit_syn(step);
  arm_retransmit_timer(step);
}

}  // namespace

void on_segment_when_syn_sent(Step& step, const Segment& segment, Packet payload) {
  if (reject_acknowledgment(step, segment)) return;
  if (handle_refusal(step, segment)) return;
  if (!segment.has(kSyn)) return;  // fifth
  take_syn(step, segment);
  if (!segment.has(kAck)) return answer_syn(step, segment);  // its text comes again
  establish(step, segment);
  step.tcb.set(kAckNow);
  Segment rest = segment;
  rest.seq = segment.seq + 1;
  rest.flags = static_cast<std::uint8_t>(segment.flags & ~kSyn);
  accept_text_and_fin(step, rest, std::move(payload));
}

}  // namespace weir::tcp
