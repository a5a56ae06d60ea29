#include <weir/wire/build.h>

#include <rte_ip.h>

#include <weir/wire/headers.h>

#include "checksum_sum.h"
#include "option_writer.h"

namespace weir::wire {

namespace {

constexpr std::uint32_t kLengthMax = 65535;

std::uint16_t ip_length(const Path& path) {
  return path.source.is_v4() ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
}

std::uint8_t traffic_class(const Path& path) {
  return static_cast<std::uint8_t>(unsigned{path.dscp} << 2 | static_cast<unsigned>(path.ecn));
}

void put_ipv4(std::uint8_t* at, const Path& path, IpProtocol protocol, std::uint32_t payload) {
  Ipv4Header header;
  header.traffic_class = traffic_class(path);
  header.total_length = be16{static_cast<std::uint16_t>(payload + sizeof header)};
  header.fragment = be16{Ipv4Header::kDontFragment};
  header.ttl = path.ttl;
  header.protocol = static_cast<std::uint8_t>(protocol);
  header.source = ipv4_bytes(path.source);
  header.destination = ipv4_bytes(path.destination);
  store(at, header);
}

void put_ipv6(std::uint8_t* at, const Path& path, IpProtocol protocol, std::uint32_t payload) {
  Ipv6Header header;
  header.version_class_flow = be32{6U << 28 | std::uint32_t{traffic_class(path)} << 20};
  header.payload_length = be16{static_cast<std::uint16_t>(payload)};
  header.next_header = static_cast<std::uint8_t>(protocol);
  header.hop_limit = path.ttl;
  header.source = path.source.bytes();
  header.destination = path.destination.bytes();
  store(at, header);
}

void put_ip(std::uint8_t* at, const Path& path, IpProtocol protocol, std::uint32_t payload) {
  if (path.source.is_v4()) {
    put_ipv4(at, path, protocol, payload);
  } else {
    put_ipv6(at, path, protocol, payload);
  }
}

void put_tcp(std::uint8_t* at, const Path& path, const Segment& segment, std::uint16_t length, std::uint16_t pseudo) {
  TcpHeader header;
  header.source_port = be16{path.source_port};
  header.destination_port = be16{path.destination_port};
  header.seq = be32{segment.seq.value()};
  header.ack = be32{segment.ack.value()};
  header.data_offset = static_cast<std::uint8_t>(length / 4 << 4);
  header.flags = segment.flags;
  header.window = be16{segment.window.value()};
  header.checksum = be16::from_raw(pseudo);
  header.urgent = be16{segment.urgent};
  store(at, header);
}

void ask_for_checksums(rte_mbuf* mbuf, bool v4, std::uint16_t l3_length, std::uint16_t l4_length) {
  mbuf->ol_flags = RTE_MBUF_F_TX_TCP_CKSUM | (v4 ? RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM : RTE_MBUF_F_TX_IPV6);
  mbuf->tx_offload = rte_mbuf_tx_offload(0, l3_length, l4_length, 0, 0, 0, 0);
}

// Room for `n` bytes of headers; nullptr when there is none, or IP's length field could not hold the result.
std::uint8_t* make_room(Packet& packet, std::uint16_t n) {
  WEIR_CHECK(packet.is_writable());
  return packet.length() + n > kLengthMax ? nullptr : packet.prepend(n);
}

}  // namespace

namespace {

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
