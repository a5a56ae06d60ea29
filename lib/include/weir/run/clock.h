// The one place where time is read.
#pragma once

#include <weir/base/instant.h>

namespace weir::run {

// CLOCK_MONOTONIC: the same on every thread.
Instant monotonic_now();
// How far CLOCK_REALTIME, which nodes have in common, is ahead of it.
Duration realtime_ahead();

}  // namespace weir::run
