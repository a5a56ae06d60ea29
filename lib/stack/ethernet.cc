#include <weir/stack/ethernet.h>

#include <cstring>

namespace weir::stack {

std::optional<EthernetHeader> parse_ethernet(std::span<const std::uint8_t> frame) {
  if (frame.size() < kEthernetHeader) return std::nullopt;
  return EthernetHeader{read_mac(frame.data()), read_mac(frame.data() + 6),
                        static_cast<std::uint16_t>(frame[12] << 8 | frame[13])};
}

bool write_ethernet(Packet& packet, const EthernetHeader& header) {
  std::uint8_t* at = packet.prepend(kEthernetHeader);
  if (at == nullptr) return false;
  std::memcpy(at, header.destination.bytes().data(), 6);
  std::memcpy(at + 6, header.source.bytes().data(), 6);
  at[12] = static_cast<std::uint8_t>(header.type >> 8);
  at[13] = static_cast<std::uint8_t>(header.type);
  packet.get()->l2_len = kEthernetHeader;
  return true;
}

MacAddress read_mac(const std::uint8_t* six_bytes) {
  std::array<std::uint8_t, 6> bytes;
  std::memcpy(bytes.data(), six_bytes, bytes.size());
  return MacAddress{bytes};
}

IpAddress link_local_for(const MacAddress& mac) {
  const auto& m = mac.bytes();
  const std::uint8_t bytes[16] = {0xfe, 0x80, 0,    0,    0,    0,    0,   0, static_cast<std::uint8_t>(m[0] ^ 2),
                                  m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]};
  return IpAddress::v6(bytes);
}

IpAddress solicited_node_group(const IpAddress& address) {
  const auto& a = address.bytes();
  const std::uint8_t bytes[16] = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a[13], a[14], a[15]};
  return IpAddress::v6(bytes);
}

IpAddress all_nodes_group() {
  const std::uint8_t bytes[16] = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return IpAddress::v6(bytes);
}

}  // namespace weir::stack
