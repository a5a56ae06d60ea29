// Configuration files (TOML): read whole, checked whole, then used, or not used at all.
// Every key is described in docs/configuration.md; config/ has commented examples.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <weir/balance/service_config.h>
#include <weir/base/error.h>
#include <weir/load/generator_config.h>
#include <weir/load/serve_config.h>
#include <weir/run/process_config.h>

namespace weir::run {

// `weir lb`. Names of services, of back ends within a service, and virtual address:port are unique.
struct LbConfig {
  ProcessConfig process;
  balance::BalancerConfig balancer;  // services' sources are empty where the port's own addresses serve
};

// `weir serve`.
struct ServeConfig {
  ProcessConfig process;
  load::ServeConfig serve;
};

// How long `weir cps` measures, and what it must find.
struct MeasurePlan {
  std::chrono::milliseconds warm_up{2000};  // after ramp_up; left out of all figures
  std::chrono::milliseconds duration{10000};
  std::vector<std::string> expect;  // conditions, run/cps_expect.h
};

// `weir cps`.
struct CpsConfig {
  ProcessConfig process;
  load::GeneratorConfig generator;
  MeasurePlan plan;
};

// One thing wrong in a file. `line` is 0 where no line can be blamed.
struct ConfigProblem {
  unsigned line = 0;
  std::string field;    // "service[0].backend[1].address"
  std::string message;  // what is wrong
  std::string remedy;   // what to write instead
};

// Everything that is wrong in a file, in the order of its lines. what() holds one "FILE:LINE: FIELD: MESSAGE; REMEDY"
// per line.
class ConfigError : public Error {
 public:
  ConfigError(const std::string& file, std::vector<ConfigProblem> problems);
  const std::vector<ConfigProblem>& problems() const { return problems_; }

 private:
  std::vector<ConfigProblem> problems_;
};

// Throw ConfigError, also where the file cannot be read or is not TOML.
LbConfig load_lb_config(const std::string& file);
ServeConfig load_serve_config(const std::string& file);
CpsConfig load_cps_config(const std::string& file);
// The same from text; `name` stands for the file in messages.
LbConfig parse_lb_config(std::string_view text, const std::string& name);
ServeConfig parse_serve_config(std::string_view text, const std::string& name);
CpsConfig parse_cps_config(std::string_view text, const std::string& name);

}  // namespace weir::run
