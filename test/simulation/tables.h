// How fast, and how fair: bulk transfers over one bottleneck, as tables. Virtual time and fixed seeds: the numbers
// change only when the code does.
#pragma once

#include <string>

namespace weir::testing {

// Megabits of payload a second, for loss x round trip x algorithm.
std::string goodput_table();
// Jain's index (1: all the same) and the sum, for 2 to 8 flows x algorithm.
std::string fairness_table();

}  // namespace weir::testing
