#include <weir/wire/build.h>

#include <rte_ip.h>

#include <weir/wire/headers.h>

#include "checksum_sum.h"
#include "header_writer.h"
#include "option_writer.h"

namespace weir::wire {

namespace {

constexpr std::uint32_t kLengthMax = 65535;

void ask_for_checksums(rte_mbuf* mbuf, bool v4, std::uint16_t l3_length, std::uint16_t l4_length) {
  mbuf->ol_flags = RTE_MBUF_F_TX_TCP_CKSUM | (v4 ? RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM : RTE_MBUF_F_TX_IPV6);
  mbuf->tx_offload = rte_mbuf_tx_offload(0, l3_length, l4_length, 0, 0, 0, 0);
}

// Room for `n` bytes of headers; nullptr when there is none, or IP's length field could not hold the result.
std::uint8_t* make_room(Packet& packet, std::uint16_t n) {
  WEIR_CHECK(packet.is_writable());
  return packet.length() + n > kLengthMax ? nullptr : packet.prepend(n);
}

// All but the options, for which there is room at what is returned; nullptr, and nothing changed, where all does not
// fit.
std::uint8_t* write_headers(Packet& packet, const Path& path, const Segment& segment, std::uint16_t options_length) {
  const std::uint16_t l3_length = ip_length(path);
  const auto l4_length = static_cast<std::uint16_t>(sizeof(TcpHeader) + options_length);
  const std::uint32_t payload = packet.length() + l4_length;
  std::uint8_t* at = make_room(packet, static_cast<std::uint16_t>(l3_length + l4_length));
  if (at == nullptr) return nullptr;
  constexpr auto kTcp = IpProtocol::kTcp;
  put_ip(at, path, kTcp, payload);
  const std::uint16_t pseudo =
      fold(pseudo_header_sum(path.source, path.destination, static_cast<std::uint8_t>(kTcp), payload));
  put_tcp(at + l3_length, path, segment, l4_length, pseudo);
  ask_for_checksums(packet.get(), path.source.is_v4(), l3_length, l4_length);
  return at + l3_length + sizeof(TcpHeader);
}

}  // namespace

bool write_tcp(Packet& packet, const Path& path, const Segment& segment) {
  std::uint8_t* options = write_headers(packet, path, segment, tcp_options_length(segment.options));
  if (options == nullptr) return false;
  write_tcp_options(options, segment.options);
  return true;
}

bool write_tcp(Packet& packet, const Path& path, const Segment& segment, const OptionLayout& layout) {
  if (layout.count == 0) return write_tcp(packet, path, segment);
  const LaidOut laid_out = lay_out(segment.options, layout);
  std::uint8_t* options = write_headers(packet, path, segment, laid_out.length);
  if (options == nullptr) return false;
  std::memcpy(options, laid_out.bytes.data(), laid_out.length);
  return true;
}

bool write_ip(Packet& packet, const Path& path, IpProtocol protocol) {
  const std::uint32_t payload = packet.length();
  std::uint8_t* at = make_room(packet, ip_length(path));
  if (at == nullptr) return false;
  put_ip(at, path, protocol, payload);
  packet.get()->ol_flags = 0;
  if (!path.source.is_v4()) return true;
  packet.get()->ol_flags = RTE_MBUF_F_TX_IP_CKSUM;
  finish_checksums(packet);
  return true;
}

}  // namespace weir::wire
