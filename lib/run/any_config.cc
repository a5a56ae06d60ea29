#include <weir/run/any_config.h>

#include <weir/run/forecast.h>

#include "read_config.h"

namespace weir::run {
namespace {

template <typename Config>
AnyConfig common_of(const std::string& file, const char* program, const Config& config) {
  return {file, program, config.process, forecast(config.process, session_bytes(config))};
}

}  // namespace

AnyConfig load_any_config(const std::string& file) {
  const std::string text = read_whole(file);
  const toml::table sections = parse_toml(text, file);
  if (sections.contains("server")) return common_of(file, "serve", parse_serve_config(text, file));
  if (sections.contains("load")) return common_of(file, "cps", parse_cps_config(text, file));
  return common_of(file, "lb", parse_lb_config(text, file));
}

}  // namespace weir::run
