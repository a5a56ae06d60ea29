// What ICMP says about a connection. The host has checked that it quotes a segment in flight (RFC 5927).
#include <weir/tcp/connection.h>

#include "ending.h"
#include "options.h"
#include "path_mtu.h"
#include "retransmission.h"
#include "sender.h"

namespace weir::tcp {

namespace {

// RFC 5681 §3.1: as many segments as before, or smaller ones would leave in a larger burst.
void keep_segments_in_window(Tcb& tcb, std::uint16_t mss_before) {
  const std::uint64_t window = std::uint64_t{tcb.cwnd} * tcb.mss / mss_before;
  tcb.cwnd = std::max<std::uint32_t>(static_cast<std::uint32_t>(window), tcb.mss);
}

}  // namespace

// MUST-56 and RFC 5461: in synchronized states every error is soft. In a handshake a hard one ends it; a soft one is
// the reason given should the retries run out.
void Connection::on_icmp_error(IcmpError error) {
  if (!is_live(tcb_.state)) return;
  Step step{context_, tcb_};
  const bool is_fatal = error == IcmpError::kHard || step.settings.soft_errors_fail_connect;
  if (is_fatal && is_handshake(tcb_.state)) {
    enter_closed(step, CloseReason::kUnreachable);
    return step.release_cold_if_quiet();
  }
  tcb_.reason = CloseReason::kUnreachable;
  step.count(Counter::kSoftErrors);
  step.report(kSoftError);
}

void Connection::on_path_mtu(std::uint16_t mtu) {
  const bool is_v4 = tcb_.remote.is_v4();
  if (!is_live(tcb_.state) || mtu < (is_v4 ? 68 : 1280)) return;
  Step step{context_, tcb_};
  const std::uint16_t believed = std::max(mtu, path_mtu_min(is_v4));
  const std::uint16_t mss = effective_mss(0xffff, believed, is_v4, tcb_.has(kTimestampsOk));
  if (mss >= tcb_.mss) return;
  const std::uint16_t before = tcb_.mss;
  lower_mss(step, mss);
  if (!is_synchronized(tcb_.state)) return step.release_cold_if_quiet();
  keep_segments_in_window(tcb_, before);
  // In smaller pieces at once; no congestion is meant (RFC 1191 §6.5).
  if (Cold* cold = step.cold(); cold != nullptr && !is_all_acknowledged(tcb_)) {
    mark_all_lost(*cold);
    Sender{step}.resend_first();
  }
  Sender{step}.output();
  step.release_cold_if_quiet();
}

}  // namespace weir::tcp
