// Log lines go to standard error.
#pragma once

#include <weir/run/process_config.h>

namespace weir::app {

void start_logging(const run::ProcessConfig& config, bool verbose);

}  // namespace weir::app
