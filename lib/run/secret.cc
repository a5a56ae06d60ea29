#include "secret.h"

#include <charconv>

namespace weir::run {

namespace {

constexpr std::size_t kDigits = 16;  // of a half

std::optional<std::uint64_t> parse_half(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
  if (error != std::errc{} || stop != end) return {};
  return value;
}

}  // namespace

std::optional<SipKey> parse_secret(std::string_view text) {
  if (text.size() != 2 * kDigits) return {};
  const auto high = parse_half(text.substr(0, kDigits));
  const auto low = parse_half(text.substr(kDigits));
  if (!high || !low) return {};
  return SipKey{*high, *low};
}

}  // namespace weir::run
