// Results of `weir cps` in files.
#pragma once

#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

namespace weir::app {

struct UnusableFile : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What `weir cps --json` wrote. Throws UnusableFile.
nlohmann::ordered_json read_result(const std::string& file);
// An empty name asks for nothing. False when it cannot be written, which is told on standard error.
bool write_file(const std::string& file, const std::string& text);

}  // namespace weir::app
