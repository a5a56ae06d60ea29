#include <weir/doctor/machine.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include <weir/base/region.h>
#include <weir/nic/eal.h>

namespace weir::doctor {

namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::filesystem::path below(const std::filesystem::path& root, const std::string& path) {
  return root / std::filesystem::path(path).relative_path();
}

}  // namespace

bool Machine::has(const std::string& path) const {
  std::error_code error;
  return std::filesystem::exists(below(root, path), error);
}

std::string Machine::text(const std::string& path) const {
  std::ifstream in(below(root, path));
  std::ostringstream out;
  if (in) out << in.rdbuf();
  return out.str();
}

std::string Machine::line(const std::string& path) const {
  std::string line;
  std::getline(std::istringstream(text(path)), line);
  line.erase(0, std::min(line.find_first_not_of(kBlank), line.size()));
  return line.substr(0, line.find_last_not_of(kBlank) + 1);
}

std::optional<std::int64_t> Machine::number(const std::string& path) const {
  const std::string text = line(path);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<unsigned> Machine::cpus(const std::string& path) const {
  return parse_cpus(line(path));
}

std::vector<std::string> Machine::list(const std::string& path) const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(below(root, path), error))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

std::string Machine::link_target(const std::string& path) const {
  std::error_code error;
  return std::filesystem::read_symlink(below(root, path), error).filename();
}

Machine this_machine() {
  Machine machine;
  machine.allowed_cpus = nic::allowed_cpus;
  machine.available_memory = available_memory;
  return machine;
}

}  // namespace weir::doctor
