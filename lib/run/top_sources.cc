#include "top_sources.h"

#include <algorithm>
#include <map>

namespace weir::run {

std::vector<SourceRate> top_sources_of(const std::vector<stack::DefenceStatus>& workers) {
  std::map<Prefix, std::uint64_t> rates;
  for (const auto& worker : workers)
    for (const TopSource& source : worker.top_sources)
      rates[source.prefix] += std::uint64_t{worker.syns} * source.permille / 1000;
  std::vector<SourceRate> all;
  for (const auto& [prefix, syns] : rates)
    if (syns != 0) all.push_back({prefix, syns});
  std::ranges::stable_sort(all, std::greater{}, &SourceRate::syns);
  if (all.size() > SourceSketch::kTop) all.resize(SourceSketch::kTop);
  return all;
}

stack::DefenceCounts counts_of(const std::vector<stack::DefenceStatus>& workers) {
  stack::DefenceCounts sum;
  for (const auto& one : workers) {
    sum.syns += one.counts.syns;
    sum.cookies_sent += one.counts.cookies_sent;
    sum.cookies_accepted += one.counts.cookies_accepted;
    sum.cookies_wrong += one.counts.cookies_wrong;
    sum.cookies_spent += one.counts.cookies_spent;
  }
  return sum;
}

}  // namespace weir::run
