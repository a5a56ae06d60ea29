#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rte_ip.h>

#include <weir/wire/build.h>

#include "chains.h"
#include "checksum_sum.h"
#include "raw_packets.h"
#include "support/eal.h"

namespace weir {
namespace {

using test::Bytes;
using test::bytes_of;
using test::chain;

std::uint16_t as_bytes(std::uint16_t wire_order) {
  return be16::from_raw(wire_order).value();
}

std::uint16_t plain_checksum(const Bytes& bytes) {
  return static_cast<std::uint16_t>(~test::plain_sum(bytes));
}

wire::Path path_of(Family family) {
  wire::Path path{.source_port = 4000, .destination_port = 80};
  const bool v4 = family == Family::kIpv4;
  path.source = IpAddress::parse(v4 ? "192.0.2.1" : "2001:db8::1").value();
  path.destination = IpAddress::parse(v4 ? "198.51.100.7" : "2001:db8:ffff::7").value();
  return path;
}

Segment some_segment() {
  Segment segment;
  segment.seq = SeqNum{0xdead'beef};
  segment.ack = SeqNum{0x8000'0001};
  segment.flags = kAck | kPsh;
  segment.window = UnscaledWindow{0xfffe};
  segment.options.timestamps = Timestamps{11, 22};
  return segment;
}

std::uint32_t ip_length(Family family) {
  return family == Family::kIpv4 ? 20 : 40;
}

class ChecksumTest : public ::testing::TestWithParam<Family> {
 protected:
  Packet packet_with(const Bytes& payload, const std::vector<std::size_t>& cuts = {}) {
    Packet packet = pool->allocate();
    if (!payload.empty()) packet.append_chain(chain(*pool, payload, cuts));
    EXPECT_TRUE(wire::write_tcp(packet, path_of(GetParam()), some_segment()));
    return packet;
  }
  // What a receiver makes of these bytes: 0 when all is well.
  std::uint16_t received(const Bytes& bytes, const std::vector<std::size_t>& cuts = {}) {
    IpHeader ip;
    const auto total = static_cast<std::uint32_t>(bytes.size());
    if (wire::parse_ip(bytes, total, false, ip) != WireError::kNone) return 1;
    return wire::transport_checksum(chain(*pool, bytes, cuts), ip.header_length, ip);
  }
  // DPDK's own judgement of a contiguous packet.
  bool dpdk_accepts(Bytes bytes) {
    void* l3 = bytes.data();
    const void* l4 = bytes.data() + ip_length(GetParam());
    if (GetParam() == Family::kIpv6) return rte_ipv6_udptcp_cksum(static_cast<rte_ipv6_hdr*>(l3), l4) == 0;
    const auto* header = static_cast<rte_ipv4_hdr*>(l3);
    return rte_ipv4_cksum(header) == 0 && rte_ipv4_udptcp_cksum(header, l4) == 0;
  }

  test::TestPool pool;
};

INSTANTIATE_TEST_SUITE_P(BothFamilies, ChecksumTest, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(ChecksumTest, ComputedInSoftwareIsRightForDpdkAndForUs) {
  for (const std::size_t length : {0U, 1U, 2U, 3U, 100U, 1447U, 1448U}) {
    Packet packet = packet_with(test::counting(length));
    wire::finish_checksums(packet);
    const Bytes bytes = bytes_of(packet);
    EXPECT_TRUE(dpdk_accepts(bytes)) << length;
    EXPECT_EQ(received(bytes), 0) << length;
  }
}

TEST_P(ChecksumTest, ComputedOverAnyChainIsThatOfTheWhole) {
  EXPECT_TRUE(rc::check("chains", [this](const Bytes& payload) {
    const auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 20));
    Packet whole = packet_with(payload);
    Packet cut = packet_with(payload, cuts);
    wire::finish_checksums(whole);
    wire::finish_checksums(cut);
    RC_ASSERT(bytes_of(cut) == bytes_of(whole));
    RC_ASSERT(received(bytes_of(whole), cuts) == 0);
  }));
}

// Whichever of them this machine would choose, and at any offset and length.
TEST(LongSum, IsThePlainSumByAnyMeans) {
  const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  EXPECT_TRUE(rc::check("sums", [has_avx2](Bytes bytes) {
    const bool is_large = *rc::gen::arbitrary<bool>();
    const auto padding = *rc::gen::inRange<std::size_t>(0, 600);
    bytes.resize(bytes.size() + padding, is_large ? 0xff : 0x81);
    const auto count = static_cast<std::uint32_t>(bytes.size());
    const std::uint16_t expected = test::plain_sum(bytes);
    RC_ASSERT(as_bytes(wire::bytes_sum(bytes.data(), count)) == expected);
    RC_ASSERT(as_bytes(wire::fold(wire::long_sum_plain(bytes.data(), count))) == expected);
    if (has_avx2) RC_ASSERT(as_bytes(wire::fold(wire::long_sum_avx2(bytes.data(), count))) == expected);
  }));
}

// An odd first segment of large bytes: where the carries of the second are easily lost.
TEST_P(ChecksumTest, KeepsCarriesInSegmentsAtOddOffsets) {
  Packet packet = packet_with(Bytes(2001, 0xff), {1, 999, 1});
  wire::finish_checksums(packet);
  EXPECT_TRUE(dpdk_accepts(bytes_of(packet)));
  EXPECT_EQ(received(bytes_of(packet), {41, 700, 3}), 0);
}

TEST_P(ChecksumTest, FieldBeforehandHoldsThePseudoHeadersSumAsDevicesWantIt) {
  const Packet packet = packet_with(test::counting(9));
  Bytes bytes = bytes_of(packet);
  const std::uint32_t l3_length = ip_length(GetParam());
  const std::uint16_t expected =
      GetParam() == Family::kIpv4
          ? rte_ipv4_phdr_cksum(reinterpret_cast<rte_ipv4_hdr*>(bytes.data()), packet.get()->ol_flags)
          : rte_ipv6_phdr_cksum(reinterpret_cast<rte_ipv6_hdr*>(bytes.data()), packet.get()->ol_flags);
  EXPECT_EQ(bytes[l3_length + 16] * 256 + bytes[l3_length + 17], as_bytes(expected));
  EXPECT_TRUE(packet.get()->ol_flags & RTE_MBUF_F_TX_TCP_CKSUM);
  EXPECT_EQ(packet.get()->l3_len, l3_length);
  EXPECT_EQ(packet.get()->l4_len, 32);
  EXPECT_EQ(packet.get()->l2_len, 0);
}

TEST_P(ChecksumTest, IsNotAskedForOnceComputed) {
  Packet packet = packet_with({});
  wire::finish_checksums(packet);
  EXPECT_EQ(packet.get()->ol_flags & (RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_IP_CKSUM), 0U);
  const Bytes once = bytes_of(packet);
  wire::finish_checksums(packet);
  EXPECT_EQ(bytes_of(packet), once);
}

TEST_P(ChecksumTest, IsComputedBehindALinkHeader) {
  Packet packet = packet_with(test::counting(33), {5});
  Packet framed = packet_with(test::counting(33), {5});
  std::fill_n(framed.prepend(14), 14, std::uint8_t{0xee});
  wire::finish_checksums(packet);
  wire::finish_checksums(framed, 14);
  framed.trim_front(14);
  EXPECT_EQ(bytes_of(framed), bytes_of(packet));
}

TEST_P(ChecksumTest, NoticesEveryFlippedBitOfAddressesHeaderAndPayload) {
  Packet packet = packet_with(test::counting(50));
  wire::finish_checksums(packet);
  const Bytes whole = bytes_of(packet);
  const std::uint32_t l3_length = ip_length(GetParam());
  const std::size_t addresses = GetParam() == Family::kIpv4 ? 12 : 8;
  for (std::size_t bit = addresses * 8; bit < whole.size() * 8; ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    IpHeader changed;
    const auto total = static_cast<std::uint32_t>(flipped.size());
    ASSERT_EQ(wire::parse_ip(flipped, total, true, changed), WireError::kNone);
    EXPECT_NE(wire::transport_checksum(pool->copy(flipped), l3_length, changed), 0) << "bit " << bit;
  }
}

TEST_P(ChecksumTest, NoticesAnotherProtocolOrLengthInThePseudoHeader) {
  Packet packet = packet_with(test::counting(50));
  wire::finish_checksums(packet);
  IpHeader ip;
  const Bytes whole = bytes_of(packet);
  ASSERT_EQ(wire::parse_ip(whole, static_cast<std::uint32_t>(whole.size()), false, ip), WireError::kNone);
  for (unsigned bit = 0; bit < 8; ++bit) {
    IpHeader changed = ip;
    changed.protocol ^= static_cast<std::uint8_t>(1U << bit);
    EXPECT_NE(wire::transport_checksum(packet, ip.header_length, changed), 0);
  }
  IpHeader shorter = ip;
  shorter.payload_length -= 1;
  EXPECT_NE(wire::transport_checksum(packet, ip.header_length, shorter), 0);
}

TEST_P(ChecksumTest, IgnoresLinkPadding) {
  Packet packet = packet_with({});
  wire::finish_checksums(packet);
  Bytes padded = bytes_of(packet);
  padded.resize(padded.size() + 6, 0xff);
  EXPECT_EQ(received(padded), 0);
}

TEST(InternetChecksum, IsThatOfRfc1071OnAnyBytesAndChain) {
  test::TestPool pool;
  EXPECT_TRUE(rc::check("sums", [&pool](const Bytes& bytes) {
    const auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 9));
    const auto offset = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
    const auto length = *rc::gen::inRange<std::size_t>(0, bytes.size() - offset + 1);
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
    const Bytes part(from, from + static_cast<std::ptrdiff_t>(length));
    const std::uint16_t sum = wire::internet_checksum(chain(*pool, bytes, cuts), static_cast<std::uint32_t>(offset),
                                                      static_cast<std::uint32_t>(length));
    RC_ASSERT(as_bytes(sum) == plain_checksum(part));
  }));
}

TEST(InternetChecksum, IsThatOfTheRfcsExample) {
  test::TestPool pool;
  const Bytes example{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};  // RFC 1071 §3: sum ddf2
  EXPECT_EQ(as_bytes(wire::internet_checksum(pool->copy(example), 0, 8)), 0x220d);
}

}  // namespace
}  // namespace weir
