#include "table.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

namespace weir::app {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0]));
}

using Row = std::vector<std::string>;

struct Column {
  std::size_t width = 0;
  bool is_of_numbers = true;
};

Column measure(std::size_t place, const Row& titles, const std::vector<Row>& rows) {
  Column column{titles[place].size(), true};
  for (const Row& row : rows) {
    column.width = std::max(column.width, row[place].size());
    column.is_of_numbers &= is_number(row[place]) && row[place].find_first_of(":[/") == std::string::npos;
  }
  return column;
}

std::string line_of(const Row& row, const std::vector<Column>& columns) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto [width, is_of_numbers] = columns[i];
    line += is_of_numbers ? fmt::format("  {:>{}}", row[i], width) : fmt::format("  {:<{}}", row[i], width);
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

}  // namespace

std::string Table::to_string() const {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < titles_.size(); ++i) columns.push_back(measure(i, titles_, rows_));
  std::string text = line_of(titles_, columns);
  for (const Row& row : rows_) text += line_of(row, columns);
  return text;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string human_seconds(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(0.0, seconds));
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 7200) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 172800) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

}  // namespace weir::app
