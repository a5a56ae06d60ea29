#include <weir/run/missteer.h>

#include <algorithm>

#include <rte_mbuf.h>

#include <weir/wire/parse.h>

namespace weir::run {

namespace {

std::span<const std::uint8_t> bytes_of(const rte_mbuf* packet) {
  return {rte_pktmbuf_mtod(packet, const std::uint8_t*), packet->data_len};
}

}  // namespace

bool Missteer::chooses(const rte_mbuf* packet) const {
  const auto bytes = bytes_of(packet);
  IpHeader ip;
  Segment segment;
  if (wire::parse_ip(bytes, packet->pkt_len, true, ip) != WireError::kNone || ip.is_fragment ||
      ip.protocol != static_cast<std::uint8_t>(IpProtocol::kTcp))
    return false;
  if (wire::parse_tcp(bytes.subspan(ip.header_length), ip, segment) != WireError::kNone) return false;
  if (segment.has(kSyn) && !segment.has(kAck)) return false;
  const std::uint64_t ports = std::uint64_t{segment.source_port} << 16 | segment.destination_port;
  return siphash13(key_, ports, ip.source.low(), ip.destination.low()) % every_ == 0;
}

std::size_t Missteer::split(std::span<rte_mbuf*> packets) const {
  const auto chosen = std::stable_partition(packets.begin(), packets.end(),
                                            [this](const rte_mbuf* packet) { return !chooses(packet); });
  return static_cast<std::size_t>(chosen - packets.begin());
}

}  // namespace weir::run
