// The PROXY protocol's header (HAProxy's proxy-protocol.txt, versions 1 and 2): tells a back end whose connection it
// is given. Always shorter than the smallest MSS in use, so it leaves in one piece.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <weir/balance/service_config.h>

namespace weir::balance {

class ProxyHeader {
 public:
  static constexpr std::size_t kBytesMax = 107;  // the longest line of version 1

  // `client` connected to `service`, both of one family. kNone makes an empty header.
  ProxyHeader(ProxyProtocol version, const Endpoint& client, const Endpoint& service);

  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }

 private:
  void write_line(const Endpoint& client, const Endpoint& service);
  void write_binary(const Endpoint& client, const Endpoint& service);
  void append(std::span<const std::uint8_t> bytes);
  void append(std::uint16_t value);

  std::array<std::uint8_t, kBytesMax + 1> bytes_;  // and the 0 that snprintf() ends with
  std::size_t size_ = 0;
};

}  // namespace weir::balance
