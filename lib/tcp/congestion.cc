#include "congestion.h"

#include "round_trip.h"

namespace weir::tcp {

namespace {

constexpr std::uint32_t kSlowStartSegmentsMax = 2;  // L of RFC 3465
constexpr std::uint32_t kWindowMax = 1U << 30;

void remember_for_undo(Step& step) {
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  cold->undo_cwnd = step.tcb.cwnd;
  cold->undo_ssthresh = step.tcb.ssthresh;
}

}  // namespace

std::uint32_t initial_window(const Step& step, unsigned syn_losses) {
  const std::uint32_t mss = step.tcb.mss;
  if (syn_losses > 0) return syn_losses == 1 ? 3 * mss : mss;
  const std::uint32_t segments = std::max<std::uint32_t>(1, step.settings.initial_window);
  return std::min(segments * mss, std::max(2 * mss, segments * 1460));
}

void grow_window(Step& step, std::uint32_t acked, bool was_limited) {
  Tcb& tcb = step.tcb;
  if (!was_limited || tcb.cwnd >= kWindowMax) return;
  const std::uint32_t mss = tcb.mss;
  if (tcb.cwnd < tcb.ssthresh) {
    tcb.cwnd += std::min(acked, kSlowStartSegmentsMax * mss);
    return;
  }
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  cold->acked_bytes += acked;
  if (cold->acked_bytes < tcb.cwnd) return;
  cold->acked_bytes -= tcb.cwnd;
  tcb.cwnd += mss;
}

std::uint32_t reduced_threshold(Step& step) {
  const Tcb& tcb = step.tcb;
  remember_for_undo(step);
  // What limited transmit added beyond cwnd does not count (RFC 3042).
  const std::uint32_t in_flight = std::min(flight(tcb), std::max(tcb.cwnd, 2U * tcb.mss));
  return std::max(in_flight / 2, 2U * tcb.mss);
}

void on_timeout_congestion(Step& step, bool is_first) {
  Tcb& tcb = step.tcb;
  if (is_first) {
    remember_for_undo(step);
    tcb.ssthresh = std::max(flight(tcb) / 2, 2U * tcb.mss);
  }
  tcb.cwnd = tcb.mss;
  if (Cold* cold = step.cold()) cold->acked_bytes = 0;
}

void undo_congestion(Step& step) {
  Cold* cold = step.cold();
  if (cold == nullptr || cold->undo_cwnd == 0) return;
  Tcb& tcb = step.tcb;
  tcb.cwnd = std::max(tcb.cwnd, std::exchange(cold->undo_cwnd, 0));
  tcb.ssthresh = std::max(tcb.ssthresh, cold->undo_ssthresh);
}

void restart_after_idle(Step& step) {
  Tcb& tcb = step.tcb;
  if (!is_all_acknowledged(tcb)) return;
  const std::uint32_t timeout = base_timeout_ms(step);
  const auto since_sent = static_cast<std::uint16_t>(step.now().value - tcb.sent_at);
  // Sixteen bits tell 65 s; a longer silence shows in the time of the last segment received.
  if (since_sent <= timeout && step.now().since(tcb.last_received) <= timeout) return;
  tcb.cwnd = std::min(tcb.cwnd, initial_window(step, 0));
}

}  // namespace weir::tcp
