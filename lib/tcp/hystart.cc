#include "hystart.h"

#include <algorithm>

namespace weir::tcp {

namespace {

// RFC 9406 §4.3.
constexpr std::uint32_t kThresholdUsMin = 4'000;
constexpr std::uint32_t kThresholdUsMax = 16'000;
constexpr std::uint32_t kRoundTripDivisor = 8;
constexpr std::uint8_t kSamplesMin = 8;
constexpr std::uint8_t kConservativeRounds = 5;

bool is_conservative(const HyStart& hystart) {
  return hystart.css_baseline != HyStart::kNone;
}

void start_round(HyStart& hystart, SeqNum snd_nxt) {
  hystart.last_round_min = hystart.round_min;
  hystart.round_min = HyStart::kNone;
  hystart.samples = 0;
  hystart.round_end = snd_nxt;
  hystart.runs = true;
}

void take_sample(HyStart& hystart, std::uint32_t round_trip_us) {
  hystart.round_min = std::min(hystart.round_min, round_trip_us);
  if (hystart.samples < kSamplesMin) ++hystart.samples;
}

bool is_delay_growing(const HyStart& hystart) {
  if (hystart.last_round_min == HyStart::kNone) return false;
  const std::uint32_t threshold =
      std::clamp(hystart.last_round_min / kRoundTripDivisor, kThresholdUsMin, kThresholdUsMax);
  return hystart.round_min >= hystart.last_round_min + threshold;
}

void judge(HyStart& hystart) {
  if (hystart.samples < kSamplesMin) return;
  if (!is_conservative(hystart)) {
    if (!is_delay_growing(hystart)) return;
    hystart.css_baseline = hystart.round_min;
    hystart.css_rounds = 0;
  } else if (hystart.round_min < hystart.css_baseline) {
    hystart.css_baseline = HyStart::kNone;  // the delay was a passing one
  }
}

}  // namespace

HyStartPhase hystart_on_ack(HyStart& hystart, const HyStartAck& ack) {
  if (!hystart.runs) start_round(hystart, ack.snd_nxt);
  if (ack.round_trip_us) take_sample(hystart, *ack.round_trip_us);
  judge(hystart);
  if (ack.snd_una.at_or_after(hystart.round_end)) {
    start_round(hystart, ack.snd_nxt);
    // The round in which it began counts, though only a part of it.
    if (is_conservative(hystart) && ++hystart.css_rounds >= kConservativeRounds) return HyStartPhase::kDone;
  }
  return is_conservative(hystart) ? HyStartPhase::kConservative : HyStartPhase::kSlowStart;
}

}  // namespace weir::tcp
