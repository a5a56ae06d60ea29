// Time, as values that are handed in. Nothing below `run` reads a clock.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace weir {

using namespace std::chrono_literals;

// The clock's type tag only: it has no now(), so nobody can read it behind a caller's back.
struct MonotonicClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

using Duration = MonotonicClock::duration;
using Instant = MonotonicClock::time_point;

// A point in time in milliseconds modulo 2^32 (49.7 days): what compact state stores.
// Compare only points less than 24.8 days apart; there is no operator< because the order wraps.
struct Tick {
  std::uint32_t value = 0;

  static constexpr Tick at(Instant instant) {
    using std::chrono::duration_cast;
    return Tick{
        static_cast<std::uint32_t>(duration_cast<std::chrono::milliseconds>(instant.time_since_epoch()).count())};
  }
  constexpr bool before(Tick other) const { return static_cast<std::int32_t>(value - other.value) < 0; }
  constexpr bool after(Tick other) const { return other.before(*this); }
  constexpr std::uint32_t since(Tick earlier) const { return value - earlier.value; }
  constexpr Tick operator+(std::uint32_t milliseconds) const { return Tick{value + milliseconds}; }
  constexpr bool operator==(const Tick&) const = default;
};

// When `tick` begins, seen from `now`, less than 24.8 days away.
constexpr Instant instant_of(Tick tick, Instant now) {
  using std::chrono::milliseconds;
  const auto away = static_cast<std::int32_t>(tick.value - Tick::at(now).value);
  return std::chrono::floor<milliseconds>(now) + milliseconds{away};
}

}  // namespace weir
