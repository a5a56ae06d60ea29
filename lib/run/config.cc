#include <weir/run/config.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "read_config.h"

namespace weir::run {
namespace {

constexpr std::uintmax_t kFileBytesMax = 16 << 20;

std::string read_whole(const std::string& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (!error && size > kFileBytesMax) {
    throw ConfigError(file, {{0, "", "is larger than 16 MiB", "give the path of a configuration file"}});
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in && !std::filesystem::is_directory(file, error)) text << in.rdbuf();
  if (in && !text.str().empty()) return text.str();
  const char* why = errno != 0 ? std::strerror(errno) : "it is empty";
  throw ConfigError(file, {{0, "", fmt::format("cannot be read: {}", why), "give the path of a configuration file"}});
}

toml::table parse_toml(std::string_view text, const std::string& name) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    const std::string message{error.description()};
    throw ConfigError(name, {{error.source().begin.line, "", fmt::format("not TOML: {}", message),
                              "mend the line; strings stand in quotation marks, sections in [brackets]"}});
  }
}

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

LbConfig load_lb_config(const std::string& file) {
  return parse_lb_config(read_whole(file), file);
}

ServeConfig load_serve_config(const std::string& file) {
  return parse_serve_config(read_whole(file), file);
}

}  // namespace weir::run
