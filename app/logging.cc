#include "logging.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace weir::app {

spdlog::level::level_enum level_of(run::LogLevel level) {
  switch (level) {
    case run::LogLevel::kDebug:
      return spdlog::level::debug;
    case run::LogLevel::kInfo:
      return spdlog::level::info;
    case run::LogLevel::kWarning:
      return spdlog::level::warn;
    case run::LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

void start_logging(const run::ProcessConfig& config, bool verbose) {
  auto logger = spdlog::stderr_color_mt("weir");
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e " + config.name + " %^%l%$: %v");
  logger->set_level(verbose ? spdlog::level::debug : level_of(config.log_level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

}  // namespace weir::app
