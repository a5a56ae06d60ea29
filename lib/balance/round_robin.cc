#include <weir/balance/scheduler.h>

namespace weir::balance {

RoundRobin::RoundRobin(std::span<const SharedBackend> backends, unsigned worker)
    : backends_(backends), credit_(backends.size(), 0) {
  for (unsigned i = 0; i < worker; ++i) static_cast<void>(choose({}));
}

// Everyone earns its weight; the richest is chosen and pays what all have earned.
std::optional<std::uint16_t> RoundRobin::choose(const Request& request) {
  std::optional<std::uint16_t> best;
  std::int32_t earned = 0;
  for (std::size_t i = 0; i < backends_.size(); ++i) {
    if (!backends_[i].is_usable() || request.was_tried(i)) continue;
    const std::int32_t weight = backends_[i].weight();
    earned += weight;
    credit_[i] += weight;
    if (!best || credit_[i] > credit_[*best]) best = static_cast<std::uint16_t>(i);
  }
  if (best) credit_[*best] -= earned;
  return best;
}

}  // namespace weir::balance
