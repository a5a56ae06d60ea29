// The state of histograms at one moment, and the difference of two such: what was recorded between them.
#pragma once

#include <cstdint>
#include <vector>

#include <weir/base/histogram.h>

namespace weir::load {

class Distribution {
 public:
  struct Cell {
    Duration upper;  // values in it are at most this
    std::uint64_t count;
  };

  void add(const Histogram& histogram);
  Distribution since(const Distribution& earlier) const;

  std::uint64_t count() const { return count_; }
  Duration mean() const;
  // As Histogram::percentile(), to within a cell; zero when empty.
  Duration percentile(double percent) const;
  Duration smallest() const;  // to within a cell: its upper end
  Duration largest() const;
  std::vector<Cell> cells() const;  // those that hold something, in rising order

 private:
  std::vector<std::uint64_t> counts_;  // by Histogram's cell; empty while nothing was added
  std::uint64_t count_ = 0;
  std::int64_t sum_ns_ = 0;
};

}  // namespace weir::load
