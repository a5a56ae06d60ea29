#include <weir/run/clock.h>

#include <ctime>

namespace weir::run {

namespace {

Duration read(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

}  // namespace

Instant monotonic_now() {
  return Instant{read(CLOCK_MONOTONIC)};
}

Duration realtime_ahead() {
  return read(CLOCK_REALTIME) - read(CLOCK_MONOTONIC);
}

}  // namespace weir::run
