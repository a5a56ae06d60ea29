#include "persist.h"

#include "ending.h"
#include "packets_low.h"
#include "retransmission.h"
#include "round_trip.h"
#include "sender.h"

namespace weir::tcp {

namespace {

// SHLD-29, SHLD-30: what lies at the edge, once more; else the next byte, or an old one.
void send_probe(Step& step) {
  Tcb& tcb = step.tcb;
  Cold* cold = step.cold();
  if (!is_all_acknowledged(tcb)) {
    if (cold != nullptr) mark_all_lost(*cold);
    Sender{step}.resend_first();
  } else if (step.settings.probe_with_data) {
    Sender{step}.send_beyond_window();
  } else {
    emit_control(step, tcb.snd_una - 1, kAck);
  }
}

// One packet that is not followed by a FIN in flight.
bool is_lone_probe(const Step& step, const Cold& cold) {
  const rte_mbuf* head = cold.send.head();
  return head != nullptr && head != cold.unsent && flight(step.tcb) == head->data_len;
}

// RFC 6429: a closed window is no reason to hold memory for ever.
bool is_closed_too_long(Step& step) {
  Cold* cold = step.need_cold();
  if (cold == nullptr) return false;
  if (!cold->has_zero_window) {
    cold->has_zero_window = true;
    cold->zero_window_since = step.now();
    return false;
  }
  const auto closed = static_cast<std::int64_t>(step.now().since(cold->zero_window_since));
  const auto is_over = [closed](milliseconds limit) { return limit.count() > 0 && closed >= limit.count(); };
  if (is_over(step.settings.zero_window_limit)) return true;
  return is_over(step.settings.zero_window_limit_pressed) && step.context.packets->is_low(kReserveShare);
}

}  // namespace

void probe_window(Step& step) {
  if (is_closed_too_long(step)) {
    step.count(Counter::kZeroWindowsGivenUp);
    return abort_connection(step, CloseReason::kTimeout);
  }
  // MUST-37: answered probes never end the connection: every answer sets `retries` back.
  if (give_up(step, step.settings.data_retries)) return;
  step.count(Counter::kZeroWindowProbes);
  send_probe(step);
  back_off(step.tcb);
  const auto longest = static_cast<std::uint32_t>(step.settings.persist_max.count());
  start_user_timeout(step);
  arm_retransmit_timer(step, std::min(retransmit_timeout_ms(step), longest));
}

void resume_after_probes(Step& step) {
  Tcb& tcb = step.tcb;
  tcb.retries = 0;
  tcb.backoff = 0;
  stop_retransmit_timer(step);
  Cold* cold = step.cold();
  if (cold != nullptr && is_lone_probe(step, *cold)) {
    // As if never sent: the byte goes in one segment with what follows it.
    cold->sacked_bytes = cold->lost_bytes = 0;
    cold->lost_hint = nullptr;
    cold->unsent = cold->send.head();
    PacketQueue::meta(cold->unsent).flags = kPacketRetransmitted;  // Karn: which copy is answered, nobody knows
    tcb.snd_nxt = tcb.snd_una;
  } else if (!is_all_acknowledged(tcb)) {
    if (cold != nullptr) mark_all_lost(*cold);
    Sender{step}.resend_first();
  }
  Sender{step}.output(true);
}

}  // namespace weir::tcp
