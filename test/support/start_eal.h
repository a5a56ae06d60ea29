// EAL without huge pages, devices or shared files: what programs need whose packets go nowhere.
#pragma once

namespace weir::testing {

// Once per process; throws std::runtime_error. One lcore, on all CPUs this process may use.
void start_eal(unsigned megabytes = 256);

}  // namespace weir::testing
