// A script as read from its file: header lines, then steps, each at a time. docs/testing.md has the grammar.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::scripts {

// A script that cannot be read, or whose expectations were not met: `what()` says which.
struct ScriptError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// When a step is to happen, in nanoseconds.
struct When {
  enum class Kind : std::uint8_t { kAfter, kAt, kWhenever };
  Kind kind = Kind::kAfter;
  std::uint64_t from = 0, to = 0;  // equal unless written as a range
};

struct Step {
  unsigned line = 0;
  std::string text{};
  When when{};
  std::vector<std::string> words{};      // without the time, and without options
  std::optional<std::string> options{};  // what stands between < and > at the end
};

struct Script {
  std::string name;
  bool ipv4 = true, ipv6 = true;
  std::uint16_t mtu = 1500;
  std::uint64_t tolerance_ns = 2'000'000;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> isns{};  // host's and peer's; else several are tried
  std::vector<std::pair<std::string, std::string>> settings{};    // key, value
  std::vector<Step> steps{};
};

Script read_script(const std::string& name, const std::string& text);
Script load_script(const std::string& path);

// Decimal numbers, throwing ScriptError that says what was to be a number.
std::uint64_t read_number(const std::string& text);
std::uint64_t read_seconds(const std::string& text);  // "0.25" -> nanoseconds
std::string seconds_text(std::uint64_t ns);
std::vector<std::string> split(const std::string& text, char separator);

}  // namespace weir::scripts
