// The one place where time is read.
#pragma once

#include <weir/base/instant.h>

namespace weir::run {

// CLOCK_MONOTONIC: the same on every thread.
Instant monotonic_now();

}  // namespace weir::run
