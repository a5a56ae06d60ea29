// Segments where there is no Tcb: half-open records, TIME_WAIT records, and no state at all.
#pragma once

#include <weir/flow/flow_key.h>
#include <weir/tcp/context.h>
#include <weir/wire/answer_template.h>
#include <weir/wire/build.h>
#include <weir/wire/segment.h>

namespace weir::tcp {

// Of a packet from `key`'s local end to its remote end.
wire::Path path_of(const Context& context, const FlowKey& key, const Settings& settings);
// From `key`'s local end to its remote end. False, counted, when packets ran out.
bool emit_for_key(Context& context, const FlowKey& key, const Settings& settings, const Segment& segment);
// A SYN-ACK: its options stand as the settings say.
bool emit_syn_for_key(Context& context, const FlowKey& key, const Settings& settings, const Segment& segment);
// In the place of the packet that asked for it, which the answer fits.
void emit_answer(Context& context, const wire::AnswerTemplate& answer, const wire::AnswerTemplate::Values& values,
                 Packet packet);
// RFC 7323 §5.2: a RST that answers a segment with timestamps echoes them.
void echo_in_reset(const Segment& cause, Segment& reset);
// Takes one from the core's budget of challenge ACKs; false, counted, when it is used up.
bool take_challenge(Context& context);

}  // namespace weir::tcp
