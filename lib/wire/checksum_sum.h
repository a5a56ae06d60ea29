// Ones' complement sums (RFC 1071), folded to 16 bits, in wire order; 0 and 0xffff are the same number.
#pragma once

#include <bit>
#include <cstdint>

#include <weir/wire/address.h>
#include <weir/wire/headers.h>
#include <weir/wire/packet.h>

namespace weir::wire {

// Sums are built up in 64 bits with each carry added back in, so that any number of them may follow.
constexpr std::uint64_t add_carry(std::uint64_t sum, std::uint64_t more) {
  sum += more;
  return sum + (sum < more ? 1 : 0);
}

// Each carry out of 16 bits is added back in: both halves in each other's place, added, leave in the upper half their
// sum and its carry.
constexpr std::uint16_t fold(std::uint64_t sum) {
  const auto half = static_cast<std::uint32_t>((sum + std::rotl(sum, 32)) >> 32);
  return static_cast<std::uint16_t>((half + std::rotl(half, 16)) >> 16);
}

// Fewer than eight bytes.
inline std::uint64_t rest_sum(const std::uint8_t* at, std::uint32_t count) {
  std::uint64_t sum = 0;
  if ((count & 4) != 0) sum += load<std::uint32_t>(at), at += 4;
  if ((count & 2) != 0) sum += load<std::uint16_t>(at), at += 2;
  if ((count & 1) != 0) sum += be16{static_cast<std::uint16_t>(*at << 8)}.raw();
  return sum;
}

// From here on vectors pay.
inline constexpr std::uint32_t kLongSumBytes = 192;
// By the widest vectors that this machine has, or without.
std::uint64_t long_sum(const std::uint8_t* at, std::uint32_t count);
[[gnu::target("avx2")]] std::uint64_t long_sum_avx2(const std::uint8_t* at, std::uint32_t count);
std::uint64_t long_sum_plain(const std::uint8_t* at, std::uint32_t count);

// The bytes [at, at + count), not folded.
inline std::uint64_t wide_sum(const std::uint8_t* at, std::uint32_t count) {
  if (count >= kLongSumBytes) return long_sum(at, count);
  std::uint64_t sum = 0;
  for (; count >= 8; at += 8, count -= 8) sum = add_carry(sum, load<std::uint64_t>(at));
  return add_carry(sum, rest_sum(at, count));
}
inline std::uint16_t bytes_sum(const std::uint8_t* at, std::uint32_t count) {
  return fold(wide_sum(at, count));
}
// Of an IPv4 header, nearly always without options.
inline std::uint16_t ipv4_sum(const std::uint8_t* at, std::uint32_t length) {
  if (length != sizeof(Ipv4Header)) return bytes_sum(at, length);
  return fold(add_carry(add_carry(load<std::uint64_t>(at), load<std::uint64_t>(at + 8)), load<std::uint32_t>(at + 16)));
}

// The pseudo-header of either family (RFC 9293 §3.1, RFC 8200 §8.1), not folded. The ::ffff: in front of an IPv4
// address adds 0xffff, which is zero in ones' complement.
inline std::uint64_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                                       std::uint32_t length) {
  const std::uint64_t from = add_carry(source.high(), source.low());
  const std::uint64_t to = add_carry(destination.high(), destination.low());
  return add_carry(add_carry(from, to), std::uint64_t{be32{length}.raw()} + be32{protocol}.raw());
}

// Of any chain.
std::uint64_t chain_sum(const rte_mbuf* mbuf, std::uint32_t offset, std::uint32_t length);
// `length` bytes of a packet from `offset`, chains included, not folded; they must be there.
inline std::uint64_t packet_sum(const rte_mbuf* mbuf, std::uint32_t offset, std::uint32_t length) {
  if (std::uint64_t{offset} + length > mbuf->data_len) return chain_sum(mbuf, offset, length);
  return wide_sum(rte_pktmbuf_mtod_offset(mbuf, const std::uint8_t*, offset), length);
}

}  // namespace weir::wire
