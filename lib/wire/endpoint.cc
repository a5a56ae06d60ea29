#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>

#include <weir/wire/address.h>

namespace weir {

namespace {

template <std::unsigned_integral T>
std::optional<T> parse_number(std::string_view text) {
  T value;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc{} || result.ptr != end) return {};
  return value;
}

// Without the brackets that IPv6 needs before a port and IPv4 must not have.
std::optional<IpAddress> parse_before_port(std::string_view text) {
  const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if (bracketed) text = text.substr(1, text.size() - 2);
  const auto address = IpAddress::parse(text);
  if (!address || address->is_v4() == bracketed) return {};
  return address;
}

unsigned bits(Family family) {
  return family == Family::kIpv4 ? 32 : 128;
}

bool same_leading_bits(const std::uint8_t* a, const std::uint8_t* b, unsigned count) {
  if (!std::equal(a, a + count / 8, b)) return false;
  const unsigned rest = count % 8;
  return rest == 0 || ((a[count / 8] ^ b[count / 8]) >> (8 - rest)) == 0;
}

}  // namespace

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  const auto address = parse_before_port(text.substr(0, colon));
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!address || !port) return {};
  return Endpoint{*address, *port};
}

std::string Endpoint::to_string() const {
  const std::string name = address.is_v4() ? address.to_string() : '[' + address.to_string() + ']';
  return name + ':' + std::to_string(port);
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return {};
  const auto address = IpAddress::parse(text.substr(0, slash));
  const auto length = parse_number<std::uint8_t>(text.substr(slash + 1));
  if (!address || !length || *length > bits(address->family())) return {};
  return Prefix{*address, *length};
}

bool Prefix::contains(const IpAddress& other) const {
  if (address.family() != other.family()) return false;
  const std::size_t start = address.is_v4() ? 12 : 0;
  return same_leading_bits(address.bytes().data() + start, other.bytes().data() + start, length);
}

Prefix Prefix::network() const {
  const unsigned kept = address.is_v4() ? 96U + length : length;  // of the 128 bits
  const auto mask = [](unsigned bits) { return bits == 0 ? 0 : ~std::uint64_t{0} << (64 - bits); };
  const std::array words{address.high() & be64{mask(std::min(kept, 64U))}.raw(),
                         address.low() & be64{mask(kept < 64 ? 0 : kept - 64)}.raw()};
  return {IpAddress::v6(reinterpret_cast<const std::uint8_t*>(words.data())), length};
}

std::string Prefix::to_string() const {
  return address.to_string() + '/' + std::to_string(length);
}

}  // namespace weir
