#include <weir/tcp/time_wait.h>

#include <weir/tcp/handshake.h>

#include "options.h"
#include "record_output.h"

namespace weir::tcp {

namespace {

bool is_newer(std::uint32_t value, std::uint32_t than) {
  return static_cast<std::int32_t>(value - than) > 0;
}

// RFC 6191 §2; without timestamps RFC 9293 §3.6.1 (MAY-2): a sequence number beyond the last one used, the FIN's.
bool is_new_incarnation(const TimeWait& record, const Settings& settings, const Segment& syn) {
  if (settings.timestamps && syn.options.timestamps) {
    const std::uint32_t value = syn.options.timestamps->value;
    if (!record.has_timestamps) return true;
    if (value != record.ts_recent) return is_newer(value, record.ts_recent);
  }
  return syn.seq.at_or_after(record.rcv_nxt);
}

// The window is of no use to a peer that has closed: 0.
void send_acknowledgment(Context& context, const TimeWait& record, const Settings& settings) {
  Segment ack;
  ack.flags = kAck;
  ack.seq = record.snd_nxt;
  ack.ack = record.rcv_nxt;
  if (record.has_timestamps) {
    const std::uint32_t value = context.tick().value + choose_timestamp_offset(context, settings, record.key);
    ack.options.timestamps = Timestamps{.value = value, .echo = record.ts_recent};
  }
  emit_for_key(context, record.key, settings, ack);
}

TimeWaitStep on_reset(Context& context, const TimeWait& record, const Settings& settings, const Segment& segment) {
  const bool is_believed = !settings.rfc1337 && segment.seq == record.rcv_nxt;
  if (is_believed) return TimeWaitStep::kRemove;
  context.counters->add(Counter::kTimeWaitResets);
  return TimeWaitStep::kNothing;
}

bool is_old(const TimeWait& record, const Segment& segment) {
  return record.has_timestamps && segment.options.timestamps &&
         is_newer(record.ts_recent, segment.options.timestamps->value);
}

}  // namespace

TimeWaitStep on_segment_in_time_wait(Context& context, const TimeWait& record, const Settings& settings,
                                     const Segment& segment) {
  if (segment.has(kRst)) return on_reset(context, record, settings, segment);
  const bool is_opening = segment.has(kSyn) && !segment.has(kAck) && !segment.has(kFin);
  if (is_opening && is_new_incarnation(record, settings, segment)) return TimeWaitStep::kReuse;
  const bool is_repeated_fin = segment.has(kFin) && segment.end() == record.rcv_nxt && !is_old(record, segment);
  if (is_repeated_fin && segment.has(kAck)) {
    send_acknowledgment(context, record, settings);
    return TimeWaitStep::kRestart;
  }
  const bool is_silent_ack = segment.length() == 0 && segment.has(kAck) && segment.seq == record.rcv_nxt &&
                             segment.ack.at_or_before(record.snd_nxt);
  if (is_silent_ack) return TimeWaitStep::kNothing;
  // Text and FIN are repeated until answered; the rest is limited, so that two ends cannot exchange ACKs for ever.
  const bool is_repeated = segment.length() > 0 && !segment.has(kSyn);
  if (is_repeated || take_challenge(context)) send_acknowledgment(context, record, settings);
  return TimeWaitStep::kNothing;
}

}  // namespace weir::tcp
