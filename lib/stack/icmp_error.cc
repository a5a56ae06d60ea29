#include "icmp_error.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace weir::stack {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t kTcp = static_cast<std::uint8_t>(IpProtocol::kTcp);
constexpr std::uint8_t kUnreachableV4 = 3, kTimeExceededV4 = 11, kParameterProblemV4 = 12;
constexpr std::uint8_t kUnreachableV6 = 1, kTooBigV6 = 2, kTimeExceededV6 = 3, kParameterProblemV6 = 4;

std::uint16_t read_16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
std::uint32_t read_32(Bytes bytes, std::size_t at) {
  return std::uint32_t{read_16(bytes, at)} << 16 | read_16(bytes, at + 2);
}
IpAddress read_v4(Bytes bytes, std::size_t at) {
  return IpAddress::v4(be32{read_32(bytes, at)});
}

// RFC 1122 §4.2.3.9: hard are protocol and port unreachable; 4 is a matter of size; all else may pass.
// Source quench (RFC 6633) and redirects (routes are configured) are ignored.
IcmpKind kind_v4(std::uint8_t type, std::uint8_t code) {
  if (type == kUnreachableV4 && code == 4) return IcmpKind::kTooBig;
  if (type == kUnreachableV4) return code == 2 || code == 3 ? IcmpKind::kHard : IcmpKind::kSoft;
  return type == kTimeExceededV4 || type == kParameterProblemV4 ? IcmpKind::kSoft : IcmpKind::kDropped;
}

// RFC 5461 §2.1: hard are "administratively prohibited" and "port unreachable".
IcmpKind kind_v6(std::uint8_t type, std::uint8_t code) {
  if (type == kTooBigV6) return IcmpKind::kTooBig;
  if (type == kUnreachableV6) return code == 1 || code == 4 ? IcmpKind::kHard : IcmpKind::kSoft;
  return type == kTimeExceededV6 || type == kParameterProblemV6 ? IcmpKind::kSoft : IcmpKind::kDropped;
}

// The embedded headers, as far as they matter: a later piece of a packet has no ports.
struct Embedded {
  IpAddress source, destination;
  std::uint16_t total_length;
  Bytes tcp;  // at least eight bytes
};

std::optional<Embedded> parse_embedded_v4(Bytes bytes) {
  if (bytes.size() < 28 || bytes[0] >> 4 != 4) return std::nullopt;
  const std::size_t header = (bytes[0] & 0xfU) * 4;
  const bool later_piece = (read_16(bytes, 6) & 0x1fff) != 0;
  if (header < 20 || bytes.size() < header + 8 || bytes[9] != kTcp || later_piece) return std::nullopt;
  return Embedded{read_v4(bytes, 12), read_v4(bytes, 16), read_16(bytes, 2), bytes.subspan(header)};
}

// Our packets carry no extension headers.
std::optional<Embedded> parse_embedded_v6(Bytes bytes) {
  if (bytes.size() < 48 || bytes[0] >> 4 != 6 || bytes[6] != kTcp) return std::nullopt;
  return Embedded{IpAddress::v6(bytes.data() + 8), IpAddress::v6(bytes.data() + 24), read_16(bytes, 4),
                  bytes.subspan(40)};
}

// 0: to be ignored.
std::uint16_t told_mtu_v4(Bytes icmp, std::uint16_t embedded_length) {
  const std::uint16_t told = read_16(icmp, 6);
  return std::max(told != 0 ? told : plateau_below(embedded_length), kPathMtuMinV4);
}
std::uint16_t told_mtu_v6(Bytes icmp) {
  const std::uint32_t told = read_32(icmp, 4);
  return told < kPathMtuMinV6 ? std::uint16_t{0} : static_cast<std::uint16_t>(std::min(told, 0xffffU));
}

}  // namespace

IcmpMessage parse_icmp_error(std::span<const std::uint8_t> icmp, const IpHeader& ip) {
  const bool v4 = ip.is_v4();
  IcmpMessage message{.kind = v4 ? kind_v4(icmp[0], icmp[1]) : kind_v6(icmp[0], icmp[1])};
  if (message.kind == IcmpKind::kDropped) return message;
  const Bytes body = icmp.subspan(kIcmpHeader);
  const auto embedded = v4 ? parse_embedded_v4(body) : parse_embedded_v6(body);
  // RFC 5927 §4: an error comes to the address that the segment left from.
  if (!embedded || embedded->source != ip.destination) {
    return {.kind = IcmpKind::kDropped, .reason = embedded ? DropReason::kIcmpUnmatched : DropReason::kIcmpTruncated};
  }
  message.local = {embedded->source, read_16(embedded->tcp, 0)};
  message.remote = {embedded->destination, read_16(embedded->tcp, 2)};
  message.seq = SeqNum{read_32(embedded->tcp, 4)};
  if (message.kind != IcmpKind::kTooBig) return message;
  message.mtu = v4 ? told_mtu_v4(icmp, embedded->total_length) : told_mtu_v6(icmp);
  return message.mtu == 0 ? IcmpMessage{} : message;
}

std::uint16_t plateau_below(std::uint16_t length) {
  constexpr std::array<std::uint16_t, 11> kPlateaus{65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};
  const auto lower = std::find_if(kPlateaus.begin(), kPlateaus.end(), [&](auto plateau) { return plateau < length; });
  return lower == kPlateaus.end() ? kPlateaus.back() : *lower;
}

}  // namespace weir::stack
