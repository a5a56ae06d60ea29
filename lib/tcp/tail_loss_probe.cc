#include "tail_loss_probe.h"

#include "congestion.h"
#include "duplicate_report.h"
#include "recovery.h"
#include "retransmission.h"
#include "scoreboard.h"
#include "sender.h"

namespace weir::tcp {

namespace {

constexpr std::uint32_t kTimeoutMsMin = 2;             // the clock's granularity, twice
constexpr std::uint32_t kPeerAckDelayUsMax = 200'000;  // what a lone segment's ACK may wait (RFC 1122: up to 500 ms)

rte_mbuf* last_sent(const Cold& cold) {
  if (cold.unsent == nullptr) return cold.send.tail();
  rte_mbuf* at = cold.send.head();
  while (PacketQueue::next(at) != cold.unsent) at = PacketQueue::next(at);
  return at;
}

bool resend_last(Step& step, Cold& cold) {
  mark_lost(step, cold, last_sent(cold));
  return Sender{step}.resend_first();
}

void reduce_window(Step& step, Cold& cold) {
  Tcb& tcb = step.tcb;
  step.count(Counter::kTailLossRecoveries);
  if (!is_past_last_recovery(tcb, cold)) return;
  tcb.ssthresh = reduced_threshold(step);
  tcb.cwnd = std::min(tcb.cwnd, tcb.ssthresh);
  cold.recover = tcb.snd_nxt;
}

}  // namespace

std::optional<std::uint32_t> probe_timeout_ms(const Step& step, const Cold& cold) {
  const Tcb& tcb = step.tcb;
  if (!tcb.has(kSackOk) || !step.settings.tail_loss_probe || tcb.snd_wnd == 0) return {};
  if (cold.probe.is_out || cold.send.is_empty() || cold.send.head() == cold.unsent) return {};
  // §7.3, second condition: or probes would keep us from noticing that the path has become longer.
  if (cold.probe.awaits_round_trip || tcb.srtt_us == 0) return {};
  if (cold.is_amiss && !is_repaired(tcb, cold)) return {};
  const bool is_lone = flight(tcb) <= tcb.mss;
  const std::uint64_t timeout_us = 2ULL * tcb.srtt_us + (is_lone ? kPeerAckDelayUsMax : 0);
  return std::max(kTimeoutMsMin, static_cast<std::uint32_t>(timeout_us / 1000 + 1));
}

void on_probe_timeout(Step& step, Cold& cold) {
  if (!probe_timeout_ms(step, cold)) return;
  const bool is_new = Sender{step}.send_probe();
  if (is_new || resend_last(step, cold)) {
    step.count(Counter::kTailLossProbes);
    cold.probe = {.end = step.tcb.snd_nxt, .is_out = true, .is_repeat = !is_new, .awaits_round_trip = true};
    cold.is_amiss = true;
  }
  arm_retransmit_timer(step);
}

void judge_probe(Step& step, Cold& cold, const Segment& ack) {
  Probe& probe = cold.probe;
  if (step.round_trip_us != 0) probe.awaits_round_trip = false;
  if (!probe.is_out || ack.ack.before(probe.end)) return;
  const auto report = duplicate_report(ack);
  const bool is_duplicate = ack.ack == step.news.una_before && ack.options.sack_count == 0 && ack.length() == 0;
  if (!probe.is_repeat || (report && report->right == probe.end)) {
    probe.is_out = false;
  } else if (ack.ack.after(probe.end)) {
    judge_silent_probe(step, cold);
  } else if (is_duplicate) {  // both copies came, from a peer that does not report duplicates
    probe.is_out = false;
  }
}

void judge_silent_probe(Step& step, Cold& cold) {
  if (!cold.probe.is_out) return;
  cold.probe.is_out = false;
  if (cold.probe.is_repeat) reduce_window(step, cold);
}

}  // namespace weir::tcp
