#include <weir/load/distribution.h>

#include <cmath>

namespace weir::load {

void Distribution::add(const Histogram& histogram) {
  counts_.resize(Histogram::cells());
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const std::uint64_t in_cell = histogram.count_in(i);
    counts_[i] += in_cell;
    count_ += in_cell;  // of the cells, so that they agree while somebody records
  }
  sum_ns_ += histogram.sum().count();
}

Distribution Distribution::since(const Distribution& earlier) const {
  Distribution result = *this;
  for (std::size_t i = 0; i < earlier.counts_.size() && i < counts_.size(); ++i)
    result.counts_[i] -= earlier.counts_[i];
  result.count_ -= earlier.count_;
  result.sum_ns_ -= earlier.sum_ns_;
  return result;
}

Duration Distribution::mean() const {
  return count_ == 0 ? Duration{} : Duration{sum_ns_ / static_cast<std::int64_t>(count_)};
}

Duration Distribution::percentile(double percent) const {
  if (count_ == 0) return {};
  const double share = std::clamp(percent, 0.0, 100.0) / 100.0;
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted) return Histogram::upper_end_of(i);
  }
  return largest();
}

Duration Distribution::smallest() const {
  return percentile(0);
}

Duration Distribution::largest() const {
  for (std::size_t i = counts_.size(); i-- > 0;)
    if (counts_[i] != 0) return Histogram::upper_end_of(i);
  return {};
}

std::vector<Distribution::Cell> Distribution::cells() const {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] != 0) cells.push_back({Histogram::upper_end_of(i), counts_[i]});
  return cells;
}

}  // namespace weir::load
