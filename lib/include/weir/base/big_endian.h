// Values as they stand on the wire. They convert only by name: `header.port == 80` does not compile.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

namespace weir {

template <std::unsigned_integral T>
class BigEndian {
 public:
  BigEndian() = default;
  explicit constexpr BigEndian(T host) : raw_(swap(host)) {}
  constexpr T value() const { return swap(raw_); }
  // The bytes as stored, for checksums that sum in network order.
  constexpr T raw() const { return raw_; }
  static constexpr BigEndian from_raw(T raw) {
    BigEndian result;
    result.raw_ = raw;
    return result;
  }
  constexpr bool operator==(const BigEndian&) const = default;

 private:
  static constexpr T swap(T value) {
    if constexpr (std::endian::native == std::endian::big || sizeof(T) == 1) return value;
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
  }
  T raw_ = 0;
};

using be16 = BigEndian<std::uint16_t>;
using be32 = BigEndian<std::uint32_t>;
using be64 = BigEndian<std::uint64_t>;

static_assert(sizeof(be16) == 2 && sizeof(be32) == 4 && sizeof(be64) == 8);

}  // namespace weir
