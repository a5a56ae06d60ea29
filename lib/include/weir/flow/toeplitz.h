// The Toeplitz hash by which devices spread TCP packets over queues (RSS). It is linear, so the part of the
// destination port is tabled: trying many ports costs two look-ups each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <weir/wire/address.h>

namespace weir {

class Toeplitz {
 public:
  static constexpr std::size_t kKeyBytes = 52;

  explicit Toeplitz(const std::array<std::uint8_t, kKeyBytes>& key);

  // Over (source address, destination address, source port, destination port) of an arriving packet; both addresses
  // are of one family.
  std::uint32_t hash(const Endpoint& source, const Endpoint& destination) const {
    return without_port(source, destination.address) ^ of_port(destination.address.family(), destination.port);
  }
  // The two parts: hash() is their exclusive or.
  std::uint32_t without_port(const Endpoint& source, const IpAddress& destination) const;
  std::uint32_t of_port(Family family, std::uint16_t destination_port) const {
    const auto& table = port_parts_[family == Family::kIpv4 ? 0 : 1];
    return table[0][destination_port >> 8] ^ table[1][destination_port & 0xff];
  }

 private:
  alignas(4) std::array<std::uint8_t, kKeyBytes> key_;
  std::array<std::array<std::array<std::uint32_t, 256>, 2>, 2> port_parts_;  // family, byte of the port, its value
};

}  // namespace weir
