#include <weir/base/histogram.h>

#include <cmath>

namespace weir {

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kCells; ++i) add(cells_[i], other.cells_[i].load(std::memory_order_relaxed));
  add(count_, other.count());
  add(sum_, other.sum_.load(std::memory_order_relaxed));
  widen(other.smallest_.load(std::memory_order_relaxed), other.largest_.load(std::memory_order_relaxed));
}

void Histogram::clear() {
  for (Cell& cell : cells_) cell.store(0, std::memory_order_relaxed);
  count_.store(0, std::memory_order_relaxed);
  sum_.store(0, std::memory_order_relaxed);
  smallest_.store(std::numeric_limits<std::uint64_t>::max(), std::memory_order_relaxed);
  largest_.store(0, std::memory_order_relaxed);
}

Duration Histogram::percentile(double percent) const {
  const double share = std::clamp(percent, 0.0, 100.0) / 100.0;
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count()))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    seen += cells_[i].load(std::memory_order_relaxed);
    if (seen >= wanted) return std::min(as_duration(last_value_in(i)), largest());
  }
  return largest();
}

std::uint64_t Histogram::count_up_to(Duration limit) const {
  if (limit.count() < 0) return 0;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kCells && last_value_in(i) <= static_cast<std::uint64_t>(limit.count()); ++i) {
    seen += cells_[i].load(std::memory_order_relaxed);
  }
  return seen;
}

}  // namespace weir
