#include "script.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weir::scripts {

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

When read_when(const std::string& word) {
  if (word == "*") return {When::Kind::kWhenever, 0, 0};
  const bool is_absolute = word.starts_with('@');
  if (!is_absolute && !word.starts_with('+')) throw ScriptError("a step begins with a time: +0.1, @2, +0.1~0.3 or *");
  const auto bounds = split(word.substr(1), '~');
  if (bounds.size() > 2) throw ScriptError("a time has two bounds at most");
  const std::uint64_t from = read_seconds(bounds.front());
  const std::uint64_t to = read_seconds(bounds.back());
  if (to < from) throw ScriptError("a range of times runs backwards");
  return {is_absolute ? When::Kind::kAt : When::Kind::kAfter, from, to};
}

Step read_step(unsigned line, const std::string& text) {
  Step step{.line = line, .text = text};
  std::string rest = text;
  // The direction may be "<" too: options are what a '>' ends.
  if (rest.ends_with('>')) {
    const std::size_t open = rest.rfind('<');
    if (open == std::string::npos || open == rest.size() - 1) throw ScriptError("'>' at the end without '<'");
    step.options = rest.substr(open + 1, rest.size() - open - 2);
    rest.resize(open);
  }
  step.words = words_of(rest);
  step.when = read_when(step.words.front());
  step.words.erase(step.words.begin());
  if (step.words.empty()) throw ScriptError("a time with nothing to do");
  return step;
}

void read_family(Script& script, const std::string& value) {
  if (value != "both" && value != "ipv4" && value != "ipv6") throw ScriptError("family: both, ipv4 or ipv6");
  script.ipv4 = value != "ipv6";
  script.ipv6 = value != "ipv4";
}

void read_isns(Script& script, const std::string& value) {
  const auto words = words_of(value);
  if (words.size() != 2) throw ScriptError("isn: two numbers, the host's and the peer's");
  script.isns = {static_cast<std::uint32_t>(read_number(words[0])), static_cast<std::uint32_t>(read_number(words[1]))};
}

void read_settings(Script& script, const std::string& value) {
  for (const std::string& word : words_of(value)) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) throw ScriptError("set: key=value ...");
    script.settings.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
}

void read_header(Script& script, const std::string& key, const std::string& value) {
  if (key == "family") return read_family(script, value);
  if (key == "isn") return read_isns(script, value);
  if (key == "set") return read_settings(script, value);
  if (key == "mtu") {
    script.mtu = static_cast<std::uint16_t>(read_number(value));
  } else if (key == "tolerance") {
    script.tolerance_ns = read_seconds(value);
  } else {
    throw ScriptError("no such header: " + key + "; there are family, isn, set, mtu and tolerance");
  }
}

void read_line(Script& script, unsigned number, const std::string& text) {
  if (text.empty() || text.starts_with('#')) return;
  const bool is_step = text.find_first_of("+@*") == 0;
  const std::size_t colon = text.find(':');
  if (is_step) {
    script.steps.push_back(read_step(number, text));
  } else if (colon == std::string::npos || text.substr(0, colon).find(' ') != std::string::npos) {
    throw ScriptError("neither a comment, nor 'key: value', nor a step that begins with its time");
  } else if (!script.steps.empty()) {
    throw ScriptError("header lines stand before the first step");
  } else {
    read_header(script, text.substr(0, colon), trimmed(text.substr(colon + 1)));
  }
}

}  // namespace

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t at = text.find(separator); at != std::string::npos; at = text.find(separator, from)) {
    parts.push_back(trimmed(text.substr(from, at - from)));
    from = at + 1;
  }
  parts.push_back(trimmed(text.substr(from)));
  return parts;
}

std::uint64_t read_number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) throw ScriptError("not a number: '" + text + "'");
  return value;
}

std::uint64_t read_seconds(const std::string& text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string fraction = point < text.size() ? text.substr(point + 1) : "";
  if (fraction.size() > 9) throw ScriptError("times are told to the nanosecond: '" + text + "'");
  fraction.resize(9, '0');
  return read_number(text.substr(0, point)) * kSecond + read_number(fraction);
}

std::string seconds_text(std::uint64_t ns) {
  std::array<char, 40> text;
  std::snprintf(text.data(), text.size(), "%llu.%06llu", static_cast<unsigned long long>(ns / 1'000'000'000),
                static_cast<unsigned long long>(ns / 1000 % 1'000'000));
  return text.data();
}

Script read_script(const std::string& name, const std::string& text) {
  Script script{.name = name};
  std::istringstream in{text};
  unsigned number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    try {
      read_line(script, number, trimmed(line));
    } catch (const ScriptError& error) {
      throw ScriptError(name + ":" + std::to_string(number) + ": " + error.what() + "\n  " + trimmed(line));
    }
  }
  if (script.steps.empty()) throw ScriptError(name + ": no step");
  return script;
}

Script load_script(const std::string& path) {
  std::ifstream in{path};
  if (!in) throw ScriptError("cannot be read: " + path);
  std::ostringstream text;
  text << in.rdbuf();
  return read_script(std::filesystem::path{path}.filename().string(), text.str());
}

}  // namespace weir::scripts
