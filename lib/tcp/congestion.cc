#include "congestion.h"

#include "cubic.h"
#include "hystart.h"
#include "round_trip.h"

namespace weir::tcp {

namespace {

constexpr std::uint32_t kNoThreshold = 0xffff'ffff;  // ssthresh before any congestion
// L of RFC 3465: segments that one ACK may add in slow start.
constexpr std::uint32_t kSlowStartSegments = 2;
constexpr std::uint32_t kSlowStartSegmentsPaced = 8;
constexpr std::uint32_t kConservativeDivisor = 4;  // CSS_GROWTH_DIVISOR of RFC 9406

std::uint32_t slow_start_segments(const Settings& settings) {
  if (settings.slow_start_segments != 0) return settings.slow_start_segments;
  return settings.pacing ? kSlowStartSegmentsPaced : kSlowStartSegments;
}

// nullptr: NewReno it is.
Cubic* need_cubic(Step& step) {
  if (step.settings.congestion_control != CongestionControl::kCubic) return nullptr;
  CongestionBlock* block = step.need_congestion();
  return block == nullptr ? nullptr : &block->cubic;
}

Cubic* cubic_of(const Step& step) {
  CongestionBlock* block = step.congestion();
  return block == nullptr ? nullptr : &block->cubic;
}

// HyStart++ is for the first slow start only: later ones know where to end.
std::uint32_t watch_delay(Step& step, std::uint32_t more) {
  Tcb& tcb = step.tcb;
  CongestionBlock* block = step.need_congestion();
  if (block == nullptr) return more;
  HyStartAck ack{.snd_una = tcb.snd_una, .snd_nxt = tcb.snd_nxt};
  if (step.round_trip_us != 0) ack.round_trip_us = step.round_trip_us;
  switch (hystart_on_ack(block->hystart, ack)) {
    case HyStartPhase::kSlowStart:
      return more;
    case HyStartPhase::kConservative:
      return more / kConservativeDivisor;
    default:
      step.count(Counter::kHyStartExits);
      tcb.ssthresh = tcb.cwnd;
      return 0;
  }
}

void start_slowly(Step& step, std::uint32_t acked) {
  Tcb& tcb = step.tcb;
  std::uint32_t more = std::min(acked, slow_start_segments(step.settings) * tcb.mss);
  if (tcb.ssthresh == kNoThreshold && step.settings.hystart) more = watch_delay(step, more);
  tcb.cwnd = std::min(kWindowMax, tcb.cwnd + more);
}

// RFC 5681 (3), by bytes: a segment for each window acknowledged.
void grow_as_reno(Step& step, std::uint32_t acked) {
  Tcb& tcb = step.tcb;
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  cold->acked_bytes += acked;
  if (cold->acked_bytes < tcb.cwnd) return;
  cold->acked_bytes -= tcb.cwnd;
  tcb.cwnd = std::min(kWindowMax, tcb.cwnd + tcb.mss);
}

void avoid_congestion(Step& step, std::uint32_t acked) {
  Tcb& tcb = step.tcb;
  Cubic* cubic = need_cubic(step);
  if (cubic == nullptr) return grow_as_reno(step, acked);
  tcb.cwnd = cubic_grow(
      *cubic,
      {.cwnd = tcb.cwnd, .mss = tcb.mss, .acked = acked, .round_trip_ms = tcb.srtt_us / 1000, .now = step.now()});
}

void skip_unused_time(Step& step) {
  if (Cubic* cubic = cubic_of(step)) cubic_skip(*cubic, step.now());
}

void remember_for_undo(Step& step) {
  Cold* cold = step.cold();
  if (cold == nullptr) return;
  cold->undo_cwnd = step.tcb.cwnd;
  cold->undo_ssthresh = step.tcb.ssthresh;
}

std::uint32_t reduce(Step& step, std::uint32_t in_flight) {
  Tcb& tcb = step.tcb;
  remember_for_undo(step);
  if ((tcb.ecn & kEcnOk) != 0) tcb.ecn = (tcb.ecn | kEcnReduced) & kEcnMask;
  Cubic* cubic = need_cubic(step);
  const std::uint32_t reduced = cubic == nullptr ? in_flight / 2 : cubic_reduce(*cubic, tcb.cwnd, in_flight);
  return std::max(reduced, 2U * tcb.mss);
}

}  // namespace

std::uint32_t initial_window(const Step& step, unsigned syn_losses) {
  const std::uint32_t mss = step.tcb.mss;
  if (syn_losses > 0) return syn_losses == 1 ? 3 * mss : mss;
  const std::uint32_t segments = std::max<std::uint32_t>(1, step.settings.initial_window);
  return std::min(segments * mss, std::max(2 * mss, segments * 1460));
}

void grow_window(Step& step, std::uint32_t acked, bool was_limited) {
  const Tcb& tcb = step.tcb;
  const bool is_slow_start = tcb.cwnd < tcb.ssthresh;
  if (!was_limited) return is_slow_start ? void() : skip_unused_time(step);
  is_slow_start ? start_slowly(step, acked) : avoid_congestion(step, acked);
}

std::uint32_t reduced_threshold(Step& step) {
  const Tcb& tcb = step.tcb;
  // What limited transmit added beyond cwnd does not count (RFC 3042).
  return reduce(step, std::min(flight(tcb), std::max(tcb.cwnd, 2U * tcb.mss)));
}

void reduce_for_echo(Step& step) {
  Tcb& tcb = step.tcb;
  const std::uint32_t shrunk = tcb.cwnd - tcb.cwnd / 10 * 3;
  tcb.ssthresh = reduced_threshold(step);
  tcb.cwnd = std::min(tcb.ssthresh, std::max<std::uint32_t>(tcb.mss, shrunk));
  if (Cold* cold = step.cold()) {
    cold->acked_bytes = 0;
    cold->undo_cwnd = 0;  // nothing spurious about it
  }
}

void on_timeout_congestion(Step& step, bool is_first) {
  Tcb& tcb = step.tcb;
  if (is_first) tcb.ssthresh = reduce(step, flight(tcb));
  tcb.cwnd = tcb.mss;
  if (Cold* cold = step.cold()) cold->acked_bytes = 0;
  if (Cubic* cubic = cubic_of(step)) cubic_forget(*cubic);
}

void undo_congestion(Step& step) {
  Cold* cold = step.cold();
  if (cold == nullptr || cold->undo_cwnd == 0) return;
  Tcb& tcb = step.tcb;
  const std::uint32_t before = std::exchange(cold->undo_cwnd, 0);
  Cubic* cubic = cubic_of(step);
  if (cubic != nullptr && tcb.cwnd < before) cubic_undo(*cubic);
  tcb.cwnd = std::max(tcb.cwnd, before);
  tcb.ssthresh = std::max(tcb.ssthresh, cold->undo_ssthresh);
}

bool is_idle(const Step& step) {
  const Tcb& tcb = step.tcb;
  if (!is_all_acknowledged(tcb)) return false;
  const std::uint32_t timeout = base_timeout_ms(step);
  const auto since_sent = static_cast<std::uint16_t>(step.now().value - tcb.sent_at);
  // Sixteen bits tell 65 s; a longer silence shows in the time of the last segment received.
  return since_sent > timeout || step.now().since(tcb.last_received) > timeout;
}

bool is_congestion_remembered(const Step& step) {
  const Cold* cold = step.cold();
  if (cold == nullptr || cold->congestion == kNoIndex || step.tcb.has(kFinQueued)) return false;
  const bool may_send = step.tcb.state == State::kEstablished || step.tcb.state == State::kCloseWait;
  return may_send && !is_idle(step);
}

void restart_after_idle(Step& step) {
  Tcb& tcb = step.tcb;
  if (!is_all_acknowledged(tcb)) return;
  if (!is_idle(step)) return skip_unused_time(step);
  if (CongestionBlock* block = step.congestion()) {
    cubic_end_epoch(block->cubic);
    block->hystart = {};
  }
  const std::uint32_t restart = initial_window(step, 0);
  if (tcb.cwnd <= restart) return;
  step.count(Counter::kIdleRestarts);
  // RFC 7661 §4.4.3: what the path took is where slow start ends.
  tcb.ssthresh = std::max(tcb.ssthresh, tcb.cwnd - tcb.cwnd / 4);
  tcb.cwnd = restart;
}

}  // namespace weir::tcp
