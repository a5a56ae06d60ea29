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

Timestamps stamped(const Context& context, const SynCookie& cookie, const HalfOpen& record) {
  if (!record.has_timestamps) return {};
  const Timestamps plain = timestamps_of(context, record);
  return {.value = SynCookies::stamp(plain.value, cookie.timestamp_byte), .echo = plain.echo};
}

// Over the SYN.
void put_answer(Context& context, const wire::AnswerTemplate& answer, const SynCookie& cookie, const HalfOpen& record,
                Packet packet) {
  const wire::AnswerTemplate::Values values{.far = record.remote,
                                            .far_port = record.remote_port,
                                            .seq = record.iss,
                                            .ack = record.irs + 1,
                                            .timestamps = stamped(context, cookie, record)};
  emit_answer(context, answer, values, std::move(packet));
  context.counters->add(Counter::kSynCookiesSent);
}

// Into a packet of its own.
void write_answer(Context& context, const Settings& settings, const SynCookie& cookie, bool has_mss,
                  const HalfOpen& record) {
  Segment answer = syn_ack_of(context, record);
  if (!has_mss) answer.options.mss.reset();
  if (answer.options.timestamps) answer.options.timestamps = stamped(context, cookie, record);
  if (emit_syn_for_key(context, record.key(), settings, answer)) context.counters->add(Counter::kSynCookiesSent);
}

}  // namespace

void answer_with_cookie(Context& context, SynCookies& cookies, CookieAnswers& answers, const Segment& syn,
                        HalfOpen& record, Packet packet) {
  note_offer(context, syn, record);
  record.has_ecn = record.has_ecn && record.has_timestamps;
  const SynCookie cookie = cookies.make(flow_of(context, record), record.irs, options_of(record), context.now);
  record.iss = cookie.iss;
  const Settings& settings = context.profiles[record.listener];
  const bool has_mss = syn.options.mss.has_value();
  if (settings.appearance.syn_layout.count == 0) {
    const wire::AnswerTemplate& answer = answers.find(context, record, has_mss);
    if (answer.fits(packet)) return put_answer(context, answer, cookie, record, std::move(packet));
  }
  write_answer(context, settings, cookie, has_mss, record);
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
