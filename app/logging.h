// Log lines go to standard error.
#pragma once

#include <spdlog/common.h>

#include <weir/run/process_config.h>

namespace weir::app {

spdlog::level::level_enum level_of(run::LogLevel level);
void start_logging(const run::ProcessConfig& config, bool verbose);

}  // namespace weir::app
