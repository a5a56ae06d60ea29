// Addresses. One 16-byte type holds both families (IPv4 as ::ffff:a.b.c.d), so that they are equals everywhere.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <weir/base/big_endian.h>

namespace weir {

enum class Family : std::uint8_t { kIpv4, kIpv6 };

class IpAddress {
 public:
  constexpr IpAddress() = default;  // ::, the unspecified address
  static constexpr IpAddress v4(be32 address) {
    IpAddress result;
    result.bytes_[10] = result.bytes_[11] = 0xff;
    const auto four_bytes = std::bit_cast<std::array<std::uint8_t, 4>>(address.raw());
    for (unsigned i = 0; i < 4; ++i) result.bytes_[12 + i] = four_bytes[i];
    return result;
  }
  static IpAddress v6(const std::uint8_t* sixteen_bytes) {
    IpAddress result;
    std::memcpy(result.bytes_.data(), sixteen_bytes, 16);
    return result;
  }
  // "192.0.2.1" or "2001:db8::1"; nothing for anything else.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const { return high() == 0 && part<std::uint32_t>(8) == be32{0xffff}.raw(); }
  Family family() const { return is_v4() ? Family::kIpv4 : Family::kIpv6; }
  be32 as_v4() const { return be32::from_raw(part<std::uint32_t>(12)); }
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  std::uint64_t high() const { return part<std::uint64_t>(0); }
  std::uint64_t low() const { return part<std::uint64_t>(8); }

  // 0.0.0.0 or ::
  bool is_unspecified() const { return is_v4() ? as_v4().raw() == 0 : high() == 0 && low() == 0; }
  bool is_multicast() const { return is_v4() ? (bytes_[12] & 0xf0) == 0xe0 : bytes_[0] == 0xff; }
  // 255.255.255.255 only; subnet broadcasts are known to the routes
  bool is_broadcast() const { return is_v4() && as_v4().raw() == 0xffff'ffff; }
  bool is_loopback() const { return is_v4() ? bytes_[12] == 127 : high() == 0 && low() == be64{1}.raw(); }
  bool is_link_local() const;
  // May a segment come from here? RFC 1122 §3.2.1.3, RFC 9293 MUST-63.
  bool is_valid_source() const {
    if (!is_v4()) return !is_unspecified() && !is_multicast() && !is_loopback();
    const std::uint32_t raw = as_v4().raw();
    const std::uint8_t first = bytes_[12];
    return raw != 0 && raw != 0xffff'ffff && first != 127 && (first & 0xf0) != 0xe0;
  }

  std::string to_string() const;
  auto operator<=>(const IpAddress&) const = default;
  bool operator==(const IpAddress& other) const { return high() == other.high() && low() == other.low(); }

 private:
  template <typename T>
  T part(std::size_t at) const {
    T value;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return value;
  }
  std::array<std::uint8_t, 16> bytes_{};
};
static_assert(sizeof(IpAddress) == 16);

struct Endpoint {
  IpAddress address{};
  std::uint16_t port = 0;  // host order

  // "192.0.2.1:80", "[2001:db8::1]:80".
  static std::optional<Endpoint> parse(std::string_view text);
  std::string to_string() const;
  auto operator<=>(const Endpoint&) const = default;
};

// An address with the length of its network, "192.0.2.1/24".
struct Prefix {
  IpAddress address{};
  std::uint8_t length = 0;  // 0..32 for IPv4, 0..128 for IPv6

  static std::optional<Prefix> parse(std::string_view text);
  bool contains(const IpAddress& other) const;
  Prefix network() const;  // the same, without bits beyond the length
  std::string to_string() const;
  auto operator<=>(const Prefix&) const = default;
};

class MacAddress {
 public:
  constexpr MacAddress() = default;
  explicit constexpr MacAddress(std::array<std::uint8_t, 6> bytes) : bytes_(bytes) {}
  static std::optional<MacAddress> parse(std::string_view text);
  static constexpr MacAddress broadcast() { return MacAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  // RFC 1112 §6.4 and RFC 2464 §7.
  static MacAddress multicast_for(const IpAddress& group);

  const std::array<std::uint8_t, 6>& bytes() const { return bytes_; }
  bool is_group() const { return (bytes_[0] & 1) != 0; }
  bool is_zero() const { return *this == MacAddress{}; }
  std::string to_string() const;
  auto operator<=>(const MacAddress&) const = default;

 private:
  std::array<std::uint8_t, 6> bytes_{};
};
static_assert(sizeof(MacAddress) == 6);

}  // namespace weir
