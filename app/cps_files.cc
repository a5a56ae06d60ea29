#include "cps_files.h"

#include <fstream>

#include <fmt/format.h>

namespace weir::app {

nlohmann::ordered_json read_result(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw UnusableFile(file + ": cannot be read");
  auto json = nlohmann::ordered_json::parse(in, nullptr, false);
  if (json.is_discarded() || !json.is_object() || json.value("schema", "") != "weir-cps/1")
    throw UnusableFile(file + ": is no result of weir cps --json");
  return json;
}

bool write_file(const std::string& file, const std::string& text) {
  if (file.empty()) return true;
  std::ofstream out(file, std::ios::trunc);
  out << text << std::flush;
  if (out) return true;
  fmt::print(stderr, "{}: cannot be written; give a path in a directory that exists\n", file);
  return false;
}

}  // namespace weir::app
