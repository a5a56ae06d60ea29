// SYN-RECEIVED of a passive open, on a HalfOpen record.
#include <weir/tcp/handshake.h>

#include "ecn.h"
#include "half_open.h"
#include "options.h"
#include "receive_window.h"
#include "record_output.h"

namespace weir::tcp {

namespace {

const Settings& settings_of(const Context& context, const HalfOpen& record) {
  return context.profiles[record.listener];
}

std::uint32_t timestamp_offset_of(const Context& context, const HalfOpen& record) {
  if (record.timestamp_offset != 0) return record.timestamp_offset;
  return choose_timestamp_offset(context, settings_of(context, record), record.key());
}

void send_acknowledgment(Context& context, const HalfOpen& record) {
  const Settings& settings = settings_of(context, record);
  Segment ack;
  ack.flags = kAck;
  ack.seq = record.iss + 1;
  ack.ack = record.irs + 1;
  const WindowScale scale = record.has_window_scale ? own_scale(settings) : WindowScale{};
  ack.window = WindowSize{first_window(settings).value()} >> scale;
  if (record.has_timestamps) ack.options.timestamps = timestamps_of(context, record);
  emit_for_key(context, record.key(), settings, ack);
}

void send_reset(Context& context, const HalfOpen& record, const Segment& segment) {
  Segment reset;
  reset.flags = kRst;
  reset.seq = segment.ack;
  echo_in_reset(segment, reset);
  if (emit_for_key(context, record.key(), settings_of(context, record), reset))
    context.counters->add(Counter::kResetsOut);
}

HandshakeStep challenge(Context& context, const HalfOpen& record) {
  if (take_challenge(context)) send_acknowledgment(context, record);
  return HandshakeStep::kNothing;
}

// An old or missing timestamp: answered, respectively dropped, as on a connection.
bool rejects_timestamp(Context& context, const HalfOpen& record, const Segment& segment) {
  if (!record.has_timestamps || segment.has(kRst)) return false;
  if (!segment.options.timestamps) {
    if (segment.has(kSyn) || !settings_of(context, record).drop_missing_timestamps) return false;
    return context.counters->add(Counter::kMissingTimestamp), true;
  }
  if (static_cast<std::int32_t>(segment.options.timestamps->value - record.ts_recent) >= 0) return false;
  context.counters->add(Counter::kPawsDrops);
  challenge(context, record);
  return true;
}

bool is_in_window(const Settings& settings, const HalfOpen& record, const Segment& segment) {
  const SeqNum rcv_nxt = record.irs + 1;
  const SeqNum edge = rcv_nxt + first_window(settings).value();
  if (segment.length() == 0) return segment.seq.at_or_after(rcv_nxt) && segment.seq.at_or_before(edge);
  return segment.seq.before(edge) && segment.end().after(rcv_nxt);
}

HandshakeStep on_reset(Context& context, const HalfOpen& record, const Segment& segment) {
  const SeqNum rcv_nxt = record.irs + 1;
  if (segment.seq == rcv_nxt) {
    context.counters->add(Counter::kResetsIn);
    context.counters->add(Counter::kAttemptFails);
    return HandshakeStep::kRemove;
  }
  if (segment.seq.since(rcv_nxt) < first_window(settings_of(context, record)).value())
    return challenge(context, record);
  return HandshakeStep::kNothing;
}

// RFC 9293 says back to LISTEN; what is deployed repeats the SYN-ACK, so that a forged SYN cannot end a handshake.
HandshakeStep on_syn(Context& context, HalfOpen& record, const Segment& segment) {
  const bool is_repeated = segment.seq == record.irs && !segment.has(kAck);
  if (!is_repeated) return challenge(context, record);
  // RFC 3168 §6.1.1: the peer has given up asking.
  if (!is_ecn_setup(segment)) record.has_ecn = false;
  send_syn_ack(context, record);
  return HandshakeStep::kNothing;
}

}  // namespace

Timestamps timestamps_of(const Context& context, const HalfOpen& record) {
  return {.value = context.tick().value + timestamp_offset_of(context, record), .echo = record.ts_recent};
}

void begin_handshake(Context& context, const Segment& syn, std::optional<SeqNum> iss_above, HalfOpen& record) {
  note_offer(context, syn, record);
  const FlowNumbers numbers = choose_numbers(context, settings_of(context, record), record.key(), iss_above);
  record.iss = numbers.isn;
  record.timestamp_offset = numbers.timestamp_offset;
}

void note_offer(const Context& context, const Segment& syn, HalfOpen& record) {
  const Settings& settings = settings_of(context, record);
  record.irs = syn.seq;
  record.window = syn.window;
  record.mss = peer_mss(settings, syn.options, record.remote.is_v4());
  if (syn.options.mss.value_or(0xffff) < settings.peer_mss_min) context.counters->add(Counter::kTinyMss);
  record.has_ecn = settings.ecn != EcnMode::kOff && is_ecn_setup(syn);
  record.has_sack = settings.sack && syn.options.sack_permitted;
  record.has_timestamps = settings.timestamps && syn.options.timestamps.has_value();
  record.ts_recent = record.has_timestamps ? syn.options.timestamps->value : 0;
  record.has_window_scale = settings.window_scale && syn.options.window_scale.has_value();
  record.snd_scale = syn.options.window_scale.value_or(WindowScale{});
  record.retries = 0;
}

void send_syn_ack(Context& context, HalfOpen& record) {
  emit_syn_for_key(context, record.key(), settings_of(context, record), syn_ack_of(context, record));
  record.sent_at = context.tick();
}

Segment syn_ack_of(const Context& context, const HalfOpen& record) {
  const Settings& settings = settings_of(context, record);
  const bool is_v4 = record.remote.is_v4();
  const std::uint16_t mtu = (*context.local)[record.local_address].mtu;
  Segment answer;
  answer.flags = static_cast<std::uint8_t>(kSyn | kAck | (record.has_ecn ? kEce : 0));
  answer.seq = record.iss;
  answer.ack = record.irs + 1;
  answer.window = first_window(settings);
  answer.options = syn_options(settings, mtu, is_v4, {record.has_window_scale, record.has_timestamps, record.has_sack});
  if (record.has_timestamps) answer.options.timestamps = timestamps_of(context, record);
  return answer;
}

std::uint32_t syn_ack_timeout_ms(const Context& context, const HalfOpen& record) {
  const Settings& settings = settings_of(context, record);
  const auto first = static_cast<std::uint64_t>(settings.rto_initial.count());
  const auto longest = static_cast<std::uint64_t>(settings.rto_max.count());
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(first << std::min<unsigned>(record.retries, 16), 1,
                                                              std::max<std::uint64_t>(longest, 1)));
}

HandshakeStep on_segment_when_half_open(Context& context, HalfOpen& record, const Segment& segment) {
  if (segment.has(kRst)) return on_reset(context, record, segment);
  if (rejects_timestamp(context, record, segment)) return HandshakeStep::kNothing;
  if (segment.has(kSyn)) return on_syn(context, record, segment);
  if (!is_in_window(settings_of(context, record), record, segment)) return challenge(context, record);
  if (!segment.has(kAck)) return HandshakeStep::kNothing;
  if (segment.ack != record.iss + 1) {
    send_reset(context, record, segment);
    return HandshakeStep::kNothing;
  }
  return HandshakeStep::kComplete;
}

}  // namespace weir::tcp
