// Durations, counted in cells whose width grows with the value (as HdrHistogram does): fixed memory, O(1) to record,
// any percentile to within 1/64 of its value.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <weir/base/instant.h>

namespace weir {

// One thread records; any thread may read, or merge it into a histogram of its own (it sees each cell at some recent
// moment). Values are in nanoseconds: below 0 counts as 0, beyond kLargest (73 minutes) as kLargest.
class Histogram {
 public:
  static constexpr std::uint64_t kLargest = (std::uint64_t{1} << 42) - 1;

  void record(Duration value) { record_nanoseconds(value.count() < 0 ? 0 : static_cast<std::uint64_t>(value.count())); }
  void merge(const Histogram& other);
  void clear();

  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  Duration sum() const { return as_duration(sum_.load(std::memory_order_relaxed)); }
  // Zero when nothing was recorded.
  Duration mean() const { return count() == 0 ? Duration{} : sum() / static_cast<std::int64_t>(count()); }
  Duration smallest() const {
    return count() == 0 ? Duration{} : as_duration(smallest_.load(std::memory_order_relaxed));
  }
  Duration largest() const { return as_duration(largest_.load(std::memory_order_relaxed)); }
  // The least value that `percent` (0..100) of those recorded do not exceed, rounded up to its cell's end but never
  // beyond largest(); zero when nothing was recorded.
  Duration percentile(double percent) const;
  // How many were recorded in cells that end at or before `limit`: for metrics in buckets.
  std::uint64_t count_up_to(Duration limit) const;

  // The cells one by one, for who keeps their counts.
  static constexpr std::size_t cells() { return kCells; }
  static Duration upper_end_of(std::size_t cell) { return as_duration(last_value_in(cell)); }
  std::uint64_t count_in(std::size_t cell) const { return cells_[cell].load(std::memory_order_relaxed); }

 private:
  static constexpr unsigned kSubBits = 6;  // 64 cells for each doubling
  static constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  static constexpr std::size_t kCells = (42 - kSubBits + 1) * kSub;
  using Cell = std::atomic<std::uint64_t>;

  // Values below 64 have a cell each; beyond, the highest set bit names the row and the next six the cell in it.
  static constexpr std::size_t cell_of(std::uint64_t value) {
    if (value < kSub) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kSubBits;
    return (shift + 1) * kSub + (value >> shift) - kSub;
  }
  static constexpr std::uint64_t last_value_in(std::size_t cell) {
    if (cell < kSub) return cell;
    const std::size_t shift = cell / kSub - 1;
    return ((cell % kSub + kSub + 1) << shift) - 1;
  }
  static Duration as_duration(std::uint64_t nanoseconds) { return Duration{static_cast<Duration::rep>(nanoseconds)}; }
  // Only one thread writes, so no read-modify-write instruction is needed.
  static void add(Cell& cell, std::uint64_t n) {
    cell.store(cell.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void widen(std::uint64_t low, std::uint64_t high) {
    if (low < smallest_.load(std::memory_order_relaxed)) smallest_.store(low, std::memory_order_relaxed);
    if (high > largest_.load(std::memory_order_relaxed)) largest_.store(high, std::memory_order_relaxed);
  }
  void record_nanoseconds(std::uint64_t value) {
    value = std::min(value, kLargest);
    add(cells_[cell_of(value)], 1);
    add(count_, 1);
    add(sum_, value);
    widen(value, value);
  }

  std::array<Cell, kCells> cells_{};
  Cell count_{0};
  Cell sum_{0};
  Cell smallest_{std::numeric_limits<std::uint64_t>::max()};
  Cell largest_{0};

  static_assert(kCells * sizeof(Cell) < 20'000);
};

}  // namespace weir
