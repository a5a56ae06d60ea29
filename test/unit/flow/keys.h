// Flow keys for the tests: many different ones of both families.
#pragma once

#include <array>
#include <cstdint>

#include <weir/base/random.h>
#include <weir/flow/flow_key.h>

namespace weir::test {

inline constexpr SipKey kSecret{.k0 = 0x1234, .k1 = 0x5678};

inline IpAddress address_v4(std::uint32_t host) {
  return IpAddress::v4(be32{host});
}
inline IpAddress address_v6(std::uint8_t last, std::uint8_t first = 0x20) {
  const std::array<std::uint8_t, 16> bytes{first, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
  return IpAddress::v6(bytes.data());
}
// The number decides the key; odd ones are IPv6.
inline FlowKey key(std::uint32_t number) {
  const auto low = static_cast<std::uint8_t>(number >> 1);
  return FlowKey{.remote = number % 2 == 0 ? address_v4(0xc000'0200 + low) : address_v6(low),
                 .remote_port = static_cast<std::uint16_t>(1024 + (number >> 9)),
                 .local_port = 80,
                 .local_address = static_cast<std::uint16_t>(number % 3)};
}
inline std::uint64_t hash(const FlowKey& key) {
  return flow_hash(key, kSecret);
}

}  // namespace weir::test
