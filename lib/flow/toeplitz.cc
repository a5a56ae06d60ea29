#include <weir/flow/toeplitz.h>

#include <cstring>

#include <rte_thash.h>

#include <weir/base/big_endian.h>
#include <weir/base/check.h>

namespace weir {
namespace {

// The input as rte_softrss() wants it: 32-bit words of the wire's bytes, in host order.
struct Input {
  std::array<std::uint32_t, 9> words{};
  std::uint32_t count = 0;

  void add(const IpAddress& address) {
    for (std::size_t at = address.is_v4() ? 12 : 0; at < 16; at += 4) {
      std::uint32_t raw;
      std::memcpy(&raw, address.bytes().data() + at, 4);
      words[count++] = be32::from_raw(raw).value();
    }
  }
  void add_ports(std::uint16_t source, std::uint16_t destination) {
    words[count++] = std::uint32_t{source} << 16 | destination;
  }
};

}  // namespace

Toeplitz::Toeplitz(const std::array<std::uint8_t, kKeyBytes>& key) : key_(key) {
  for (std::uint32_t family = 0; family < 2; ++family) {
    for (std::uint32_t value = 0; value < 256; ++value) {
      for (std::uint32_t byte = 0; byte < 2; ++byte) {
        Input input{.count = family == 0 ? 2U : 8U};  // addresses of zeros add nothing
        input.add_ports(0, static_cast<std::uint16_t>(byte == 0 ? value << 8 : value));
        port_parts_[family][byte][value] = rte_softrss(input.words.data(), input.count, key_.data());
      }
    }
  }
}

std::uint32_t Toeplitz::without_port(const Endpoint& source, const IpAddress& destination) const {
  WEIR_DCHECK(source.address.family() == destination.family());
  Input input;
  input.add(source.address);
  input.add(destination);
  input.add_ports(source.port, 0);
  return rte_softrss(input.words.data(), input.count, key_.data());
}

}  // namespace weir
