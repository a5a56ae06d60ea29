#include <weir/run/config.h>

#include "read_config.h"

namespace weir::run {
namespace {

// Reads everything that a file may hold into a Config, or throws with all that is wrong in it.
template <typename Config, typename ReadRest>
Config parse(std::string_view text, const std::string& name, const char* process_name, ReadRest&& read_rest) {
  const toml::table file = parse_toml(text, name);
  Problems problems;
  Config config;
  config.process.name = process_name;
  config.process.connection_timers = false;
  TableReader top(problems, file, "");
  read_process(top, config.process);
  read_rest(top, config);
  top.finish();
  problems.raise(name);
  return config;
}

}  // namespace

LbConfig parse_lb_config(std::string_view text, const std::string& name) {
  return parse<LbConfig>(text, name, "lb", [](TableReader& top, LbConfig& config) {
    read_services(top, config.process, config.balancer);
  });
}

ServeConfig parse_serve_config(std::string_view text, const std::string& name) {
  return parse<ServeConfig>(text, name, "serve", [](TableReader& top, ServeConfig& config) {
    read_servers(top, config.process, config.serve);
  });
}

CpsConfig parse_cps_config(std::string_view text, const std::string& name) {
  return parse<CpsConfig>(text, name, "cps", [](TableReader& top, CpsConfig& config) { read_load(top, config); });
}

LbConfig load_lb_config(const std::string& file) {
  return parse_lb_config(read_whole(file), file);
}

ServeConfig load_serve_config(const std::string& file) {
  return parse_serve_config(read_whole(file), file);
}

CpsConfig load_cps_config(const std::string& file) {
  return parse_cps_config(read_whole(file), file);
}

}  // namespace weir::run
