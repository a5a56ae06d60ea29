// Ethernet II headers (RFC 894, RFC 2464). No tags: a tagged frame has an ether type that is not ours.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include <weir/wire/address.h>
#include <weir/wire/packet.h>

namespace weir::stack {

inline constexpr std::uint16_t kEthernetHeader = 14;
inline constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEtherTypeArp = 0x0806;
inline constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;

struct EthernetHeader {
  MacAddress destination;
  MacAddress source;
  std::uint16_t type = 0;
};

// The header of a frame, read where it lies: a copy of six bytes that is then read in larger pieces waits for itself.
class EthernetView {
 public:
  explicit EthernetView(std::span<const std::uint8_t, kEthernetHeader> header) : at_(header.data()) {}

  bool is_to(const MacAddress& mac) const { return std::memcmp(at_, mac.bytes().data(), 6) == 0; }
  bool is_to_group() const { return (at_[0] & 1) != 0; }
  std::uint16_t type() const { return static_cast<std::uint16_t>(at_[12] << 8 | at_[13]); }

 private:
  const std::uint8_t* at_;
};

// Nothing when there are fewer than kEthernetHeader bytes.
std::optional<EthernetHeader> parse_ethernet(std::span<const std::uint8_t> frame);
// Puts the header in front and sets l2_len; false when the headroom is too small.
[[nodiscard]] bool write_ethernet(Packet& packet, const EthernetHeader& header);

MacAddress read_mac(const std::uint8_t* six_bytes);
// The interface's own link-local address (RFC 4291 appendix A).
IpAddress link_local_for(const MacAddress& mac);
// ff02::1:ffXX:XXXX (RFC 4291 §2.7.1).
IpAddress solicited_node_group(const IpAddress& address);
IpAddress all_nodes_group();  // ff02::1

}  // namespace weir::stack
