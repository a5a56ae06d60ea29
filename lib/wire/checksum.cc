#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include <weir/wire/build.h>
#include <weir/wire/headers.h>

#include "checksum_sum.h"

namespace weir::wire {

namespace {

std::uint16_t complement(std::uint16_t sum) {
  return static_cast<std::uint16_t>(~sum);
}

// A segment that starts at an odd offset of the whole has its bytes in each other's places.
std::uint16_t shifted(std::uint16_t sum, std::uint32_t offset) {
  return offset % 2 == 0 ? sum : __builtin_bswap16(sum);
}

void finish_ipv4(std::uint8_t* header) {
  store(header + offsetof(Ipv4Header, checksum), be16{});
  const std::uint16_t sum = ipv4_sum(header, load<Ipv4Header>(header).length());
  store(header + offsetof(Ipv4Header, checksum), be16::from_raw(complement(sum)));
}

}  // namespace

namespace {

const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;

}  // namespace

std::uint64_t long_sum(const std::uint8_t* at, std::uint32_t count) {
  return has_avx2 ? long_sum_avx2(at, count) : long_sum_plain(at, count);
}

// 32-bit words into 64-bit lanes, so that no carry is lost.
std::uint64_t long_sum_avx2(const std::uint8_t* at, std::uint32_t count) {
  const __m256i low_halves = _mm256_set1_epi64x(0xffff'ffff);
  __m256i low = _mm256_setzero_si256();
  __m256i high = low;
  for (; count >= 32; at += 32, count -= 32) {
    const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    low = _mm256_add_epi64(low, _mm256_and_si256(words, low_halves));
    high = _mm256_add_epi64(high, _mm256_srli_epi64(words, 32));
  }
  std::array<std::uint64_t, 4> lanes;
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes.data()), _mm256_add_epi64(low, high));
  return add_carry(lanes[0] + lanes[1] + lanes[2] + lanes[3], wide_sum(at, count));
}

std::uint64_t long_sum_plain(const std::uint8_t* at, std::uint32_t count) {
  std::uint64_t low = 0, high = 0;
  for (; count >= 8; at += 8, count -= 8) {
    const auto word = load<std::uint64_t>(at);
    low += word & 0xffff'ffff;
    high += word >> 32;
  }
  return low + high + rest_sum(at, count);
}

// Not rte_raw_cksum_mbuf(): DPDK 22.11 loses the carries of a segment that starts at an odd offset.
std::uint64_t chain_sum(const rte_mbuf* mbuf, std::uint32_t offset, std::uint32_t length) {
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
  return sum;
}

std::uint16_t internet_checksum(const Packet& packet, std::uint32_t offset, std::uint32_t length) {
  return complement(fold(packet_sum(packet.get(), offset, length)));
}

std::uint16_t transport_checksum(const Packet& packet, std::uint32_t offset, const IpHeader& ip) {
  const std::uint64_t pseudo = pseudo_header_sum(ip.source, ip.destination, ip.protocol, ip.payload_length);
  return complement(fold(add_carry(pseudo, packet_sum(packet.get(), offset, ip.payload_length))));
}

void finish_checksums(Packet& packet, std::uint16_t l2_length) {
  rte_mbuf* mbuf = packet.get();
  const std::uint64_t asked = mbuf->ol_flags;
  if ((asked & RTE_MBUF_F_TX_IP_CKSUM) != 0) finish_ipv4(packet.data().data() + l2_length);
  if ((asked & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM) {
    const auto start = static_cast<std::uint32_t>(l2_length + mbuf->l3_len);
    // The field holds the pseudo-header's sum already: summed with the rest, as a device does it.
    const std::uint16_t sum = fold(packet_sum(mbuf, start, mbuf->pkt_len - start));
    store(packet.data().data() + start + offsetof(TcpHeader, checksum), be16::from_raw(complement(sum)));
  }
  mbuf->ol_flags = asked & ~std::uint64_t{RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK};
}

}  // namespace weir::wire
