#include "receiver.h"

#include "ending.h"
#include "establish.h"
#include "options.h"
#include "reassembly.h"
#include "receive_buffer.h"
#include "receive_window.h"

namespace weir::tcp {

namespace {

bool takes_text(State state) {
  return state == State::kEstablished || state == State::kFinWait1 || state == State::kFinWait2;
}

// At the start of a connection the peer's window grows by the ACKs that it gets.
bool take_quick_ack(Tcb& tcb) {
  if (tcb.quick_acks == 0) return false;
  --tcb.quick_acks;
  return true;
}

}  // namespace

bool is_acknowledgment_due(const Tcb& tcb, Tick now) {
  return tcb.has(kAckDelayed) && static_cast<std::int16_t>(tcb.ack_at - now.value) <= 0;
}

void Receiver::accept_text(const Segment& segment, Packet payload) {
  Tcb& tcb = step_.tcb;
  if (!payload || !takes_text(tcb.state)) return;
  SeqNum seq = segment.seq;
  if (!trim_to_window(payload, seq)) return;
  // SHLD-3: nobody will read it.
  if (tcb.has(kOrphan)) return abort_connection(step_, CloseReason::kAborted);
  Cold* cold = step_.need_cold();
  if (cold == nullptr) return;  // as if lost
  step_.count(Counter::kBytesIn, payload.length());
  payload.meta().seq = seq;
  if (seq == tcb.rcv_nxt && cold->out_of_order.is_empty()) {
    accept_in_order(*cold, std::move(payload));
  } else {
    accept_out_of_order(*cold, std::move(payload));
  }
  take_waiting_fin();
}

// False when nothing is left of it.
bool Receiver::trim_to_window(Packet& payload, SeqNum& seq) {
  Tcb& tcb = step_.tcb;
  SeqNum end = seq + payload.length();
  SeqNum edge = SeqNum::latest(tcb.rcv_adv, tcb.rcv_nxt);
  if (const Cold* cold = step_.cold(); cold != nullptr && cold->has_fin) edge = SeqNum::earliest(edge, cold->fin_seq);
  if (seq.before(tcb.rcv_nxt)) {
    step_.duplicate = SackBlock{seq, SeqNum::earliest(end, tcb.rcv_nxt)};
    tcb.set(kAckNow);
    if (end.at_or_before(tcb.rcv_nxt)) return false;
    payload.trim_front(tcb.rcv_nxt.since(seq));
    seq = tcb.rcv_nxt;
  }
  if (!end.after(edge)) return true;
  tcb.set(kAckNow);
  if (seq.at_or_after(edge)) return false;
  payload.trim_back(end.since(edge));
  return true;
}

void Receiver::accept_in_order(Cold& cold, Packet payload) {
  const std::uint32_t length = payload.length();
  rte_mbuf* tail = cold.receive.tail();
  if (tail == nullptr || !coalesce(step_, cold.receive, tail, payload)) cold.receive.push_back(std::move(payload));
  step_.tcb.rcv_nxt += length;
  step_.raise(kReadable);
  acknowledge(length);
}

// Also what fills a hole: RFC 5681 §4.2 wants both acknowledged at once.
void Receiver::accept_out_of_order(Cold& cold, Packet payload) {
  Tcb& tcb = step_.tcb;
  const SeqNum before = tcb.rcv_nxt;
  if (payload.meta().seq != before) step_.count(Counter::kOutOfOrderIn);
  const auto duplicate = insert_out_of_order(step_, cold, std::move(payload));
  if (duplicate && !step_.duplicate) step_.duplicate = duplicate;
  deliver_in_order(step_, cold);
  if (tcb.rcv_nxt != before) step_.raise(kReadable);
  tcb.set(kAckNow);
}

// RFC 9293 §3.8.6.3: later, but at least for every second full-sized segment (SHLD-19).
void Receiver::acknowledge(std::uint32_t length) {
  Tcb& tcb = step_.tcb;
  const std::uint32_t largest = announced_mss(step_.settings, step_.local().mtu, tcb.remote.is_v4());
  tcb.rcv_mss = std::max(tcb.rcv_mss, static_cast<std::uint16_t>(std::min(length, largest)));
  const std::uint32_t waiting = tcb.rcv_nxt.since(tcb.last_ack_sent);
  const bool is_window_used_up = receive_window(tcb) < tcb.rcv_mss;
  if (waiting >= 2U * tcb.rcv_mss) begin_growth(step_);
  if (waiting >= 2U * tcb.rcv_mss || is_window_used_up || take_quick_ack(tcb)) return acknowledge_soon();
  if (!tcb.has(kAckDelayed)) delay_acknowledgment(static_cast<std::uint32_t>(step_.settings.delayed_ack.count()));
}

// MUST-59: within a burst, once for all that it brings. An ACK that goes out for another reason covers this one.
void Receiver::acknowledge_soon() {
  if (!step_.context.in_burst) return step_.tcb.set(kAckNow);
  if (step_.tcb.has(kAckDelayed) && is_acknowledgment_due(step_.tcb, step_.now())) return;  // asked for already
  delay_acknowledgment(0);
  step_.context.ack_waits = true;
}

void Receiver::delay_acknowledgment(std::uint32_t delay_ms) {
  step_.tcb.set(kAckDelayed);
  step_.tcb.ack_at = static_cast<std::uint16_t>(step_.now().value + delay_ms);
}

void Receiver::accept_fin(const Segment& segment) {
  Tcb& tcb = step_.tcb;
  if (!segment.has(kFin) || !is_synchronized(tcb.state)) return;
  tcb.set(kAckNow);
  if (tcb.has(kFinReceived)) return;
  const SeqNum fin = segment.seq + segment.payload_length;
  if (fin == tcb.rcv_nxt) return take_fin();
  // Behind a hole: kept in mind. A second one elsewhere does not move it.
  if (fin.before(tcb.rcv_nxt) || fin.after(tcb.rcv_adv)) return;
  Cold* cold = step_.need_cold();
  if (cold == nullptr || cold->has_fin) return;
  cold->has_fin = true;
  cold->fin_seq = fin;
}

void Receiver::take_waiting_fin() {
  const Cold* cold = step_.cold();
  if (cold != nullptr && cold->has_fin && cold->fin_seq == step_.tcb.rcv_nxt) take_fin();
}

void Receiver::take_fin() {
  Tcb& tcb = step_.tcb;
  if (Cold* cold = step_.cold()) {
    cold->has_fin = false;
    cold->out_of_order.clear();  // nothing comes after a FIN
  }
  tcb.rcv_nxt += 1;
  tcb.set(kFinReceived);
  tcb.set(kAckNow);
  step_.raise(kReadable | kPeerClosed);
  if (tcb.state == State::kEstablished)
    tcb.state = State::kCloseWait;
  else if (tcb.state == State::kFinWait1)
    tcb.state = State::kClosing;
  else if (tcb.state == State::kFinWait2)
    enter_time_wait(step_);
  if (tcb.state == State::kCloseWait && step_.settings.close_with_peer) begin_close(step_);
}

}  // namespace weir::tcp
