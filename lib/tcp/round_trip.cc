#include "round_trip.h"

#include "timestamps.h"

namespace weir::tcp {

namespace {

constexpr std::uint32_t kClockGranularityUs = 1000;       // G of RFC 6298: timers tick in milliseconds
constexpr std::uint32_t kRoundTripUsMax = 1'800'000'000;  // what is longer is not a round trip
constexpr unsigned kBackOffMax = 15;

}  // namespace

void sample_round_trip(Tcb& tcb, std::uint32_t microseconds) {
  const std::uint32_t r = std::clamp(microseconds, 1U, kRoundTripUsMax);
  tcb.backoff = 0;
  if (tcb.srtt_us == 0) {
    tcb.srtt_us = r;
    tcb.rttvar_us = r / 2;
    return;
  }
  const std::uint32_t distance = tcb.srtt_us > r ? tcb.srtt_us - r : r - tcb.srtt_us;
  tcb.rttvar_us = tcb.rttvar_us - tcb.rttvar_us / 4 + distance / 4;
  tcb.srtt_us = std::max(1U, tcb.srtt_us - tcb.srtt_us / 8 + r / 8);
}

std::optional<std::uint32_t> round_trip_of_echo(const Step& step, const Segment& segment) {
  if (!step.tcb.has(kTimestampsOk) || !segment.options.timestamps) return {};
  const std::uint32_t elapsed_ms = own_timestamp(step) - segment.options.timestamps->echo;
  if (elapsed_ms > kRoundTripUsMax / 1000) return {};
  return std::max(1U, elapsed_ms) * 1000;
}

std::uint32_t base_timeout_ms(const Step& step) {
  const Tcb& tcb = step.tcb;
  const auto ms = [](milliseconds value) { return static_cast<std::uint64_t>(value.count()); };
  std::uint64_t timeout = ms(step.settings.rto_initial);
  if (tcb.srtt_us != 0) {
    const std::uint64_t spread = std::max<std::uint64_t>(kClockGranularityUs, 4ULL * tcb.rttvar_us);
    timeout = (tcb.srtt_us + spread + 999) / 1000;
  } else if (tcb.rttvar_us != 0) {
    timeout = 4ULL * tcb.rttvar_us / 1000;
  }
  const std::uint64_t low = ms(step.settings.rto_min);
  return static_cast<std::uint32_t>(std::clamp(timeout, low, std::max(low, ms(step.settings.rto_max))));
}

std::uint32_t retransmit_timeout_ms(const Step& step) {
  const auto longest = static_cast<std::uint64_t>(step.settings.rto_max.count());
  const std::uint64_t doubled = std::uint64_t{base_timeout_ms(step)} << step.tcb.backoff;
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, std::min(doubled, longest)));
}

void back_off(Tcb& tcb) {
  if (tcb.backoff < kBackOffMax) ++tcb.backoff;
}

}  // namespace weir::tcp
