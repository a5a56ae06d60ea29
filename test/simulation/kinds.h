// What a batch of seeds must have shown: a kind of weather or behaviour that never happens tests nothing.
#pragma once

#include <string>
#include <vector>

#include "tally.h"

namespace weir::testing {

inline constexpr std::uint64_t kSeedsForAllKinds = 500;  // fewer may miss some by chance

std::vector<std::string> kinds_that_never_happened(const Tally& tally);

}  // namespace weir::testing
