// What happened in one run or in many, by name: the report, and the proof that what was configured took place.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace weir::testing {

class Tally {
 public:
  void add(const std::string& name, std::uint64_t n = 1) { counts_[name] += n; }
  std::uint64_t operator[](const std::string& name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }
  Tally& operator+=(const Tally& other) {
    for (const auto& [name, n] : other.counts_) counts_[name] += n;
    return *this;
  }
  const std::map<std::string, std::uint64_t>& all() const { return counts_; }

 private:
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace weir::testing
