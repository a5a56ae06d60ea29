#include "persist.h"

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

}  // namespace

void probe_window(Step& step) {
  // MUST-37: answered probes never end the connection: every answer sets `retries` back.
  if (give_up(step, step.settings.data_retries)) return;
  step.count(Counter::kZeroWindowProbes);
  send_probe(step);
  back_off(step.tcb);
  arm_retransmit_timer(step);
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
