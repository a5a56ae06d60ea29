#include <gtest/gtest.h>

#include <weir/wire/build.h>

#include "chains.h"
#include "raw_packets.h"
#include "support/eal.h"

namespace weir {
namespace {

using test::Bytes;
using test::bytes_of;

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

const wire::Path kV4{.source = address("192.0.2.1"),
                     .destination = address("192.0.2.2"),
                     .source_port = 4000,
                     .destination_port = 80,
                     .ttl = 61,
                     .dscp = 0x2e,
                     .ecn = Ecn::kEct0};
const wire::Path kV6{.source = address("2001:db8::1"),
                     .destination = address("2001:db8::2"),
                     .source_port = 4000,
                     .destination_port = 80,
                     .ttl = 61,
                     .dscp = 0x2e,
                     .ecn = Ecn::kEct0};

Segment full_syn() {
  Segment segment;
  segment.seq = SeqNum{0x0102'0304};
  segment.flags = kSyn;
  segment.window = UnscaledWindow{0xfaf0};
  segment.options.mss = 1460;
  segment.options.sack_permitted = true;
  segment.options.timestamps = Timestamps{0x1111'2222, 0};
  segment.options.window_scale = WindowScale{7};
  return segment;
}

Bytes first(const Bytes& bytes, std::ptrdiff_t count) {
  return Bytes(bytes.begin(), bytes.begin() + count);
}
Bytes from(const Bytes& bytes, std::ptrdiff_t start) {
  return Bytes(bytes.begin() + start, bytes.end());
}

class BuildTest : public ::testing::Test {
 protected:
  // The options that write_tcp() puts into an otherwise empty segment.
  Bytes written(const TcpOptions& options) {
    Segment segment;
    segment.options = options;
    Packet packet = pool->allocate();
    EXPECT_TRUE(wire::write_tcp(packet, kV4, segment));
    EXPECT_EQ(packet.length(), 40U + wire::tcp_options_length(options));
    return from(bytes_of(packet), 40);
  }
  test::TestPool pool;
};

TEST_F(BuildTest, WritesAnIpv4SynByteForByte) {
  Packet packet = pool->allocate();
  ASSERT_TRUE(wire::write_tcp(packet, kV4, full_syn()));
  wire::finish_checksums(packet);
  const Bytes ip{0x45, 0xba, 0, 60, 0, 0, 0x40, 0, 61, 6, 0xb8, 0xfe, 192, 0, 2, 1, 192, 0, 2, 2};
  EXPECT_EQ(first(bytes_of(packet), 20), ip);
  Bytes tcp = from(bytes_of(packet), 20);
  tcp[16] = tcp[17] = 0;  // the checksum has tests of its own
  EXPECT_EQ(tcp, (Bytes{0x0f, 0xa0, 0, 80,   1, 2, 3, 4,  0,    0,    0,    0,    0xa0, 2, 0xfa, 0xf0, 0, 0, 0, 0,
                        2,    4,    5, 0xb4, 4, 2, 8, 10, 0x11, 0x11, 0x22, 0x22, 0,    0, 0,    0,    1, 3, 3, 7}));
}

TEST_F(BuildTest, WritesAnIpv6HeaderByteForByte) {
  Packet packet = pool->copy(test::counting(5));
  ASSERT_TRUE(wire::write_tcp(packet, kV6, Segment{}));
  const Bytes ip{0x6b, 0xa0, 0, 0, 0,    25, 6,   61,   0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0,
                 0,    0,    0, 1, 0x20, 1,  0xd, 0xb8, 0,    0, 0,   0,    0, 0, 0, 0, 0, 0, 0, 2};
  EXPECT_EQ(first(bytes_of(packet), 40), ip);
  EXPECT_EQ(from(bytes_of(packet), 60), test::counting(5));
}

TEST_F(BuildTest, LaysOptionsOutOnMultiplesOfFour) {
  EXPECT_EQ(written({}), Bytes{});
  EXPECT_EQ(written({.mss = 536}), (Bytes{2, 4, 2, 24}));
  EXPECT_EQ(written({.sack_permitted = true}), (Bytes{1, 1, 4, 2}));
  EXPECT_EQ(written({.window_scale = WindowScale{3}}), (Bytes{1, 3, 3, 3}));
  EXPECT_EQ(written({.timestamps = Timestamps{1, 2}}), (Bytes{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}));
  const TcpOptions sack{.sack_count = 1, .sack = {SackBlock{SeqNum{1}, SeqNum{2}}}};
  EXPECT_EQ(written(sack), (Bytes{1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2}));
}

TEST_F(BuildTest, WritesAsManySackBlocksAsFit) {
  TcpOptions options{.sack_count = 4};
  EXPECT_EQ(wire::tcp_options_length(options), 36);
  EXPECT_EQ(written(options).at(3), 34);
  options.timestamps = Timestamps{};
  EXPECT_EQ(wire::tcp_options_length(options), 40);
  EXPECT_EQ(written(options).at(15), 26);
}

TEST_F(BuildTest, AnswersItsOwnMaximumWithinTheHeadroomWithRoomForTheLink) {
  Segment segment;
  segment.options = {.timestamps = Timestamps{}, .sack_count = 3};
  Packet packet = pool->allocate();
  ASSERT_TRUE(wire::write_tcp(packet, kV6, segment));
  EXPECT_EQ(packet.length(), 100U);
  EXPECT_GE(rte_pktmbuf_headroom(packet.get()), 18);
}

TEST_F(BuildTest, PutsHeadersInFrontOfReferencedPayload) {
  Packet payload = pool->copy(test::counting(100));
  Packet packet = pool->allocate();
  packet.append_chain(pool->reference(payload.get(), 10, 20));
  ASSERT_TRUE(wire::write_tcp(packet, kV4, Segment{}));
  EXPECT_EQ(packet.length(), 60U);
  EXPECT_EQ(from(bytes_of(packet), 40), test::counting(20, 10));
  EXPECT_EQ(bytes_of(payload), test::counting(100));
}

TEST_F(BuildTest, RefusesWhenTheHeadroomIsTooSmall) {
  Packet packet = pool->allocate();
  packet.prepend(RTE_PKTMBUF_HEADROOM - 39);
  const Bytes before = bytes_of(packet);
  EXPECT_FALSE(wire::write_tcp(packet, kV4, Segment{}));
  EXPECT_EQ(bytes_of(packet), before);
  packet.trim_front(1);
  EXPECT_TRUE(wire::write_tcp(packet, kV4, Segment{}));
}

TEST_F(BuildTest, RefusesMoreThanIpCanCount) {
  Packet packet = pool->allocate();
  const Bytes kilobyte(1024);
  for (int i = 0; i < 63; ++i) packet.append_chain(pool->copy(kilobyte));
  packet.append_chain(pool->copy(Bytes(65535 - 40 - 63 * 1024 + 1)));
  EXPECT_FALSE(wire::write_tcp(packet, kV4, Segment{}));
  packet.trim_back(1);
  EXPECT_TRUE(wire::write_tcp(packet, kV4, Segment{}));
  EXPECT_EQ(packet.length(), 65535U);
}

using BuildDeathTest = BuildTest;

TEST_F(BuildDeathTest, StopsBeforeWritingIntoBytesOfOthers) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Packet payload = pool->copy(test::counting(100));
  Packet part = pool->reference(payload.get(), 0, 100);
  EXPECT_DEATH(static_cast<void>(wire::write_tcp(part, kV4, Segment{})), "is_writable");
}

TEST_F(BuildTest, WritesIpAloneWithItsChecksum) {
  for (const wire::Path& path : {kV4, kV6}) {
    Packet packet = pool->copy(test::counting(8));
    ASSERT_TRUE(wire::write_ip(packet, path, IpProtocol::kIcmpV6));
    const auto [error, ip] = test::parse_ip(bytes_of(packet));
    EXPECT_EQ(error, WireError::kNone);
    EXPECT_EQ(ip.source, path.source);
    EXPECT_EQ(ip.destination, path.destination);
    EXPECT_EQ(ip.protocol, 58);
    EXPECT_EQ(ip.ttl, 61);
    EXPECT_EQ(ip.payload_length, 8U);
    EXPECT_FALSE(ip.is_fragment);
    EXPECT_EQ(packet.get()->ol_flags & (RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_IP_CKSUM), 0U);
  }
}

}  // namespace
}  // namespace weir
