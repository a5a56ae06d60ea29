// EAL for a process that has no devices and wants none.
#pragma once

#include <string>

namespace weir::testing {

// Starts EAL unless it runs; false, with start_error() set, when that fails.
bool start_eal();
const std::string& start_error();

}  // namespace weir::testing
