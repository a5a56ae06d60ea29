#include <weir/doctor/machine.h>

#include <algorithm>
#include <charconv>

namespace weir::doctor {

namespace {

constexpr unsigned kCpusMax = 8192;  // more than Linux can have

std::optional<unsigned> number_of(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value >= kCpusMax) return std::nullopt;
  return value;
}

void add_range(std::string_view range, std::vector<unsigned>& cpus) {
  const std::size_t dash = range.find('-');
  const auto first = number_of(range.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : number_of(range.substr(dash + 1));
  if (!first || !last) return;
  for (unsigned cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
}

// Up to the next comma outside parentheses.
std::string_view take_part(std::string_view& rest) {
  std::size_t end = 0;
  int depth = 0;
  for (; end < rest.size() && (depth > 0 || rest[end] != ','); ++end) depth += (rest[end] == '(') - (rest[end] == ')');
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::string_view without_parentheses(std::string_view text) {
  if (text.starts_with('(')) text.remove_prefix(1);
  if (text.ends_with(')')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<unsigned> parse_cpus(std::string_view text) {
  std::vector<unsigned> cpus;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    add_range(text.substr(0, comma), cpus);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return cpus;
}

std::string ranges(const std::vector<unsigned>& cpus) {
  std::string text;
  for (std::size_t first = 0; first < cpus.size();) {
    std::size_t last = first;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(cpus[first]);
    if (last > first) text += "-" + std::to_string(cpus[last]);
    first = last + 1;
  }
  return text;
}

std::vector<unsigned> cpus_of_lcores(std::string_view lcores) {
  std::vector<unsigned> cpus;
  while (!lcores.empty()) {
    const std::string_view part = take_part(lcores);
    const std::size_t at = part.find('@');
    for (const unsigned cpu :
         parse_cpus(without_parentheses(at == std::string_view::npos ? part : part.substr(at + 1))))
      if (std::ranges::find(cpus, cpu) == cpus.end()) cpus.push_back(cpu);
  }
  return cpus;
}

}  // namespace weir::doctor
