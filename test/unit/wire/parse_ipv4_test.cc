#include <gtest/gtest.h>

#include "raw_packets.h"

namespace weir {
namespace {

using test::Bytes;
using test::parse_ip;
using test::RawIpv4;

TEST(ParseIpv4, ReadsEveryField) {
  const auto [error, ip] = parse_ip(RawIpv4{.payload = Bytes(30), .traffic_class = 0xbb}.bytes());
  ASSERT_EQ(error, WireError::kNone);
  EXPECT_EQ(ip.source.to_string(), "192.0.2.1");
  EXPECT_EQ(ip.destination.to_string(), "192.0.2.2");
  EXPECT_EQ(ip.protocol, 6);
  EXPECT_EQ(ip.ttl, 64);
  EXPECT_EQ(ip.dscp, 0x2e);
  EXPECT_EQ(ip.ecn, Ecn::kCe);
  EXPECT_EQ(ip.header_length, 20);
  EXPECT_EQ(ip.payload_length, 30U);
  EXPECT_FALSE(ip.is_fragment);
}

TEST(ParseIpv4, NoBytesAreTruncated) {
  EXPECT_EQ(parse_ip({}).error, WireError::kTruncated);
}

TEST(ParseIpv4, EveryShorterHeaderIsTruncated) {
  const Bytes whole = RawIpv4{}.bytes();
  for (std::size_t length = 1; length < 20; ++length) {
    EXPECT_EQ(parse_ip(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))).error,
              WireError::kTruncated);
  }
}

TEST(ParseIpv4, RefusesOtherVersions) {
  for (std::uint8_t version = 0; version < 16; ++version) {
    if (version == 4 || version == 6) continue;
    EXPECT_EQ(parse_ip(RawIpv4{.version = version}.bytes()).error, WireError::kIpVersion) << int{version};
  }
}

TEST(ParseIpv4, RefusesHeaderLengthBelowFiveOrPastTheEnd) {
  for (unsigned ihl = 0; ihl < 5; ++ihl) {
    EXPECT_EQ(parse_ip(RawIpv4{.ihl = ihl, .payload = Bytes(40)}.bytes()).error, WireError::kIpHeaderLength);
  }
  EXPECT_EQ(parse_ip(RawIpv4{.ihl = 6}.bytes()).error, WireError::kIpHeaderLength);
  EXPECT_EQ(parse_ip(RawIpv4{.ihl = 15, .payload = Bytes(39)}.bytes()).error, WireError::kIpHeaderLength);
}

TEST(ParseIpv4, RefusesTotalLengthBelowTheHeader) {
  for (const unsigned total : {0U, 1U, 19U}) {
    EXPECT_EQ(parse_ip(RawIpv4{.total_length = total, .payload = Bytes(20)}.bytes()).error, WireError::kIpTotalLength);
  }
}

TEST(ParseIpv4, RefusesTotalLengthBeyondThePacket) {
  EXPECT_EQ(parse_ip(RawIpv4{.total_length = 41, .payload = Bytes(20)}.bytes()).error, WireError::kIpTotalLength);
  EXPECT_EQ(parse_ip(RawIpv4{.total_length = 65535, .payload = Bytes(20)}.bytes()).error, WireError::kIpTotalLength);
}

TEST(ParseIpv4, CountsTheBytesOfFurtherSegments) {
  const Bytes first = RawIpv4{.total_length = 1500, .payload = Bytes(20)}.bytes();
  EXPECT_EQ(parse_ip(first, 1459).error, WireError::kIpTotalLength);
  const auto [error, ip] = parse_ip(first, 1460);
  EXPECT_EQ(error, WireError::kNone);
  EXPECT_EQ(ip.payload_length, 1480U);
}

TEST(ParseIpv4, LeavesLinkPaddingOut) {
  Bytes padded = RawIpv4{.payload = Bytes(20)}.bytes();
  padded.resize(46);
  EXPECT_EQ(parse_ip(padded).ip.payload_length, 20U);
}

TEST(ParseIpv4, SkipsOptionsUnread) {
  const Bytes unknown{0x9e, 4, 1, 2, 0x83, 0, 0xff, 0xff};  // one unknown, one with an illegal length
  const auto [error, ip] = parse_ip(RawIpv4{.options = unknown, .payload = Bytes(20)}.bytes());
  EXPECT_EQ(error, WireError::kNone);
  EXPECT_EQ(ip.header_length, 28);
  EXPECT_EQ(ip.payload_length, 20U);
  EXPECT_EQ(parse_ip(RawIpv4{.options = Bytes(40, 1)}.bytes()).ip.header_length, 60);
}

TEST(ParseIpv4, NoticesEveryFlippedBitOfTheHeader) {
  const Bytes whole = RawIpv4{.options = Bytes(4, 1), .payload = Bytes(20)}.bytes();
  for (std::size_t bit = 0; bit < 24 * 8; ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_NE(parse_ip(flipped).error, WireError::kNone) << "bit " << bit;
  }
}

TEST(ParseIpv4, DoesNotSumWhatTheDeviceFoundGood) {
  Bytes bytes = RawIpv4{}.bytes();
  bytes[10] ^= 1;
  EXPECT_EQ(parse_ip(bytes).error, WireError::kIpChecksum);
  IpHeader ip;
  EXPECT_EQ(wire::parse_ip(bytes, 20, true, ip), WireError::kNone);
}

TEST(ParseIpv4, KnowsFragments) {
  const auto whole = parse_ip(RawIpv4{.id = 7, .fragment = 0x4000}.bytes()).ip;
  EXPECT_FALSE(whole.is_fragment);
  const auto first = parse_ip(RawIpv4{.id = 7, .fragment = 0x2000, .payload = Bytes(16)}.bytes()).ip;
  EXPECT_TRUE(first.is_fragment && first.is_first_fragment && first.more_fragments);
  EXPECT_EQ(first.fragment_id, 7U);
  const auto middle = parse_ip(RawIpv4{.fragment = 0x2002, .payload = Bytes(16)}.bytes()).ip;
  EXPECT_TRUE(middle.is_fragment && !middle.is_first_fragment && middle.more_fragments);
  EXPECT_EQ(middle.fragment_offset, 16);
  const auto last = parse_ip(RawIpv4{.fragment = 0x1fff, .payload = Bytes(16)}.bytes()).ip;
  EXPECT_TRUE(last.is_fragment && !last.is_first_fragment && !last.more_fragments);
  EXPECT_EQ(last.fragment_offset, 65528);
}

TEST(ParseIpv4, LeavesNothingOfAnEarlierPacketBehind) {
  IpHeader ip;
  const Bytes fragment = RawIpv4{.fragment = 0x2001, .payload = Bytes(16)}.bytes();
  ASSERT_EQ(wire::parse_ip(fragment, 36, false, ip), WireError::kNone);
  ASSERT_EQ(wire::parse_ip(RawIpv4{}.bytes(), 20, false, ip), WireError::kNone);
  EXPECT_FALSE(ip.is_fragment || ip.is_first_fragment || ip.more_fragments);
  EXPECT_EQ(ip.fragment_offset, 0);
}

}  // namespace
}  // namespace weir
