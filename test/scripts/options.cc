#include "options.h"

#include <algorithm>

#include "script.h"

namespace weir::scripts {

namespace {

std::uint32_t get32(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes[at + i];
  return value;
}

void put(Bytes& to, std::uint32_t value, unsigned bytes) {
  while (bytes-- > 0) to.push_back(static_cast<std::uint8_t>(value >> (8 * bytes)));
}

std::string sack_text(const Bytes& option, std::uint32_t isn) {
  std::string text = "sack";
  for (std::size_t at = 2; at + 8 <= option.size(); at += 8)
    text += ' ' + std::to_string(get32(option, at) - isn) + ':' + std::to_string(get32(option, at + 4) - isn);
  return text;
}

std::string raw_text(const Bytes& option) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "raw ";
  for (const std::uint8_t byte : option) text += {kDigits[byte >> 4], kDigits[byte & 15]};
  return text;
}

std::string option_text(const Bytes& option, std::uint32_t isn) {
  const std::size_t length = option.size();
  if (option[0] == 2 && length == 4) return "mss " + std::to_string(option[2] << 8 | option[3]);
  if (option[0] == 3 && length == 3) return "wscale " + std::to_string(option[2]);
  if (option[0] == 4 && length == 2) return "sackOK";
  if (option[0] == 5 && length % 8 == 2) return sack_text(option, isn);
  if (option[0] == 8 && length == 10)
    return "TS val " + std::to_string(get32(option, 2)) + " ecr " + std::to_string(get32(option, 6));
  return raw_text(option);
}

void put_sack(Bytes& to, const std::vector<std::string>& words, std::uint32_t isn) {
  put(to, 5, 1);
  put(to, static_cast<std::uint32_t>(2 + 8 * (words.size() - 1)), 1);
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto edges = split(words[i], ':');
    if (edges.size() != 2) throw ScriptError("a SACK block is left:right");
    for (const std::string& edge : edges) put(to, static_cast<std::uint32_t>(read_number(edge)) + isn, 4);
  }
}

void put_raw(Bytes& to, const std::string& hex) {
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    to.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
}

void put_option(Bytes& to, const std::string& text, std::uint32_t isn) {
  const auto words = split(text, ' ');
  const auto number = [&](std::size_t at) {
    if (at >= words.size()) throw ScriptError("an option lacks its number: " + text);
    return static_cast<std::uint32_t>(read_number(words[at]));
  };
  if (text == "nop") return put(to, 1, 1);
  if (text == "eol") return put(to, 0, 1);
  if (text == "sackOK") return put(to, 0x0402, 2);
  if (words[0] == "mss") return put(to, 0x0204, 2), put(to, number(1), 2);
  if (words[0] == "wscale") return put(to, 0x0303, 2), put(to, number(1), 1);
  if (words[0] == "TS") return put(to, 0x080a, 2), put(to, number(2), 4), put(to, number(4), 4);
  if (words[0] == "sack") return put_sack(to, words, isn);
  if (words[0] == "raw" && words.size() == 2) return put_raw(to, words[1]);
  throw ScriptError("no such option: " + text);
}

bool matches(const std::string& wanted, const std::string& got) {
  const auto a = split(wanted, ' ');
  const auto b = split(got, ' ');
  return std::ranges::equal(a, b, [](const std::string& x, const std::string& y) { return x == "*" || x == y; });
}

}  // namespace

bool options_match(const std::string& wanted, const std::vector<std::string>& got) {
  const std::vector<std::string> parts = wanted.empty() ? std::vector<std::string>{} : split(wanted, ',');
  const bool open_end = !parts.empty() && parts.back() == "...";
  const std::size_t named = parts.size() - (open_end ? 1 : 0);
  if (open_end ? got.size() < named : got.size() != named) return false;
  for (std::size_t i = 0; i < named; ++i)
    if (!matches(parts[i], got[i])) return false;
  return true;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : ",") + part;
  return all;
}

std::vector<std::string> describe_options(const Bytes& options, std::uint32_t isn) {
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < options.size();) {
    const std::uint8_t kind = options[at];
    if (kind <= 1) {
      texts.emplace_back(kind == 0 ? "eol" : "nop");
      ++at;
      continue;
    }
    const std::size_t rest = options.size() - at;
    const std::size_t length = rest < 2 || options[at + 1] < 2 ? rest : std::min<std::size_t>(options[at + 1], rest);
    const auto first = options.begin() + static_cast<std::ptrdiff_t>(at);
    texts.push_back(option_text({first, first + static_cast<std::ptrdiff_t>(length)}, isn));
    at += length;
  }
  return texts;
}

Bytes encode_options(const std::string& text, std::uint32_t isn) {
  Bytes bytes;
  if (!text.empty())
    for (const std::string& option : split(text, ',')) put_option(bytes, option, isn);
  while (bytes.size() % 4 != 0) bytes.push_back(0);
  if (bytes.size() > 40) throw ScriptError("options take " + std::to_string(bytes.size()) + " bytes, 40 at most fit");
  return bytes;
}

}  // namespace weir::scripts
