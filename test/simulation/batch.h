// Many seeds, on as many processes as there are cores: each with an EAL of its own, which cannot be shared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tally.h"

namespace weir::testing {

struct Batch {
  std::vector<std::uint64_t> seeds;
  std::uint64_t steps_min = 0;  // after `seeds`, the ones that follow the last, until so many steps were made
  unsigned processes = 1;
};

struct BatchResult {
  Tally tally;
  std::vector<std::string> failures;  // "SEED: what", the first fault of each
  std::vector<std::uint64_t> failed_seeds;
};

BatchResult run_batch(const Batch& batch);

}  // namespace weir::testing
