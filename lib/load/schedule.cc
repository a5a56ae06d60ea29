#include <weir/load/schedule.h>

#include <cmath>

namespace weir::load {

void Schedule::change(Instant begin, double rate, Duration ramp_up) {
  begin_ = begin;
  rate_ = rate;
  ramp_ = std::chrono::duration<double>(ramp_up).count();
  taken_ = 0;
  next_ = begin + Duration{static_cast<Duration::rep>(seconds_of(1) * 1e9)};
}

// While the rate grows evenly the number grows with the square of time.
double Schedule::starts_until(double seconds) const {
  if (seconds <= 0) return 0;
  if (seconds < ramp_) return rate_ * seconds * seconds / (2 * ramp_);
  return rate_ * (seconds - ramp_ / 2);
}

double Schedule::seconds_of(double start) const {
  const double in_ramp = rate_ * ramp_ / 2;
  if (start < in_ramp) return std::sqrt(2 * ramp_ * start / rate_);
  return ramp_ + (start - in_ramp) / rate_;
}

std::uint64_t Schedule::due(Instant now) const {
  if (!is_running() || now < next_) return 0;
  const double elapsed = std::chrono::duration<double>(now - begin_).count();
  const auto until_now = static_cast<std::uint64_t>(starts_until(elapsed));
  return until_now > taken_ ? until_now - taken_ : 1;  // `next_` has come, whatever rounding says
}

void Schedule::take(std::uint64_t count) {
  taken_ += count;
  next_ = begin_ + Duration{static_cast<Duration::rep>(seconds_of(static_cast<double>(taken_ + 1)) * 1e9)};
}

}  // namespace weir::load
