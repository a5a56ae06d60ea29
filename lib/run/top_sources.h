// Where a listener's SYNs come from, over all workers.
#pragma once

#include <vector>

#include <weir/stack/defence.h>

namespace weir::run {

struct SourceRate {
  Prefix prefix;
  std::uint64_t syns = 0;  // per second, at least
};

// Of one listener, as its workers tell: the largest first, at most SourceSketch::kTop.
std::vector<SourceRate> top_sources_of(const std::vector<stack::DefenceStatus>& workers);

// What all of them counted.
stack::DefenceCounts counts_of(const std::vector<stack::DefenceStatus>& workers);

}  // namespace weir::run
