// Reads one TOML table key by key. Each reading function leaves its target alone and notes a problem when the value
// is not what it should be; finish() notes the keys that nobody asked for.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "problems.h"

namespace weir::run {

class TableReader {
 public:
  // `path`: how messages name the table, "" for the file's top.
  TableReader(Problems& problems, const toml::table& table, std::string path);

  bool has(std::string_view key) const { return table_.contains(key); }
  Place place() const;
  Place place(std::string_view key) const;
  Problems& problems() { return problems_; }

  template <std::integral T>
  void number(std::string_view key, T& into, std::int64_t least, std::int64_t most) {
    if (auto value = integer(key, least, most)) into = static_cast<T>(*value);
  }
  // Keys of durations end in _ms.
  void milliseconds(std::string_view key, std::chrono::milliseconds& into, std::int64_t least, std::int64_t most);
  void flag(std::string_view key, bool& into);
  std::optional<Placed<std::string>> text(std::string_view key);
  std::vector<Placed<std::string>> texts(std::string_view key);  // an array of strings, or one string

  template <typename E>
  void choice(std::string_view key, E& into, std::initializer_list<std::pair<std::string_view, E>> choices);
  // `into` becomes the index of the name that was chosen.
  void choice(std::string_view key, std::int64_t& into, std::span<const std::string_view> names);

  // A value of a type with parse(); `wanted` says how one is written.
  template <typename T>
  std::optional<Placed<T>> parsed(std::string_view key, std::string_view wanted);
  template <typename T>
  std::vector<Placed<T>> all_parsed(std::string_view key, std::string_view wanted);

  // Calls read(TableReader&) for the table `key`, if there is one, and finishes it.
  template <typename Read>
  void table(std::string_view key, Read&& read);
  // The same for each of an array of tables; its path names it by its key "name", if it has one, or by its number.
  template <typename Read>
  void tables(std::string_view key, Read&& read);

  // Notes a problem at the table itself when the key is not there.
  void require(std::string_view key, std::string_view remedy);
  void finish();

 private:
  const toml::node* find(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  void wrong_type(const Place& place, const toml::node& node, std::string_view wanted);
  void bad_choice(const Placed<std::string>& value, std::string_view choices);
  std::optional<Placed<std::string>> element(std::string_view key, const toml::node& node, std::size_t index);
  std::string child_path(std::string_view key, const toml::table& child, std::size_t index) const;
  std::string field(std::string_view key) const;

  template <typename T>
  std::optional<Placed<T>> parse(const Placed<std::string>& value, std::string_view wanted);

  Problems& problems_;
  const toml::table& table_;
  std::string path_;
  std::vector<std::string> known_;
};

template <typename E>
void TableReader::choice(std::string_view key, E& into, std::initializer_list<std::pair<std::string_view, E>> choices) {
  const auto value = text(key);
  if (!value) return;
  std::string list;
  for (const auto& [name, meaning] : choices) {
    if (name == value->value) {
      into = meaning;
      return;
    }
    list += (list.empty() ? "\"" : ", \"") + std::string(name) + "\"";
  }
  bad_choice(*value, list);
}

template <typename T>
std::optional<Placed<T>> TableReader::parse(const Placed<std::string>& value, std::string_view wanted) {
  if (auto result = T::parse(value.value)) return Placed<T>{*result, value.place};
  problems_.add(value.place, "\"" + value.value + "\" is not " + std::string(wanted.substr(0, wanted.find(':'))),
                "write it like" + std::string(wanted.substr(wanted.find(':') + 1)));
  return std::nullopt;
}

template <typename T>
std::optional<Placed<T>> TableReader::parsed(std::string_view key, std::string_view wanted) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  return parse<T>(*value, wanted);
}

template <typename T>
std::vector<Placed<T>> TableReader::all_parsed(std::string_view key, std::string_view wanted) {
  std::vector<Placed<T>> results;
  for (const auto& value : texts(key)) {
    if (auto result = parse<T>(value, wanted)) results.push_back(*result);
  }
  return results;
}

template <typename Read>
void TableReader::table(std::string_view key, Read&& read) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_table()) return wrong_type(place(key), *node, "a table, [" + field(key) + "]");
  TableReader child(problems_, *node->as_table(), field(key));
  read(child);
  child.finish();
}

template <typename Read>
void TableReader::tables(std::string_view key, Read&& read) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (!node->is_array_of_tables()) return wrong_type(place(key), *node, "tables, each under [[" + field(key) + "]]");
  std::size_t index = 0;
  for (const toml::node& element : *node->as_array()) {
    TableReader child(problems_, *element.as_table(), child_path(key, *element.as_table(), ++index));
    read(child);
    child.finish();
  }
}

// How values are written, for parsed(): "what it is: examples".
inline constexpr std::string_view kAddressForm = "an IP address: \"192.0.2.1\" or \"2001:db8::1\"";
inline constexpr std::string_view kPrefixForm =
    "an address with the length of its network: \"192.0.2.1/24\" or \"2001:db8::1/64\"";
inline constexpr std::string_view kEndpointForm =
    "an address and a port from 1 to 65535: \"192.0.2.1:80\" or \"[2001:db8::1]:80\"";
inline constexpr std::string_view kMacForm = "a MAC address: \"02:00:00:00:00:01\"";

}  // namespace weir::run
