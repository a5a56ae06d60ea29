#include <weir/wire/address.h>

#include <arpa/inet.h>

namespace weir {

namespace {

bool parse_as(int family, std::string_view text, void* to) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) return false;
  text.copy(terminated.data(), text.size());
  return ::inet_pton(family, terminated.data(), to) == 1;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::uint32_t four_bytes;
  if (parse_as(AF_INET, text, &four_bytes)) return v4(be32::from_raw(four_bytes));
  std::array<std::uint8_t, 16> sixteen_bytes;
  if (!parse_as(AF_INET6, text, sixteen_bytes.data())) return {};
  const IpAddress address = v6(sixteen_bytes.data());
  if (address.is_v4()) return {};  // "::ffff:192.0.2.1" would be taken for the IPv4 address
  return address;
}

bool IpAddress::is_link_local() const {
  return is_v4() ? bytes_[12] == 169 && bytes_[13] == 254 : bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text;
  if (is_v4()) return ::inet_ntop(AF_INET, bytes_.data() + 12, text.data(), text.size());
  return ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
}

}  // namespace weir
