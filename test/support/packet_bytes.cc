#include "support/packet_bytes.h"

#include <algorithm>

namespace weir::testing {
namespace {

constexpr std::size_t kQuotedBytes = 48;  // IPv6 header and the ports and sequence number of TCP

// RFC 1071, over bytes in wire order.
std::uint32_t sum_of(std::span<const std::uint8_t> bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

void store16(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void store_checksum(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t sum) {
  store16(bytes, at, ~sum & 0xffff);
}

std::uint32_t pseudo_header_sum(std::span<const std::uint8_t> packet, const IpHeader& ip) {
  const auto addresses = ip.is_v4() ? packet.subspan(12, 8) : packet.subspan(8, 32);
  return sum_of(addresses, (ip.payload_length & 0xffff) + ip.protocol);
}

void finish_v4(std::span<std::uint8_t> packet) {
  store16(packet, 10, 0);
  store_checksum(packet, 10, sum_of(packet.first(20)));
}

// From 192.0.2.254, to the packet's sender.
std::vector<std::uint8_t> too_big_v4(std::span<const std::uint8_t> about, std::uint16_t mtu) {
  std::vector<std::uint8_t> packet{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 254};
  packet.insert(packet.end(), about.begin() + 12, about.begin() + 16);
  packet.insert(packet.end(), {3, 4, 0, 0, 0, 0, 0, 0});
  packet.insert(packet.end(), about.begin(), about.end());
  store16(packet, 2, static_cast<std::uint32_t>(packet.size()));
  store16(packet, 26, mtu);
  finish_v4(packet);
  store_checksum(packet, 22, sum_of(std::span{packet}.subspan(20)));
  return packet;
}

// From 2001:db8::fe, to the packet's sender.
std::vector<std::uint8_t> too_big_v6(std::span<const std::uint8_t> about, std::uint16_t mtu) {
  std::vector<std::uint8_t> packet{0x60, 0, 0, 0, 0, 0, 58, 64, 0x20, 0x01, 0x0d, 0xb8,
                                   0,    0, 0, 0, 0, 0, 0,  0,  0,    0,    0,    0xfe};
  packet.insert(packet.end(), about.begin() + 8, about.begin() + 24);
  packet.insert(packet.end(), {2, 0, 0, 0, 0, 0, 0, 0});
  packet.insert(packet.end(), about.begin(), about.end());
  const auto payload = static_cast<std::uint32_t>(packet.size() - 40);
  store16(packet, 4, payload);
  store16(packet, 46, mtu);
  const std::uint32_t pseudo = sum_of(std::span{packet}.subspan(8, 32), payload + 58);
  store_checksum(packet, 42, sum_of(std::span{packet}.subspan(40), pseudo));
  return packet;
}

}  // namespace

void set_congestion_experienced(std::span<std::uint8_t> packet) {
  if (packet[0] >> 4 == 6) {
    packet[1] = static_cast<std::uint8_t>(packet[1] | 0x30);
    return;
  }
  packet[1] = static_cast<std::uint8_t>(packet[1] | 0x03);
  finish_v4(packet);
}

bool is_checksum_right(std::span<const std::uint8_t> packet, const IpHeader& ip) {
  return sum_of(packet.subspan(ip.header_length, ip.payload_length), pseudo_header_sum(packet, ip)) == 0xffff;
}

// One bit on, the same bit of a 16-bit word elsewhere off: the sum stays.
void change_text_unnoticed(std::vector<std::uint8_t>& packet) {
  constexpr std::size_t kHeaders = 120;
  for (std::size_t i = kHeaders; i + 2 < packet.size(); i += 2) {
    if ((packet[i] & 1) == (packet[i + 2] & 1)) continue;
    packet[i] = static_cast<std::uint8_t>(packet[i] ^ 1);
    packet[i + 2] = static_cast<std::uint8_t>(packet[i + 2] ^ 1);
    return;
  }
}

std::vector<std::uint8_t> icmp_too_big(std::span<const std::uint8_t> packet, const IpHeader& ip, std::uint16_t mtu) {
  const auto about = packet.first(std::min(packet.size(), kQuotedBytes));
  return ip.is_v4() ? too_big_v4(about, mtu) : too_big_v6(about, mtu);
}

}  // namespace weir::testing
