#include "output.h"

#include <cstring>

#include <weir/wire/build.h>

#include "ecn.h"
#include "options.h"
#include "pacing.h"
#include "receive_window.h"
#include "sack_report.h"
#include "timestamps.h"
#include "urgent.h"

namespace weir::tcp {

namespace {

wire::Path path_of(const Step& step, Ecn ecn) {
  return {.source = step.local().address,
          .destination = step.tcb.remote,
          .source_port = step.tcb.local_port,
          .destination_port = step.tcb.remote_port,
          .ttl = step.settings.ttl,
          .dscp = step.settings.dscp,
          .ecn = ecn};
}

Packet allocate(Step& step) {
  Packet packet = step.context.packets->allocate();
  if (!packet) step.count(Counter::kNoPackets);
  return packet;
}

Timestamps current_timestamps(const Step& step, bool has_ack) {
  return {.value = own_timestamp(step), .echo = has_ack ? step.tcb.ts_recent : 0};
}

// What every segment after the SYN carries.
Segment compose(Step& step, SeqNum seq, std::uint8_t flags) {
  Segment segment;
  segment.seq = seq;
  segment.flags = flags;
  const bool has_ack = segment.has(kAck);
  if (has_ack) segment.ack = step.tcb.rcv_nxt;
  if (step.tcb.has(kTimestampsOk)) segment.options.timestamps = current_timestamps(step, has_ack);
  if (segment.has(kRst)) return segment;
  if (has_ack && (step.tcb.ecn & kEcnEcho) != 0) segment.flags = static_cast<std::uint8_t>(segment.flags | kEce);
  segment.window = announce_window(step);
  if (has_ack) report_blocks(step, segment.options);
  return segment;
}

void note_acknowledged(Step& step) {
  step.tcb.last_ack_sent = step.tcb.rcv_nxt;
  step.tcb.clear(kAckNow);
  step.tcb.clear(kAckDelayed);
  step.duplicate.reset();
}

bool hand_over(Step& step, Packet packet, const Segment& segment) {
  step.context.out->push(std::move(packet));
  step.count(Counter::kSegmentsOut);
  if (segment.has(kAck)) note_acknowledged(step);
  return true;
}

// False when the headers did not fit: cannot happen with packets from our own pool.
bool transmit(Step& step, Packet packet, const Segment& segment) {
  if (!wire::write_tcp(packet, path_of(step, segment.ecn), segment)) return step.count(Counter::kNoPackets), false;
  return hand_over(step, std::move(packet), segment);
}

bool transmit_syn(Step& step, Packet packet, const Segment& segment) {
  const wire::OptionLayout& layout = step.settings.appearance.syn_layout;
  if (!wire::write_tcp(packet, path_of(step, Ecn::kNotEct), segment, layout))
    return step.count(Counter::kNoPackets), false;
  return hand_over(step, std::move(packet), segment);
}

bool append_piece(Step& step, Packet& packet, rte_mbuf* piece) {
  const std::uint16_t length = piece->data_len;
  if (length <= kCopyMax && !packet.is_chain()) {
    if (std::uint8_t* into = packet.append(length)) {
      std::memcpy(into, rte_pktmbuf_mtod(piece, const std::uint8_t*), length);
      return true;
    }
  }
  Packet reference = step.context.packets->reference(piece, 0, length);
  if (!reference) return step.count(Counter::kNoPackets), false;
  packet.append_chain(std::move(reference));
  return true;
}

Offer current_offer(const Step& step) {
  if (step.tcb.state == State::kSynReceived)
    return {step.tcb.has(kWindowScaleOk), step.tcb.has(kTimestampsOk), step.tcb.has(kSackOk)};
  return {step.settings.window_scale, step.settings.timestamps, step.settings.sack};
}

}  // namespace

void emit_syn(Step& step) {
  const bool is_answer = step.tcb.state == State::kSynReceived;
  Segment segment;
  segment.seq = step.tcb.snd_una;
  segment.flags = static_cast<std::uint8_t>((is_answer ? kSyn | kAck : kSyn) | ecn_setup_flags(step));
  if (is_answer) segment.ack = step.tcb.rcv_nxt;
  segment.window = first_window(step.settings);  // never scaled in a SYN
  segment.options = syn_options(step.settings, step.local().mtu, step.tcb.remote.is_v4(), current_offer(step));
  if (segment.options.timestamps) segment.options.timestamps = current_timestamps(step, is_answer);
  if (Packet packet = allocate(step)) transmit_syn(step, std::move(packet), segment);
}

void emit_control(Step& step, SeqNum seq, std::uint8_t flags) {
  Packet packet = allocate(step);
  if (!packet) return step.tcb.clear(kAckNow);  // as if lost: the peer asks again
  transmit(step, std::move(packet), compose(step, seq, flags));
}

void emit_reset(Step& step) {
  emit_control(step, step.tcb.snd_nxt, kRst | kAck);
  step.count(Counter::kResetsOut);
}

void emit_bare_reset(Step& step, SeqNum seq) {
  emit_control(step, seq, kRst);
  step.count(Counter::kResetsOut);
}

bool emit_text(Step& step, const Run& run, std::uint8_t flags, Ecn ecn) {
  Packet packet = allocate(step);
  if (!packet) return false;
  rte_mbuf* piece = run.first;
  for (unsigned i = 0; i < run.count; ++i, piece = PacketQueue::next(piece))
    if (!append_piece(step, packet, piece)) return false;
  const SeqNum seq = PacketQueue::meta(run.first).seq;
  Segment segment = compose(step, seq, flags);
  segment.ecn = ecn;
  if (Cold& cold = *step.cold(); cold.has_snd_up) point_at_urgent(step, cold, segment);
  if (!transmit(step, std::move(packet), segment)) return false;
  step.count(Counter::kBytesOut, run.length);
  if (step.settings.pacing) note_paced(step, run.length);
  return true;
}

std::uint32_t payload_max(const Step& step) {
  const bool has_blocks = step.duplicate || (step.cold() != nullptr && !step.cold()->out_of_order.is_empty());
  if (!has_blocks) return step.tcb.mss;
  TcpOptions options;
  report_blocks(step, options);
  const std::uint32_t length = wire::tcp_options_length(options);
  return step.tcb.mss > length ? step.tcb.mss - length : 1;
}

}  // namespace weir::tcp
