#include <algorithm>
#include <cstddef>

#include <weir/wire/build.h>
#include <weir/wire/headers.h>

#include "checksum_sum.h"

namespace weir::wire {

namespace {

std::uint64_t halves(std::uint64_t value) {
  return (value & 0xffff'ffff) + (value >> 32);
}

std::uint64_t address_sum(const IpAddress& address) {
  // The ::ffff: in front of an IPv4 address adds 0xffff, which is zero in ones' complement.
  return halves(address.high()) + halves(address.low());
}

std::uint16_t complement(std::uint16_t sum) {
  return static_cast<std::uint16_t>(~sum);
}

// A segment that starts at an odd offset of the whole has its bytes in each other's places.
std::uint16_t shifted(std::uint16_t sum, std::uint32_t offset) {
  return offset % 2 == 0 ? sum : __builtin_bswap16(sum);
}

// Fewer than eight bytes.
std::uint64_t rest_sum(const std::uint8_t* at, std::uint32_t count) {
  std::uint64_t sum = 0;
  if ((count & 4) != 0) sum += load<std::uint32_t>(at), at += 4;
  if ((count & 2) != 0) sum += load<std::uint16_t>(at), at += 2;
  if ((count & 1) != 0) sum += be16{static_cast<std::uint16_t>(*at << 8)}.raw();
  return sum;
}

void finish_ipv4(std::uint8_t* header) {
  store(header + offsetof(Ipv4Header, checksum), be16{});
  const std::uint16_t sum = bytes_sum(header, load<Ipv4Header>(header).length());
  store(header + offsetof(Ipv4Header, checksum), be16::from_raw(complement(sum)));
}

}  // namespace

std::uint16_t bytes_sum(const std::uint8_t* at, std::uint32_t count) {
  unsigned __int128 sum = 0;
  for (; count >= 8; at += 8, count -= 8) sum += load<std::uint64_t>(at);
  const auto carries = static_cast<std::uint64_t>(sum >> 64);
  return fold(halves(static_cast<std::uint64_t>(sum)) + carries + rest_sum(at, count));
}

std::uint16_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                                std::uint32_t length) {
  const std::uint64_t rest = std::uint64_t{be32{length}.raw()} + be32{protocol}.raw();
  return fold(address_sum(source) + address_sum(destination) + rest);
}

// Not rte_raw_cksum_mbuf(): DPDK 22.11 loses the carries of a segment that starts at an odd offset.
std::uint16_t packet_sum(const rte_mbuf* mbuf, std::uint32_t offset, std::uint32_t length) {
  WEIR_CHECK(std::uint64_t{offset} + length <= mbuf->pkt_len);
  std::uint64_t sum = 0;
  std::uint32_t done = 0;
  for (; done < length; mbuf = mbuf->next) {
    const std::uint32_t skipped = std::min<std::uint32_t>(offset, mbuf->data_len);
    const std::uint32_t here = std::min(mbuf->data_len - skipped, length - done);
    sum += shifted(bytes_sum(rte_pktmbuf_mtod_offset(mbuf, const std::uint8_t*, skipped), here), done);
    offset -= skipped;
    done += here;
  }
  return fold(sum);
}

std::uint16_t internet_checksum(const Packet& packet, std::uint32_t offset, std::uint32_t length) {
  return complement(packet_sum(packet.get(), offset, length));
}

std::uint16_t transport_checksum(const Packet& packet, std::uint32_t offset, const IpHeader& ip) {
  const std::uint64_t pseudo = pseudo_header_sum(ip.source, ip.destination, ip.protocol, ip.payload_length);
  return complement(fold(pseudo + packet_sum(packet.get(), offset, ip.payload_length)));
}

void finish_checksums(Packet& packet, std::uint16_t l2_length) {
  rte_mbuf* mbuf = packet.get();
  const std::uint64_t asked = mbuf->ol_flags;
  if ((asked & RTE_MBUF_F_TX_IP_CKSUM) != 0) finish_ipv4(packet.data().data() + l2_length);
  if ((asked & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM) {
    const auto start = static_cast<std::uint32_t>(l2_length + mbuf->l3_len);
    // The field holds the pseudo-header's sum already: summed with the rest, as a device does it.
    const std::uint16_t sum = packet_sum(mbuf, start, mbuf->pkt_len - start);
    store(packet.data().data() + start + offsetof(TcpHeader, checksum), be16::from_raw(complement(sum)));
  }
  mbuf->ol_flags = asked & ~std::uint64_t{RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK};
}

}  // namespace weir::wire
