#include "establish.h"

#include "acknowledgment.h"
#include "challenge_ack.h"
#include "congestion.h"
#include "options.h"
#include "retransmission.h"
#include "round_trip.h"

#include <weir/tcp/handshake.h>

namespace weir::tcp {

namespace {

// The only SYN sent, or one told by its timestamp (Karn).
void measure_handshake(Step& step, const Segment& segment) {
  Tcb& tcb = step.tcb;
  if (const auto echo = round_trip_of_echo(step, segment)) return sample_round_trip(tcb, *echo);
  if (tcb.retries > 0) {
    const auto timeout = static_cast<std::uint32_t>(step.settings.rto_after_lost_syn.count());  // RFC 6298 (5.7)
    if (base_timeout_ms(step) < timeout) tcb.rttvar_us = timeout * 1000 / 4;
    return;
  }
  if (!tcb.has(kRetransmitArmed)) return;
  const Tick sent_at = tcb.retransmit_at + (0U - retransmit_timeout_ms(step));
  sample_round_trip(tcb, std::max(1U, step.now().since(sent_at)) * 1000);
}

}  // namespace

void begin(Step& step, std::uint32_t timestamp_offset) {
  Tcb& tcb = step.tcb;
  if (!step.settings.nagle) tcb.set(kNoDelay);
  if (step.settings.keepalive) tcb.set(kKeepAliveOn);
  tcb.quick_acks = step.settings.quick_acks & 0xf;
  tcb.ts_offset = timestamp_offset;
  tcb.last_received = step.now();
  tcb.sent_at = static_cast<std::uint16_t>(step.now().value);
  allow_challenges(step);
}

void establish(Step& step, const Segment& segment) {
  Tcb& tcb = step.tcb;
  if (tcb.srtt_us == 0) measure_handshake(step, segment);
  const unsigned syn_losses = tcb.retries;
  tcb.snd_una = segment.ack;
  tcb.state = State::kEstablished;
  tcb.reason = CloseReason::kNone;
  tcb.retries = tcb.backoff = 0;
  tcb.cwnd = initial_window(step, syn_losses);
  restart_user_timeout(step);
  stop_retransmit_timer(step);
  // The window of a SYN is never scaled; max_snd_wnd counts in scaled units.
  const WindowScale scale{segment.has(kSyn) ? 0U : tcb.snd_scale};
  tcb.snd_wnd = (segment.window << scale).bytes();
  tcb.max_snd_wnd = static_cast<std::uint16_t>(tcb.snd_wnd >> tcb.snd_scale);
  tcb.snd_wl1 = segment.seq;
  step.count(Counter::kEstablished);
  if (!tcb.has(kPassive)) step.raise(kOpened);
  if (tcb.has(kFinQueued)) begin_close(step);
}

void begin_close(Step& step) {
  Tcb& tcb = step.tcb;
  tcb.set(kFinQueued);
  if (tcb.state == State::kEstablished) tcb.state = State::kFinWait1;
  if (tcb.state == State::kCloseWait) tcb.state = State::kLastAck;
}

}  // namespace weir::tcp
