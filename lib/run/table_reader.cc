#include "table_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <numeric>

namespace weir::run {
namespace {

std::string_view name_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

std::string suggestion(std::string_view key, const std::vector<std::string>& known) {
  constexpr std::size_t kTypingErrorsMax = 3;
  const auto best = std::ranges::min_element(known, {}, [&](const auto& k) { return edit_distance(key, k); });
  if (best != known.end() && edit_distance(key, *best) <= kTypingErrorsMax) {
    return fmt::format("did you mean \"{}\"? Otherwise remove it", *best);
  }
  return fmt::format("remove it; known here: {}", fmt::join(known, ", "));
}

}  // namespace

TableReader::TableReader(Problems& problems, const toml::table& table, std::string path)
    : problems_(problems), table_(table), path_(std::move(path)) {}

std::string TableReader::field(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

Place TableReader::place() const {
  return {std::max(1U, table_.source().begin.line), path_};
}

Place TableReader::place(std::string_view key) const {
  const toml::node* node = table_.get(key);
  return {node != nullptr ? node->source().begin.line : place().line, field(key)};
}

const toml::node* TableReader::find(std::string_view key) {
  known_.emplace_back(key);
  return table_.get(key);
}

void TableReader::wrong_type(const Place& place, const toml::node& node, std::string_view wanted) {
  problems_.add(place, fmt::format("is {}", name_of(node.type())), fmt::format("write {}", wanted));
}

void TableReader::bad_choice(const Placed<std::string>& value, std::string_view choices) {
  problems_.add(value.place, fmt::format("\"{}\" is not known", value.value), fmt::format("write one of {}", choices));
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto remedy = fmt::format("a whole number from {} to {}", least, most);
  if (!node->is_integer()) {
    wrong_type(place(key), *node, remedy);
    return std::nullopt;
  }
  const std::int64_t value = node->as_integer()->get();
  if (value >= least && value <= most) return value;
  problems_.add(place(key), fmt::format("{} is out of range", value), "write " + remedy);
  return std::nullopt;
}

void TableReader::milliseconds(std::string_view key, std::chrono::milliseconds& into, std::int64_t least,
                               std::int64_t most) {
  if (auto value = integer(key, least, most)) into = std::chrono::milliseconds{*value};
}

void TableReader::flag(std::string_view key, bool& into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_boolean()) return wrong_type(place(key), *node, "true or false, without quotation marks");
  into = node->as_boolean()->get();
}

void TableReader::choice(std::string_view key, std::int64_t& into, std::span<const std::string_view> names) {
  const auto value = text(key);
  if (!value) return;
  const auto found = std::ranges::find(names, value->value);
  if (found == names.end()) return bad_choice(*value, fmt::format("\"{}\"", fmt::join(names, "\", \"")));
  into = found - names.begin();
}

std::optional<Placed<std::string>> TableReader::text(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (node->is_string()) return Placed<std::string>{node->as_string()->get(), place(key)};
  wrong_type(place(key), *node, "it in quotation marks");
  return std::nullopt;
}

std::vector<Placed<std::string>> TableReader::texts(std::string_view key) {
  const toml::node* node = find(key);
  std::vector<Placed<std::string>> values;
  if (node == nullptr) return values;
  if (node->is_string()) return {{node->as_string()->get(), place(key)}};
  if (!node->is_array()) {
    wrong_type(place(key), *node, "strings between [ and ]");
    return values;
  }
  if (node->as_array()->empty()) problems_.add(place(key), "is empty", "write at least one, or remove the key");
  for (const toml::node& one : *node->as_array()) {
    if (auto value = element(key, one, values.size() + 1)) values.push_back(std::move(*value));
  }
  return values;
}

std::optional<Placed<std::string>> TableReader::element(std::string_view key, const toml::node& node,
                                                        std::size_t index) {
  const Place at{node.source().begin.line, fmt::format("{}[{}]", field(key), index)};
  if (node.is_string()) return Placed<std::string>{node.as_string()->get(), at};
  wrong_type(at, node, "it in quotation marks");
  return std::nullopt;
}

std::string TableReader::child_path(std::string_view key, const toml::table& child, std::size_t index) const {
  const auto name = child["name"].value<std::string>();
  return name ? fmt::format("{}[{}]", field(key), *name) : fmt::format("{}[{}]", field(key), index);
}

void TableReader::require(std::string_view key, std::string_view remedy) {
  if (has(key)) return;
  Place at = place();
  at.field = field(key);
  problems_.add(at, "is missing", std::string(remedy));
}

void TableReader::finish() {
  for (const auto& [key, node] : table_) {
    if (std::ranges::find(known_, key.str()) != known_.end()) continue;
    problems_.add({key.source().begin.line, field(key.str())}, "unknown key", suggestion(key.str(), known_));
  }
}

}  // namespace weir::run
