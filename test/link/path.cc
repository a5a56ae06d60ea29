#include "path.h"

#include <cmath>

namespace weir::link {

Path::Path(const PathSettings& settings, std::uint64_t seed)
    : settings_(settings), losses_(seed), lateness_(seed + 1), copies_(seed + 2), marks_(seed + 3) {}

std::optional<Arrival> Path::on_frame(Instant now, std::size_t bytes, bool is_tcp) {
  ++counts_.offered;
  const auto departure = transmit(now, bytes);
  if (!departure) return std::nullopt;
  Arrival arrival{*departure + settings_.delay};
  if (!is_tcp) return arrival;
  if (lose()) return std::nullopt;
  if (lateness_.chance(settings_.reorder_percent)) {
    arrival.due += settings_.late;
    ++counts_.late;
  }
  arrival.twice = copies_.chance(settings_.duplicate_percent);
  counts_.duplicated += arrival.twice;
  arrival.marked = marks_.chance(settings_.mark_percent);
  return arrival;
}

// When the last bit of the frame has left the queue.
std::optional<Instant> Path::transmit(Instant now, std::size_t bytes) {
  if (settings_.rate_mbit == 0) return now;
  while (!departures_.empty() && departures_.front() <= now) departures_.pop_front();
  if (departures_.size() >= settings_.queue_packets) {
    ++counts_.queue_full;
    return std::nullopt;
  }
  const Duration takes{std::llround(static_cast<double>(bytes) * 8000.0 / settings_.rate_mbit)};
  return departures_.emplace_back((departures_.empty() ? now : departures_.back()) + takes);
}

bool Path::lose() {
  const bool before = losing_;
  losing_ = settings_.burst_packets == 0 ? losses_.chance(settings_.loss_percent) : is_in_burst();
  counts_.lost += losing_;
  counts_.bursts += losing_ && !before;
  return losing_;
}

// Gilbert's model: a burst ends with probability 1/length, and begins as often as the share asks for.
bool Path::is_in_burst() {
  const double ends = 100.0 / settings_.burst_packets;
  if (losing_) return !losses_.chance(ends);
  return losses_.chance(ends * settings_.loss_percent / (100.0 - settings_.loss_percent));
}

}  // namespace weir::link
