#include <cstdio>

#include <rte_ether.h>

#include <weir/wire/address.h>

namespace weir {

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  rte_ether_addr address;
  if (rte_ether_unformat_addr(std::string{text}.c_str(), &address) != 0) return {};
  return MacAddress{std::to_array(address.addr_bytes)};
}

MacAddress MacAddress::multicast_for(const IpAddress& group) {
  const auto& bytes = group.bytes();
  if (!group.is_v4()) return MacAddress{{0x33, 0x33, bytes[12], bytes[13], bytes[14], bytes[15]}};
  const auto low_seven = static_cast<std::uint8_t>(bytes[13] & 0x7f);
  return MacAddress{{0x01, 0x00, 0x5e, low_seven, bytes[14], bytes[15]}};
}

std::string MacAddress::to_string() const {
  std::array<char, 18> text;
  std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", bytes_[0], bytes_[1], bytes_[2], bytes_[3],
                bytes_[4], bytes_[5]);
  return text.data();
}

}  // namespace weir
