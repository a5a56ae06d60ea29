// The calls: each is one step, which ends by sending what may go.
#include <weir/tcp/connection.h>

#include "ending.h"
#include "establish.h"
#include "receiver.h"
#include "retransmission.h"
#include "round_trip.h"
#include "segment_arrives.h"
#include "sender.h"
#include "timers.h"
#include "urgent.h"

namespace weir::tcp {

namespace {

// Of an empty segment: within the peer's window, or it would not be looked at. A probe's byte, or what a window that
// shrank left outside, may lie beyond.
SeqNum acceptable_seq(const Tcb& tcb) {
  return SeqNum::earliest(tcb.snd_nxt, tcb.snd_una + tcb.snd_wnd);
}

void acknowledge(Step& step) {
  const Tcb& tcb = step.tcb;
  if (is_synchronized(tcb.state)) return emit_control(step, acceptable_seq(tcb), kAck);
  if (tcb.state == State::kSynReceived) emit_control(step, tcb.snd_nxt, kAck);  // the window begins behind our SYN
}

// The first segment of text carries the ACK; only without one an empty segment does.
void finish(Step& step) {
  if (is_live(step.tcb.state)) Sender{step}.output();
  if (step.tcb.has(kAckNow)) acknowledge(step);
  step.release_cold_if_quiet();
}

// What was read lets nothing be sent but news of the window.
void finish_reading(Step& step) {
  if (step.tcb.has(kAckNow)) return finish(step);
  step.release_cold_if_quiet();
}

}  // namespace

void Connection::on_segment(const Segment& segment, Packet payload) {
  Step step{context_, tcb_};
  if (tcb_.state == State::kSynSent) {
    on_segment_when_syn_sent(step, segment, std::move(payload));
  } else if (is_live(tcb_.state)) {
    on_segment_when_synchronized(step, segment, std::move(payload));
  }
  finish(step);
}

void Connection::on_burst_end() {
  if (!is_synchronized(tcb_.state) || !is_acknowledgment_due(tcb_, context_.tick())) return;
  Step step{context_, tcb_};
  tcb_.clear(kAckDelayed);
  tcb_.set(kAckNow);
  finish(step);
}

void Connection::on_timer() {
  if (!is_live(tcb_.state)) return;
  Step step{context_, tcb_};
  run_due_timers(step);
  finish(step);
}

std::optional<Tick> Connection::next_deadline() const {
  return earliest_deadline(Step{context_, tcb_});
}

void Connection::want_writable() {
  Step step{context_, tcb_};
  Sender{step}.refuse();
  finish(step);
}

std::uint32_t Connection::send_room() const {
  Step step{context_, tcb_};
  return Sender{step}.room();
}

Packet Connection::send(Packet payload) {
  Step step{context_, tcb_};
  Packet refused = Sender{step}.take(std::move(payload));
  finish(step);
  return refused;
}

std::uint32_t Connection::send(std::span<const std::uint8_t> bytes) {
  Step step{context_, tcb_};
  const std::uint32_t taken = Sender{step}.copy(bytes);
  finish(step);
  return taken;
}

std::uint32_t Connection::send_urgent(std::span<const std::uint8_t> bytes) {
  Step step{context_, tcb_};
  const std::uint32_t taken = Sender{step}.copy(bytes);
  if (taken > 0) mark_urgent(step, *step.cold());
  finish(step);
  return taken;
}

std::uint32_t Connection::urgent_bytes() const {
  return tcp::urgent_bytes(Step{context_, tcb_});
}

std::uint32_t Connection::readable() const {
  const Cold* cold = Step{context_, tcb_}.cold();
  return cold == nullptr ? 0 : cold->receive.bytes();
}

bool Connection::at_end() const {
  return tcb_.has(kFinReceived) && readable() == 0;
}

std::uint32_t Connection::next_piece() const {
  const Cold* cold = Step{context_, tcb_}.cold();
  return cold == nullptr || cold->receive.is_empty() ? 0 : cold->receive.head()->data_len;
}

Packet Connection::receive() {
  Step step{context_, tcb_};
  Packet packet = Receiver{step}.read();
  finish_reading(step);
  return packet;
}

std::uint32_t Connection::receive(std::span<std::uint8_t> into) {
  Step step{context_, tcb_};
  const std::uint32_t taken = Receiver{step}.read(into);
  finish_reading(step);
  return taken;
}

void Connection::set_no_delay(bool on) {
  on ? tcb_.set(kNoDelay) : tcb_.clear(kNoDelay);
  Step step{context_, tcb_};
  finish(step);
}

void Connection::set_keep_alive(bool on) {
  on ? tcb_.set(kKeepAliveOn) : tcb_.clear(kKeepAliveOn);
  tcb_.probes = 0;
}

void Connection::on_settings_changed() {
  if (!is_live(tcb_.state)) return;
  Step step{context_, tcb_};
  tcb_.probes = 0;
  adopt_user_timeout(step);
  finish(step);
}

bool Connection::is_in_flight(SeqNum seq) const {
  return seq.at_or_after(tcb_.snd_una) && seq.before(tcb_.snd_nxt);
}

std::uint32_t Connection::unsent_bytes() const {
  return tcp::unsent_bytes(Step{context_, tcb_});
}

std::uint32_t Connection::unacknowledged_bytes() const {
  return flight(tcb_);
}

std::uint32_t Connection::announced_window() const {
  return receive_window(tcb_);
}

milliseconds Connection::retransmit_timeout() const {
  return milliseconds{retransmit_timeout_ms(Step{context_, tcb_})};
}

void Connection::release() {
  Step{context_, tcb_}.release_cold();
}

}  // namespace weir::tcp
