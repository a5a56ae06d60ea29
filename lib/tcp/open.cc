// OPEN (RFC 9293 §3.10.1), and the step from a half-open record to a connection.
#include <weir/tcp/connection.h>

#include "establish.h"
#include "options.h"
#include "output.h"
#include "receive_window.h"
#include "retransmission.h"
#include "round_trip.h"
#include "timestamps.h"

namespace weir::tcp {

void Connection::open_active(std::optional<SeqNum> iss_above) {
  Step step{context_, tcb_};
  const FlowNumbers numbers = choose_numbers(context_, step.settings, tcb_.key(), iss_above);
  begin(step, numbers.timestamp_offset);
  step.count(Counter::kActiveOpens);
  tcb_.state = State::kSynSent;
  tcb_.snd_una = numbers.isn;
  tcb_.snd_nxt = tcb_.snd_una + 1;
  tcb_.mss =
      effective_mss(peer_mss(step.settings, {}, tcb_.remote.is_v4()), step.local().mtu, tcb_.remote.is_v4(), false);
  if (step.settings.ecn == EcnMode::kOn) tcb_.ecn = kEcnOk;
  emit_syn(step);
  arm_retransmit_timer(step);
}

void Connection::open_passive(const HalfOpen& half_open) {
  Step step{context_, tcb_};
  const bool has_offset = half_open.timestamp_offset != 0;
  begin(step, has_offset ? half_open.timestamp_offset : choose_timestamp_offset(context_, step.settings, tcb_.key()));
  step.count(Counter::kPassiveOpens);
  tcb_.set(kPassive);
  tcb_.state = State::kSynReceived;
  tcb_.snd_una = half_open.iss;
  tcb_.snd_nxt = half_open.iss + 1;
  TcpOptions agreed;  // the record's, in the form in which a SYN says them
  agreed.mss = half_open.mss;
  agreed.sack_permitted = half_open.has_sack;
  if (half_open.has_timestamps) agreed.timestamps = Timestamps{.value = half_open.ts_recent};
  if (half_open.has_window_scale) agreed.window_scale = half_open.snd_scale;
  agree(step, agreed);
  if (half_open.has_timestamps) remember_timestamp(step, half_open.ts_recent);
  tcb_.rcv_nxt = tcb_.last_ack_sent = half_open.irs + 1;
  tcb_.rcv_adv = tcb_.rcv_nxt + first_window(step.settings).value();
  tcb_.snd_wl1 = half_open.irs;
  tcb_.snd_wnd = half_open.window.value();
  tcb_.retries = half_open.retries & kRetriesMask;
  if (half_open.has_ecn) tcb_.ecn = kEcnOk;
  if (half_open.retries == 0 && !half_open.from_cookie)
    sample_round_trip(tcb_, std::max(1U, step.now().since(half_open.sent_at)) * 1000);
}

}  // namespace weir::tcp
