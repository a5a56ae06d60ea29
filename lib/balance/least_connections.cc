#include <weir/balance/scheduler.h>

namespace weir::balance {
namespace {

// (open + 1) / weight, compared without dividing.
bool is_lighter(const SharedBackend& a, const SharedBackend& b) {
  return (std::uint64_t{a.open()} + 1) * b.weight() < (std::uint64_t{b.open()} + 1) * a.weight();
}

}  // namespace

LeastConnections::LeastConnections(std::span<const SharedBackend> backends, unsigned worker)
    : backends_(backends), start_(worker) {}

std::optional<std::uint16_t> LeastConnections::choose(const Request& request) {
  std::optional<std::uint16_t> best;
  const std::size_t count = backends_.size();
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t i = (start_ + k) % count;
    if (!backends_[i].is_usable() || request.was_tried(i)) continue;
    if (!best || is_lighter(backends_[i], backends_[*best])) best = static_cast<std::uint16_t>(i);
  }
  if (best) start_ = *best + 1u;
  return best;
}

}  // namespace weir::balance
