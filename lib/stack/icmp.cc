#include <weir/stack/icmp.h>

#include <algorithm>
#include <array>

#include <rte_ip.h>

#include <weir/wire/build.h>
#include <weir/wire/precedence.h>

#include "icmp_error.h"

namespace weir::stack {

namespace {

constexpr std::uint8_t kEchoV4 = 8, kEchoReplyV4 = 0, kEchoV6 = 128, kEchoReplyV6 = 129;

IcmpMessage dropped(DropReason reason) {
  return {.kind = IcmpKind::kDropped, .reason = reason};
}

bool has_right_checksum(const Packet& packet, const IpHeader& ip) {
  if (!ip.is_v4()) return wire::transport_checksum(packet, ip.header_length, ip) == 0;
  return wire::internet_checksum(packet, ip.header_length, ip.payload_length) == 0;
}

bool is_of_its_family(const IpHeader& ip) {
  return ip.protocol == static_cast<std::uint8_t>(ip.is_v4() ? IpProtocol::kIcmp : IpProtocol::kIcmpV6);
}

// One's complement sums do not care for order: swapping the addresses leaves the ICMPv6 checksum as it is, and the
// type is the high byte of a word, so its change is added there (RFC 1624).
void replace_type(std::span<std::uint8_t> icmp, std::uint8_t type) {
  std::uint32_t sum = static_cast<std::uint16_t>(~(icmp[2] << 8 | icmp[3]));
  sum += static_cast<std::uint16_t>(~(icmp[0] << 8));
  sum += static_cast<std::uint32_t>(type) << 8;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  const std::uint32_t checksum = sum == 0xffff ? 0xffff : ~sum;  // either zero will do, but where all else is zero
  icmp[0] = type;
  icmp[2] = static_cast<std::uint8_t>(checksum >> 8);
  icmp[3] = static_cast<std::uint8_t>(checksum);
}

// write_ip() forbids fragments; a long answer needs them where the request came in such.
void allow_fragments(Packet& packet, std::uint16_t identification) {
  auto* ip = rte_pktmbuf_mtod(packet.get(), rte_ipv4_hdr*);
  ip->fragment_offset = 0;
  ip->packet_id = identification;
  ip->hdr_checksum = 0;
  ip->hdr_checksum = rte_ipv4_cksum(ip);
}

}  // namespace

IcmpMessage parse_icmp(const Packet& packet, const IpHeader& ip) {
  if (!is_of_its_family(ip)) return dropped(DropReason::kUnknownProtocol);
  if (ip.is_fragment || ip.payload_length < kIcmpHeader || packet.data().size() < ip.header_length + kIcmpHeader ||
      packet.length() < ip.header_length + ip.payload_length) {
    return dropped(DropReason::kIcmpTruncated);
  }
  if (!has_right_checksum(packet, ip)) return dropped(DropReason::kIcmpChecksum);
  auto icmp = packet.data().subspan(ip.header_length);
  icmp = icmp.first(std::min<std::size_t>(icmp.size(), ip.payload_length));
  if (icmp[0] == (ip.is_v4() ? kEchoV4 : kEchoV6)) return {.kind = IcmpKind::kEchoRequest};
  return parse_icmp_error(icmp, ip);
}

bool answer_echo(Packet& packet, const IpHeader& ip) {
  const auto* request = rte_pktmbuf_mtod(packet.get(), const rte_ipv4_hdr*);
  const std::uint16_t identification = request->packet_id;
  const bool fragments_allowed = ip.is_v4() && (request->fragment_offset & rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG)) == 0;
  packet.trim_back(packet.length() - ip.header_length - ip.payload_length);
  packet.trim_front(ip.header_length);
  replace_type(packet.data(), ip.is_v4() ? kEchoReplyV4 : kEchoReplyV6);
  packet.get()->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
  const wire::Path path{.source = ip.destination, .destination = ip.source, .dscp = ip.dscp};
  if (!wire::write_ip(packet, path, static_cast<IpProtocol>(ip.protocol))) return false;
  if (fragments_allowed) allow_fragments(packet, identification);
  wire::mark_expendable(packet.get());
  return true;
}

bool IcmpBudget::take(Instant now) {
  const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - refilled_).count();
  const auto earned =
      static_cast<std::uint64_t>(std::min(passed, std::int64_t{1'000'000'000})) * per_second_ / 1'000'000'000;
  if (earned > 0) {
    tokens_ = std::min<std::uint64_t>(tokens_ + earned, burst_);
    refilled_ = now;
  }
  if (tokens_ == 0) return false;
  --tokens_;
  return true;
}

}  // namespace weir::stack
