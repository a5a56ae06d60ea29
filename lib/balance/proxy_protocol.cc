#include <weir/balance/proxy_protocol.h>

#include <algorithm>
#include <cstdio>

#include <arpa/inet.h>

#include <weir/base/check.h>

namespace weir::balance {
namespace {

constexpr std::array<std::uint8_t, 12> kSignature = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                                     0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
constexpr std::uint8_t kVersion2Proxy = 0x21;  // version 2, command PROXY
constexpr std::uint8_t kTcpOverIpv4 = 0x11;
constexpr std::uint8_t kTcpOverIpv6 = 0x21;
constexpr std::uint16_t kIpv4Length = 2 * 4 + 2 * 2;  // two addresses, two ports
constexpr std::uint16_t kIpv6Length = 2 * 16 + 2 * 2;

std::span<const std::uint8_t> wire_bytes(const IpAddress& address) {
  const std::span<const std::uint8_t> all{address.bytes()};
  return address.is_v4() ? all.last(4) : all;
}

struct Text {
  char text[INET6_ADDRSTRLEN];
  explicit Text(const IpAddress& address) {
    inet_ntop(address.is_v4() ? AF_INET : AF_INET6, wire_bytes(address).data(), text, sizeof text);
  }
};

}  // namespace

ProxyHeader::ProxyHeader(ProxyProtocol version, const Endpoint& client, const Endpoint& service) {
  WEIR_DCHECK(client.address.family() == service.address.family());
  if (version == ProxyProtocol::kV1) write_line(client, service);
  if (version == ProxyProtocol::kV2) write_binary(client, service);
}

// §2.1
void ProxyHeader::write_line(const Endpoint& client, const Endpoint& service) {
  const int length = std::snprintf(reinterpret_cast<char*>(bytes_.data()), bytes_.size(), "PROXY %s %s %s %u %u\r\n",
                                   client.address.is_v4() ? "TCP4" : "TCP6", Text{client.address}.text,
                                   Text{service.address}.text, client.port, service.port);
  WEIR_CHECK(length > 0 && static_cast<std::size_t>(length) <= kBytesMax);
  size_ = static_cast<std::size_t>(length);
}

// §2.2
void ProxyHeader::write_binary(const Endpoint& client, const Endpoint& service) {
  const bool v4 = client.address.is_v4();
  append(kSignature);
  append(static_cast<std::uint16_t>(kVersion2Proxy << 8 | (v4 ? kTcpOverIpv4 : kTcpOverIpv6)));
  append(v4 ? kIpv4Length : kIpv6Length);
  append(wire_bytes(client.address));
  append(wire_bytes(service.address));
  append(client.port);
  append(service.port);
}

void ProxyHeader::append(std::span<const std::uint8_t> bytes) {
  std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
}

void ProxyHeader::append(std::uint16_t value) {
  append(std::array{static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
}

}  // namespace weir::balance
