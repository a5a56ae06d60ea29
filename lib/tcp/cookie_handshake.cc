// The passive handshake without a record: SYN cookies.
#include <weir/tcp/handshake.h>

#include "half_open.h"
#include "options.h"
#include "record_output.h"

namespace weir::tcp {

namespace {

CookieFlow flow_of(const Context& context, const HalfOpen& record) {
  return {.remote = record.remote,
          .local = (*context.local)[record.local_address].address,
          .remote_port = record.remote_port,
          .local_port = record.local_port};
}

CookieOptions options_of(const HalfOpen& record) {
  return {.mss = record.mss,
          .window_scale = record.has_window_scale ? std::optional{record.snd_scale} : std::nullopt,
          .sack = record.has_sack,
          .timestamps = record.has_timestamps,
          .ecn = record.has_ecn};
}

void note_grant(const CookieOptions& options, HalfOpen& record) {
  record.mss = options.mss;
  record.has_window_scale = options.window_scale.has_value();
  record.snd_scale = options.window_scale.value_or(WindowScale{});
  record.has_sack = options.sack;
  record.has_timestamps = options.timestamps;
  record.has_ecn = options.ecn;
}

}  // namespace

void answer_with_cookie(Context& context, SynCookies& cookies, const Segment& syn, HalfOpen& record) {
  note_offer(context, syn, record);
  record.has_ecn = record.has_ecn && record.has_timestamps;
  const SynCookie cookie = cookies.make(flow_of(context, record), record.irs, options_of(record), context.now);
  record.iss = cookie.iss;
  Segment answer = syn_ack_of(context, record);
  if (!syn.options.mss) answer.options.mss.reset();
  if (auto& timestamps = answer.options.timestamps)
    timestamps->value = SynCookies::stamp(timestamps->value, cookie.timestamp_byte);
  const Settings& settings = context.profiles[record.listener];
  if (emit_syn_for_key(context, record.key(), settings, answer)) context.counters->add(Counter::kSynCookiesSent);
}

std::optional<std::uint64_t> restore_from_cookie(const Context& context, SynCookies& cookies, Segment& ack,
                                                 HalfOpen& record) {
  const Settings& settings = context.profiles[record.listener];
  auto& timestamps = ack.options.timestamps;
  const auto echo = settings.timestamps && timestamps ? std::optional{timestamps->echo} : std::nullopt;
  record.iss = ack.ack - 1;
  record.irs = ack.seq - 1;
  const auto grant = cookies.check(flow_of(context, record), record.iss, record.irs, echo, context.now);
  if (!grant) return {};
  note_grant(grant->options, record);
  record.window = ack.window;
  record.from_cookie = true;
  if (!record.has_timestamps) return grant->fingerprint;
  record.ts_recent = timestamps->value;
  // An echo of what we have not said yet is measured by nobody.
  timestamps->echo = context.tick().value + choose_timestamp_offset(context, settings, record.key()) + 1;
  return grant->fingerprint;
}

}  // namespace weir::tcp
