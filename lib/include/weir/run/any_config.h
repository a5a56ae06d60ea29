// A configuration of whichever program, for those that need only what all have in common.
#pragma once

#include <string>

#include <weir/run/config.h>
#include <weir/stack/host.h>

namespace weir::run {

struct AnyConfig {
  std::string file;
  std::string program;  // "lb", "serve"
  ProcessConfig process;
  stack::MemoryForecast forecast;
};

// Which program it is for is seen by its sections. Throws ConfigError.
AnyConfig load_any_config(const std::string& file);

}  // namespace weir::run
