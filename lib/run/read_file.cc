#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "read_config.h"

namespace weir::run {
namespace {

constexpr std::uintmax_t kFileBytesMax = 16 << 20;

}  // namespace

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

}  // namespace weir::run
