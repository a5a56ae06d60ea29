#include <algorithm>
#include <ctime>

#include <weir/run/worker.h>

namespace weir::run {

// Short at first, twice as long each time nothing was found: a lull between two packets of a busy flow is not a quiet
// night. Other threads' wishes and packets wait for idle_sleep at most.
Duration Worker::may_sleep(Instant now) const {
  Duration longest = std::min(setup_.idle_sleep, kFirstSleep * (1U << std::min(sleeps_in_a_row_, kDoublingsMax)));
  const auto not_beyond = [&](std::optional<Instant> deadline) {
    if (deadline) longest = std::min(longest, std::max(*deadline - now, Duration::zero()));
  };
  not_beyond(host_.next_deadline());
  not_beyond(network_.next_deadline());
  if (application_ != nullptr) not_beyond(application_->next_deadline());
  return longest;
}

void Worker::sleep(Instant now) {
  const Duration length = may_sleep(now);
  if (length <= Duration::zero()) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length);
  const timespec time{seconds.count(), (length - seconds).count()};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
  metrics_.sleeps.add();
  ++sleeps_in_a_row_;
}

}  // namespace weir::run
