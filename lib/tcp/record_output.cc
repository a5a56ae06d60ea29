#include "record_output.h"

#include <weir/tcp/handshake.h>
#include <weir/wire/build.h>
#include <weir/wire/precedence.h>

namespace weir::tcp {

namespace {

bool emit(Context& context, const wire::Path& path, const Segment& segment, const wire::OptionLayout& layout = {},
          bool is_expendable = false) {
  Packet packet = context.packets->allocate();
  if (!packet || !wire::write_tcp(packet, path, segment, layout))
    return context.counters->add(Counter::kNoPackets), false;
  if (is_expendable) wire::mark_expendable(packet.get());
  context.out->push(std::move(packet));
  context.counters->add(Counter::kSegmentsOut);
  return true;
}

}  // namespace

wire::Path path_of(const Context& context, const FlowKey& key, const Settings& settings) {
  return {.source = (*context.local)[key.local_address].address,
          .destination = key.remote,
          .source_port = key.local_port,
          .destination_port = key.remote_port,
          .ttl = settings.ttl,
          .dscp = settings.dscp};
}

bool emit_for_key(Context& context, const FlowKey& key, const Settings& settings, const Segment& segment) {
  return emit(context, path_of(context, key, settings), segment);
}

bool emit_syn_for_key(Context& context, const FlowKey& key, const Settings& settings, const Segment& segment) {
  return emit(context, path_of(context, key, settings), segment, settings.appearance.syn_layout, true);
}

void emit_answer(Context& context, const wire::AnswerTemplate& answer, const wire::AnswerTemplate::Values& values,
                 Packet packet) {
  answer.put(packet, values);
  wire::mark_expendable(packet.get());
  context.out->push(std::move(packet));
  context.counters->add(Counter::kSegmentsOut);
}

bool take_challenge(Context& context) {
  if (context.challenge_budget == 0) return context.counters->add(Counter::kChallengeAcksLimited), false;
  --context.challenge_budget;
  context.counters->add(Counter::kChallengeAcks);
  return true;
}

void echo_in_reset(const Segment& cause, Segment& reset) {
  if (cause.options.timestamps)
    reset.options.timestamps = Timestamps{.value = 0, .echo = cause.options.timestamps->value};
}

// RFC 9293 §3.10.7.1.
void send_reset_for(Context& context, const IpHeader& ip, const Segment& segment) {
  if (segment.has(kRst)) return;
  Segment reset;
  if (segment.has(kAck)) {
    reset.flags = kRst;
    reset.seq = segment.ack;
  } else {
    reset.flags = kRst | kAck;
    reset.ack = segment.end();
  }
  echo_in_reset(segment, reset);
  const wire::Path path{.source = ip.destination,
                        .destination = ip.source,
                        .source_port = segment.destination_port,
                        .destination_port = segment.source_port,
                        .ttl = context.profiles[0].ttl};
  if (emit(context, path, reset, {}, true)) context.counters->add(Counter::kResetsOut);
}

}  // namespace weir::tcp
