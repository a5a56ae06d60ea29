#include "problems.h"

#include <fmt/format.h>
#include <algorithm>

namespace weir::run {
namespace {

std::string line_of(const std::string& file, const ConfigProblem& problem) {
  std::string line = problem.line == 0 ? fmt::format("{}: ", file) : fmt::format("{}:{}: ", file, problem.line);
  if (!problem.field.empty()) line += problem.field + ": ";
  return line + problem.message + "; " + problem.remedy;
}

std::string all_lines(const std::string& file, const std::vector<ConfigProblem>& problems) {
  std::string text;
  for (const ConfigProblem& problem : problems) text += (text.empty() ? "" : "\n") + line_of(file, problem);
  return text;
}

}  // namespace

ConfigError::ConfigError(const std::string& file, std::vector<ConfigProblem> problems)
    : Error(all_lines(file, problems)), problems_(std::move(problems)) {}

void Problems::raise(const std::string& file) {
  if (found_.empty()) return;
  std::ranges::stable_sort(found_, {}, &ConfigProblem::line);
  throw ConfigError(file, std::move(found_));
}

}  // namespace weir::run
