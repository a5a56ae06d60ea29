#include "packet.h"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>

namespace weir::scripts {

namespace {

constexpr std::string_view kLetters = "FSRP.UEW";  // bit by bit
constexpr std::uint8_t kTcp = 6, kIcmp = 1, kIcmpV6 = 58;

void put16(Bytes& to, unsigned value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8));
  to.push_back(static_cast<std::uint8_t>(value));
}
void put32(Bytes& to, std::uint32_t value) {
  put16(to, value >> 16);
  put16(to, value & 0xffff);
}
void put(Bytes& to, const Address& address) {
  to.insert(to.end(), address.bytes.begin(), address.bytes.begin() + address.length());
}
unsigned get16(const Bytes& from, std::size_t at) {
  return unsigned{from[at]} << 8 | from[at + 1];
}
std::uint32_t get32(const Bytes& from, std::size_t at) {
  return std::uint32_t{get16(from, at)} << 16 | get16(from, at + 2);
}

// RFC 1071.
std::uint16_t checksum(const Bytes& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
  while (sum > 0xffff) sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<std::uint16_t>(~sum);
}

std::uint16_t transport_checksum(const Address& from, const Address& to, std::uint8_t protocol, const Bytes& segment) {
  Bytes all;
  put(all, from);
  put(all, to);
  put32(all, static_cast<std::uint32_t>(segment.size()));
  put32(all, protocol);
  all.insert(all.end(), segment.begin(), segment.end());
  return checksum(all);
}

void store16(Bytes& in, std::size_t at, unsigned value) {
  in[at] = static_cast<std::uint8_t>(value >> 8);
  in[at + 1] = static_cast<std::uint8_t>(value);
}

Bytes ip_header(const Address& from, const Address& to, std::uint8_t protocol, std::uint8_t ttl, std::uint8_t tos,
                std::size_t payload) {
  Bytes header;
  if (from.is_v4) {
    put16(header, 0x4500U | tos);
    put16(header, static_cast<unsigned>(payload + 20));
    put32(header, 0x4000);  // DF
    put16(header, unsigned{ttl} << 8 | protocol);
    put16(header, 0);
  } else {
    put32(header, 6U << 28 | std::uint32_t{tos} << 20);
    put16(header, static_cast<unsigned>(payload));
    put16(header, unsigned{protocol} << 8 | ttl);
  }
  put(header, from);
  put(header, to);
  if (from.is_v4) store16(header, 10, checksum(header));
  return header;
}

Bytes joined(Bytes first, const Bytes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Address address_at(const Bytes& bytes, std::size_t at, bool is_v4) {
  Address address{.is_v4 = is_v4};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), address.length(), address.bytes.begin());
  return address;
}

// The IP header's length; 0 with `fault` set when something is wrong.
std::size_t decode_ip(const Bytes& bytes, TcpPacket& packet, std::string& fault) {
  const bool is_v4 = !bytes.empty() && bytes[0] >> 4 == 4;
  const std::size_t length = is_v4 ? 20 : 40;
  if (bytes.size() < length + 20) return fault = "shorter than its headers", 0;
  if (is_v4 && bytes[0] != 0x45) return fault = "IPv4 options", 0;
  if (!is_v4 && bytes[0] >> 4 != 6) return fault = "neither IPv4 nor IPv6", 0;
  const std::size_t total = is_v4 ? get16(bytes, 2) : get16(bytes, 4) + 40;
  if (total != bytes.size()) return fault = "the IP header says another length", 0;
  if (is_v4 && checksum({bytes.begin(), bytes.begin() + 20}) != 0) return fault = "wrong IP checksum", 0;
  if (bytes[is_v4 ? 9 : 6] != kTcp) return fault = "not TCP", 0;
  packet.source = address_at(bytes, is_v4 ? 12 : 8, is_v4);
  packet.destination = address_at(bytes, is_v4 ? 16 : 24, is_v4);
  packet.ttl = bytes[is_v4 ? 8 : 7];
  packet.traffic_class = is_v4 ? bytes[1] : static_cast<std::uint8_t>(get16(bytes, 0) >> 4);
  return length;
}

}  // namespace

