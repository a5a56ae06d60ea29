// Source addresses, singly, from here to there, or a network's.
#include <fmt/format.h>

#include "read_config.h"

namespace weir::run {
namespace {

constexpr std::uint64_t kSourcesMax = 60'000;  // a host tells its addresses by 16 bits
constexpr std::string_view kForm = "write \"192.0.2.10\", \"192.0.2.10-192.0.2.60\" or \"192.0.2.64/26\"";

IpAddress plus(const IpAddress& address, std::uint64_t n) {
  if (address.is_v4()) return IpAddress::v4(be32{static_cast<std::uint32_t>(address.as_v4().value() + n)});
  std::array<std::uint8_t, 16> bytes = address.bytes();
  for (std::size_t i = 16; i-- > 0 && n != 0; n >>= 8) {
    n += bytes[i];
    bytes[i] = static_cast<std::uint8_t>(n);
  }
  return IpAddress::v6(bytes.data());
}

std::uint64_t last_word(const IpAddress& address) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i < 16; ++i) value = value << 8 | address.bytes()[i];
  return value;
}

struct Range {
  IpAddress first;
  std::uint64_t count = 0;
};

std::optional<Range> from_to(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = IpAddress::parse(text.substr(0, dash));
  const auto last = IpAddress::parse(text.substr(dash + 1));
  if (!first || !last || first->family() != last->family() || *last < *first || first->high() != last->high())
    return {};
  return Range{*first, last_word(*last) - last_word(*first) + 1};
}

// The address with its last `bits` bits cleared; bits <= 16.
IpAddress without_host(const IpAddress& address, unsigned bits) {
  if (address.is_v4()) return IpAddress::v4(be32{address.as_v4().value() & ~0U << bits});
  std::array<std::uint8_t, 16> bytes = address.bytes();
  const unsigned mask = ~0U << bits;
  bytes[15] = static_cast<std::uint8_t>(bytes[15] & mask);
  bytes[14] = static_cast<std::uint8_t>(bytes[14] & mask >> 8);
  return IpAddress::v6(bytes.data());
}

// The hosts of a network: without its first and last address where it is IPv4 and has more than two.
std::optional<Range> hosts_of(std::string_view text) {
  const auto network = Prefix::parse(text);
  if (!network) return {};
  const bool is_v4 = network->address.is_v4();
  const unsigned bits = (is_v4 ? 32U : 128U) - network->length;
  if (bits > 16) return Range{network->address, kSourcesMax + 1};
  const IpAddress base = without_host(network->address, bits);
  const std::uint64_t size = std::uint64_t{1} << bits;
  if (!is_v4 || bits < 2) return Range{base, size};
  return Range{plus(base, 1), size - 2};
}

std::optional<Range> range_of(std::string_view text) {
  if (text.find('-') != std::string_view::npos) return from_to(text);
  if (text.find('/') != std::string_view::npos) return hosts_of(text);
  const auto address = IpAddress::parse(text);
  if (!address) return {};
  return Range{*address, 1};
}

}  // namespace

std::vector<IpAddress> read_sources(TableReader& load, std::string_view key) {
  std::vector<IpAddress> sources;
  for (const auto& text : load.texts(key)) {
    const auto range = range_of(text.value);
    if (!range) {
      load.problems().add(text.place, fmt::format("\"{}\" names no addresses", text.value), std::string(kForm));
    } else if (range->count + sources.size() > kSourcesMax) {
      load.problems().add(text.place, "too many addresses", fmt::format("write at most {} in all", kSourcesMax));
      break;
    } else {
      for (std::uint64_t i = 0; i < range->count; ++i) sources.push_back(plus(range->first, i));
    }
  }
  return sources;
}

}  // namespace weir::run
