#include "proportional_rate.h"

#include "send_queue.h"

namespace weir::tcp {

namespace {

// DeliveredData: acknowledged by this ACK, cumulatively or selectively, for the first time.
std::uint32_t delivered_now(const Step& step, const Cold& cold) {
  const std::uint32_t total = step.tcb.snd_una.since(step.news.una_before) + cold.sacked_bytes;
  return total > step.news.held_before ? total - step.news.held_before : 0;
}

std::uint32_t difference(std::uint64_t a, std::uint64_t b) {
  return a > b ? static_cast<std::uint32_t>(a - b) : 0;
}

// Above the threshold: so that both come down together.
std::uint32_t proportional(const Tcb& tcb, const ProportionalRate& rate) {
  const std::uint64_t whole = std::max(1U, rate.flight_before);
  return difference((std::uint64_t{rate.delivered} * tcb.ssthresh + whole - 1) / whole, rate.sent);
}

// At or below it: what was delivered (CRB), and a segment more while the repair goes well (SSRB).
std::uint32_t conservative(const Step& step, const ProportionalRate& rate, std::uint32_t delivered,
                           std::uint32_t in_network) {
  const bool goes_well = step.tcb.snd_una.after(step.news.una_before) && !step.news.has_lost;
  const std::uint32_t some =
      std::max(difference(rate.delivered, rate.sent), delivered) + (goes_well ? step.tcb.mss : 0);
  return std::min(some, step.tcb.ssthresh - in_network);
}

}  // namespace

void begin_proportional_rate(Step& step, Cold& cold) {
  // What was selectively acknowledged before will cause no ACK any more.
  const std::uint32_t acked = step.tcb.snd_una.since(step.news.una_before);
  cold.rate = {.flight_before = difference(std::uint64_t{flight(step.tcb)} + acked, step.news.held_before)};
}

void pace_recovery(Step& step, Cold& cold) {
  ProportionalRate& rate = cold.rate;
  const std::uint32_t delivered = delivered_now(step, cold);
  const bool is_first = rate.sent == 0;
  if (delivered == 0 && !is_first) return;
  rate.delivered += delivered;
  const std::uint32_t in_network = pipe(step);
  std::uint32_t more =
      in_network > step.tcb.ssthresh ? proportional(step.tcb, rate) : conservative(step, rate, delivered, in_network);
  if (is_first) more = std::max<std::uint32_t>(more, step.tcb.mss);  // the fast retransmission
  step.tcb.cwnd = in_network + more;
}

}  // namespace weir::tcp
