// How often something may happen: a token bucket that holds one second's worth, kept as one number (the generic cell
// rate algorithm, ITU-T I.371). In any time of t seconds at most rate * (t + 1) times.
#pragma once

#include <algorithm>
#include <cstdint>

#include <weir/base/instant.h>

namespace weir {

class Pace {
 public:
  Pace() = default;  // no limit
  // `per_second` of all of `shares` together, which keep pace each for itself.
  Pace(std::uint32_t per_second, std::uint32_t shares)
      : interval_(per_second == 0 ? Duration{} : Duration{(kSecond * shares + per_second - 1) / per_second}) {}

  bool is_limited() const { return interval_ != Duration{}; }
  // `booked` is until when everything before has used up: the one number, kept by the caller; long past to begin with.
  bool allows(Instant booked, Instant now) const { return booked - now <= std::max(Duration{}, 1s - interval_); }
  Instant after_one_more(Instant booked, Instant now) const { return std::max(booked, now) + interval_; }

 private:
  static constexpr Duration::rep kSecond = 1'000'000'000;
  Duration interval_{};
};

}  // namespace weir