Address read_address(const char* text) {
  Address address{.is_v4 = std::string_view{text}.find(':') == std::string_view::npos};
  if (inet_pton(address.is_v4 ? AF_INET : AF_INET6, text, address.bytes.data()) != 1)
    throw std::invalid_argument(std::string{"not an address: "} + text);
  return address;
}

std::string flags_text(std::uint8_t flags) {
  // The order in which tcpdump writes them.
  std::string text;
  for (const char letter : std::string_view{"SFRP.UEW"})
    if ((flags & 1U << kLetters.find(letter)) != 0) text += letter;
  return text.empty() ? "none" : text;
}

std::optional<std::uint8_t> flags_of(const std::string& text) {
  if (text == "none") return std::uint8_t{0};
  unsigned flags = 0;
  for (const char letter : text) {
    const std::size_t bit = kLetters.find(letter);
    if (bit == std::string_view::npos) return {};
    flags |= 1U << bit;
  }
  return static_cast<std::uint8_t>(flags);
}

Bytes encode(const TcpPacket& packet) {
  Bytes tcp;
  put16(tcp, packet.source_port);
  put16(tcp, packet.destination_port);
  put32(tcp, packet.seq);
  put32(tcp, packet.ack);
  put16(tcp, static_cast<unsigned>((20 + packet.options.size()) / 4 << 12) | packet.flags);
  put16(tcp, packet.window);
  put16(tcp, 0);
  put16(tcp, packet.urgent);
  tcp = joined(joined(std::move(tcp), packet.options), packet.payload);
  store16(tcp, 16, transport_checksum(packet.source, packet.destination, kTcp, tcp));
  return joined(ip_header(packet.source, packet.destination, kTcp, packet.ttl, packet.traffic_class, tcp.size()), tcp);
}

std::string decode(const Bytes& bytes, TcpPacket& packet) {
  std::string fault;
  const std::size_t at = decode_ip(bytes, packet, fault);
  if (at == 0) return fault;
  const Bytes tcp{bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end()};
  const std::size_t header = std::size_t{tcp[12]} >> 4 << 2;
  if (header < 20 || header > tcp.size()) return "impossible data offset";
  if (transport_checksum(packet.source, packet.destination, kTcp, tcp) != 0) return "wrong TCP checksum";
  packet.source_port = static_cast<std::uint16_t>(get16(tcp, 0));
  packet.destination_port = static_cast<std::uint16_t>(get16(tcp, 2));
  packet.seq = get32(tcp, 4);
  packet.ack = get32(tcp, 8);
  packet.flags = tcp[13];
  packet.window = static_cast<std::uint16_t>(get16(tcp, 14));
  packet.urgent = static_cast<std::uint16_t>(get16(tcp, 18));
  packet.options.assign(tcp.begin() + 20, tcp.begin() + static_cast<std::ptrdiff_t>(header));
  packet.payload.assign(tcp.begin() + static_cast<std::ptrdiff_t>(header), tcp.end());
  return {};
}

Bytes encode(const IcmpError& error, const Address& router, const Bytes& about) {
  TcpPacket quoted;
  const std::string fault = decode(about, quoted);
  if (!fault.empty()) throw std::invalid_argument("an ICMP error quotes " + fault);
  const Address& to = quoted.source;
  Bytes icmp;
  put16(icmp, unsigned{error.type} << 8 | error.code);
  put16(icmp, 0);
  put32(icmp, error.rest);
  const std::size_t kept = std::min<std::size_t>(about.size(), to.is_v4 ? 28 : 1232);  // RFC 792, RFC 4443
  icmp.insert(icmp.end(), about.begin(), about.begin() + static_cast<std::ptrdiff_t>(kept));
  store16(icmp, 2, to.is_v4 ? checksum(icmp) : transport_checksum(router, to, kIcmpV6, icmp));
  return joined(ip_header(router, to, to.is_v4 ? kIcmp : kIcmpV6, 64, 0, icmp.size()), icmp);
}

}  // namespace weir::scripts
