// RFC 9293 §3.10.7.4, with the checks of RFC 5961 and RFC 7323 where those put them. SYN-RECEIVED is here only for
// simultaneous opens, and for the moment in which a half-open record becomes a connection.
#include "segment_arrives.h"

#include "acknowledgment.h"
#include "challenge_ack.h"
#include "ending.h"
#include "receiver.h"
#include "timestamps.h"
#include "urgent.h"

namespace weir::tcp {

namespace {

// RFC 9293 §3.4, table 5, except that an empty segment on the right edge passes: the pure ACKs of a peer that has
// filled our window lie there.
bool is_acceptable(const Tcb& tcb, const Segment& segment) {
  const SeqNum edge = SeqNum::latest(tcb.rcv_adv, tcb.rcv_nxt);
  const std::uint32_t length = segment.length();
  if (length == 0) return segment.seq.at_or_after(tcb.rcv_nxt) && segment.seq.at_or_before(edge);
  return segment.seq.before(edge) && segment.end().after(tcb.rcv_nxt);
}

// MUST-66: with a closed window the ACK, RST and URG of a segment still count, and a FIN needs no room.
bool is_at_closed_window(const Tcb& tcb, const Segment& segment) {
  return receive_window(tcb) == 0 && segment.seq == tcb.rcv_nxt;
}

// RFC 5961 §3.2 judges a RST by its sequence number alone.
bool is_reset_in_window(const Tcb& tcb, const Segment& segment) {
  return segment.seq == tcb.rcv_nxt || segment.seq.since(tcb.rcv_nxt) < receive_window(tcb);
}

// What a repeated segment carried, for D-SACK.
void note_duplicate(Step& step, const Segment& segment) {
  if (segment.payload_length == 0 || !segment.seq.before(step.tcb.rcv_nxt)) return;
  step.duplicate = SackBlock{segment.seq, SeqNum::earliest(segment.end(), step.tcb.rcv_nxt)};
}

// First: the sequence number.
bool reject_outside_window(Step& step, const Segment& segment, Packet& payload) {
  if (segment.has(kRst)) return !is_reset_in_window(step.tcb, segment);
  if (is_acceptable(step.tcb, segment)) return false;
  if (is_at_closed_window(step.tcb, segment)) {
    payload.reset();
    step.tcb.set(kAckNow);
    return false;
  }
  step.count(Counter::kOutOfWindow);
  note_duplicate(step, segment);
  answer_unacceptable(step, segment);
  return true;
}

// Second: RST. Only an exact one counts, so that it cannot be guessed (RFC 5961 §3).
bool handle_reset(Step& step, const Segment& segment) {
  if (!segment.has(kRst)) return false;
  Tcb& tcb = step.tcb;
  if (segment.seq != tcb.rcv_nxt) return challenge(step), true;
  step.count(Counter::kResetsIn);
  const bool was_open = tcb.state == State::kEstablished || tcb.state == State::kCloseWait;
  if (was_open) step.count(Counter::kEstablishedResets);
  enter_closed(step, tcb.state == State::kSynReceived ? CloseReason::kRefused : CloseReason::kReset);
  return true;
}

// Fourth: SYN, wherever it lies (RFC 5961 §4).
bool challenge_syn(Step& step, const Segment& segment) {
  if (!segment.has(kSyn)) return false;
  challenge(step);
  return true;
}

// Simultaneous open: the peer's SYN-ACK says its SYN again, and acknowledges ours (RFC 9293, figure 8).
bool is_repeated_syn(const Step& step, const Segment& segment) {
  return step.tcb.state == State::kSynReceived && segment.has(kSyn) && segment.has(kAck) && !segment.has(kRst) &&
         segment.seq + 1 == step.tcb.rcv_nxt && segment.ack == step.tcb.snd_nxt;
}

Segment without_syn(Step& step, const Segment& segment) {
  Segment rest = segment;
  rest.flags = static_cast<std::uint8_t>(rest.flags & ~kSyn);
  rest.seq = segment.seq + 1;
  rest.window = WindowSize{segment.window.value()} >> WindowScale{step.tcb.snd_scale};  // a SYN's is not scaled
  step.tcb.set(kAckNow);
  return rest;
}

void note_heard(Step& step) {
  step.tcb.last_received = step.now();
  step.tcb.probes = 0;
}

}  // namespace

void on_segment_when_synchronized(Step& step, const Segment& segment, Packet payload) {
  if (is_repeated_syn(step, segment)) [[unlikely]]
    return on_segment_when_synchronized(step, without_syn(step, segment), std::move(payload));
  if (reject_by_timestamp(step, segment)) return;
  if (reject_outside_window(step, segment, payload)) return;
  if (handle_reset(step, segment)) return;
  if (challenge_syn(step, segment)) return;
  if (!segment.has(kAck)) return;
  if (!handle_acknowledgment(step, segment)) return;  // fifth
  note_heard(step);
  note_timestamp(step, segment);
  accept_text_and_fin(step, segment, std::move(payload));
}

void accept_text_and_fin(Step& step, const Segment& segment, Packet payload) {
  note_urgent(step, segment);
  Receiver receiver{step};
  // The text of a segment at a closed window was taken from it: its FIN lies beyond that text.
  receiver.accept_text(segment, std::move(payload));
  receiver.accept_fin(segment);
}

}  // namespace weir::tcp
