#include "acknowledgment.h"

#include "challenge_ack.h"
#include "ecn.h"
#include "ending.h"
#include "establish.h"
#include "output.h"
#include "persist.h"
#include "rack.h"
#include "recovery.h"
#include "retransmission.h"
#include "round_trip.h"
#include "scoreboard.h"
#include "sender.h"

namespace weir::tcp {

namespace {

std::uint32_t window_of(const Step& step, const Segment& segment) {
  return (segment.window << WindowScale{step.tcb.snd_scale}).bytes();
}

// RFC 5961 §5.2: what acknowledges more than one window back, or what was never sent, is not the peer's.
bool is_in_range(const Tcb& tcb, SeqNum ack) {
  const std::uint32_t largest_window = std::uint32_t{tcb.max_snd_wnd} << tcb.snd_scale;
  return ack.at_or_before(tcb.snd_nxt) && ack.at_or_after(tcb.snd_una - largest_window);
}

bool finish_handshake(Step& step, const Segment& segment) {
  Tcb& tcb = step.tcb;
  if (!segment.ack.after(tcb.snd_una) || segment.ack.after(tcb.snd_nxt))
    return emit_bare_reset(step, segment.ack), false;
  establish(step, segment);
  return true;
}

// In use when the last ACK came: then a larger one would have been of use (RFC 7661).
bool is_window_limited(const Step& step) {
  const Tcb& tcb = step.tcb;
  const Cold* cold = step.cold();
  if (cold != nullptr && cold->lost_bytes > 0) return true;
  const std::uint32_t in_flight = flight(tcb);
  if (in_flight + tcb.mss > tcb.cwnd || (tcb.cwnd < tcb.ssthresh && 2 * in_flight > tcb.cwnd)) return true;
  return step.settings.pacing && cold != nullptr && cold->is_paced;  // the pace follows the window
}

// RFC 3168 §6.1.2: an ACK that tells of congestion lets nothing grow.
bool is_echo(const Step& step, const Segment& segment) {
  return segment.has(kEce) && (step.tcb.ecn & kEcnOk) != 0;
}

void measure(Step& step, const AckedPackets& acked, const Segment& segment) {
  if (acked.is_timed && !acked.is_ambiguous) {
    const std::uint32_t round_trip = step.context.microseconds() - acked.sent_at_us;
    Cold& cold = *step.cold();
    if (!cold.is_amiss) {
      note_newest(cold.rack, acked.sent_at_us, round_trip, segment.ack);
      note_round_trip(cold.rack, round_trip);
    }
    step.round_trip_us = round_trip;
  } else if (const auto echo = round_trip_of_echo(step, segment)) {
    step.round_trip_us = *echo;
  } else {
    return;
  }
  sample_round_trip(step.tcb, step.round_trip_us);
}

void advance(Step& step, const Segment& segment) {
  Tcb& tcb = step.tcb;
  const bool was_limited = is_window_limited(step) && !is_echo(step, segment);
  const std::uint32_t acked = segment.ack.since(tcb.snd_una);
  AckedPackets packets;
  if (Cold* cold = step.cold()) packets = forget_acknowledged(step, *cold, segment);
  tcb.snd_una = segment.ack;
  tcb.retries = 0;
  measure(step, packets, segment);
  on_progress(step, acked, was_limited);
  restart_user_timeout(step);
  // RFC 6298 (5.2), (5.3).
  if (is_all_acknowledged(tcb)) {
    stop_retransmit_timer(step);
  } else {
    arm_retransmit_timer(step);
    step.news.has_alarm = true;
  }
}

// RFC 9293 §3.10.7.4, what an acknowledged FIN means in each state.
bool follow_acknowledged_fin(Step& step) {
  if (!is_fin_acknowledged(step.tcb)) return true;
  switch (step.tcb.state) {
    case State::kFinWait1:
      return enter_fin_wait_2(step), true;
    case State::kClosing:
      return enter_time_wait(step), false;
    case State::kLastAck:
      return enter_closed(step, CloseReason::kNormal), false;
    default:
      return true;
  }
}

}  // namespace

// What acknowledges more is newer, too, even where its text was sent before (a retransmission): the window it offers
// counts from its ACK. The one before, counted from there, would reach further than the peer ever said.
void update_window(Step& step, const Segment& segment, bool acknowledges_more) {
  Tcb& tcb = step.tcb;
  const bool is_newer = acknowledges_more || segment.seq.at_or_after(tcb.snd_wl1);
  if (!is_newer || segment.ack.before(tcb.snd_una)) return;
  const bool was_closed = tcb.snd_wnd == 0;
  tcb.snd_wl1 = SeqNum::latest(tcb.snd_wl1, segment.seq);
  tcb.snd_wnd = window_of(step, segment);
  tcb.max_snd_wnd = std::max(tcb.max_snd_wnd, segment.window.value());
  if (Cold* cold = step.cold(); was_closed && cold != nullptr && tcb.snd_wnd > 0) cold->has_zero_window = false;
  if (was_closed && tcb.snd_wnd > 0 && (is_pending(step) || !is_all_acknowledged(tcb))) resume_after_probes(step);
}

bool handle_acknowledgment(Step& step, const Segment& segment) {
  Tcb& tcb = step.tcb;
  if (tcb.state == State::kSynReceived) return finish_handshake(step, segment);
  if (!is_in_range(tcb, segment.ack)) return challenge(step), false;
  if (tcb.ecn != 0) note_congestion_marks(step, segment);
  if (segment.ack.before(tcb.snd_una)) return true;  // old: nothing to learn, but its text counts
  tcb.reason = CloseReason::kNone;                   // whatever ICMP said, the peer is there
  begin_ack(step, segment);
  const bool sacked_more = note_sacked(step, segment);
  const bool acknowledges_more = segment.ack.after(tcb.snd_una);
  if (acknowledges_more) {
    advance(step, segment);
  } else if (is_duplicate_ack(tcb, segment, window_of(step, segment), sacked_more)) {
    on_duplicate_ack(step);
  }
  if (tcb.snd_wnd == 0) tcb.retries = 0;  // an answered probe: MUST-37
  update_window(step, segment, acknowledges_more);
  end_ack(step, segment);
  return follow_acknowledged_fin(step);
}

}  // namespace weir::tcp
