#include <gtest/gtest.h>

#include "raw_packets.h"

namespace weir {
namespace {

using test::Bytes;
using test::parse_tcp;
using test::RawTcp;

TEST(ParseTcp, ReadsEveryField) {
  Bytes bytes = RawTcp{.flags = 0xff, .payload = Bytes(7)}.bytes();
  test::put16(bytes, 14, 0x1234);
  test::put16(bytes, 18, 0x5678);
  const auto [error, segment] = parse_tcp(bytes);
  ASSERT_EQ(error, WireError::kNone);
  EXPECT_EQ(segment.source_port, 4000);
  EXPECT_EQ(segment.destination_port, 80);
  EXPECT_EQ(segment.seq, SeqNum{1});
  EXPECT_EQ(segment.ack, SeqNum{2});
  EXPECT_EQ(segment.flags, 0xff);
  EXPECT_EQ(segment.window, UnscaledWindow{0x1234});
  EXPECT_EQ(segment.urgent, 0x5678);
  EXPECT_EQ(segment.header_length, 20);
  EXPECT_EQ(segment.payload_length, 7U);
}

TEST(ParseTcp, CountsSynAndFinInTheSegmentsLength) {
  EXPECT_EQ(parse_tcp(RawTcp{.flags = kAck, .payload = Bytes(7)}.bytes()).segment.length(), 7U);
  EXPECT_EQ(parse_tcp(RawTcp{.flags = kSyn | kFin, .payload = Bytes(7)}.bytes()).segment.length(), 9U);
  EXPECT_EQ(parse_tcp(RawTcp{.flags = kFin}.bytes()).segment.end(), SeqNum{2});
}

TEST(ParseTcp, ReadsEveryCombinationOfFlags) {
  for (unsigned flags = 0; flags < 256; ++flags) {
    const auto [error, segment] = parse_tcp(RawTcp{.flags = static_cast<std::uint8_t>(flags)}.bytes());
    EXPECT_EQ(error, WireError::kNone);
    EXPECT_EQ(segment.flags, flags);
  }
}

TEST(ParseTcp, EveryShorterHeaderIsTruncated) {
  const Bytes whole = RawTcp{}.bytes();
  for (std::ptrdiff_t length = 0; length < 20; ++length) {
    EXPECT_EQ(parse_tcp(Bytes(whole.begin(), whole.begin() + length)).error, WireError::kTruncated);
    EXPECT_EQ(parse_tcp(whole, static_cast<std::uint32_t>(length)).error, WireError::kTruncated);
  }
}

TEST(ParseTcp, RefusesDataOffsetBelowFive) {
  for (unsigned offset = 0; offset < 5; ++offset) {
    EXPECT_EQ(parse_tcp(RawTcp{.data_offset = offset, .payload = Bytes(60)}.bytes()).error, WireError::kTcpDataOffset);
  }
}

TEST(ParseTcp, RefusesDataOffsetPastTheSegment) {
  for (unsigned offset = 6; offset < 16; ++offset) {
    EXPECT_EQ(parse_tcp(RawTcp{.data_offset = offset, .payload = Bytes(3)}.bytes()).error, WireError::kTcpDataOffset);
  }
}

TEST(ParseTcp, DoesNotTakePaddingForOptions) {
  Bytes padded = RawTcp{.data_offset = 6}.bytes();
  padded.resize(40);
  EXPECT_EQ(parse_tcp(padded, 20).error, WireError::kTcpDataOffset);
}

TEST(ParseTcp, OptionsInAFurtherSegmentAreTruncated) {
  EXPECT_EQ(parse_tcp(RawTcp{.data_offset = 6}.bytes(), 24).error, WireError::kTruncated);
}

TEST(ParseTcp, CountsPayloadOfFurtherSegmentsButNoPadding) {
  EXPECT_EQ(parse_tcp(RawTcp{.payload = Bytes(5)}.bytes(), 1480).segment.payload_length, 1460U);
  EXPECT_EQ(parse_tcp(RawTcp{.payload = Bytes(6)}.bytes(), 20).segment.payload_length, 0U);
}

TEST(ParseTcp, RefusesPortZero) {
  EXPECT_EQ(parse_tcp(RawTcp{.source_port = 0}.bytes()).error, WireError::kTcpPortZero);
  EXPECT_EQ(parse_tcp(RawTcp{.destination_port = 0}.bytes()).error, WireError::kTcpPortZero);
}

TEST(ParseTcp, ReadsOptionsInAnySegment) {
  for (const std::uint8_t flags : {kAck, kFin, kRst, kSyn}) {
    const Bytes bytes = RawTcp{.flags = flags, .options = {2, 4, 5, 0xb4}, .payload = Bytes(10)}.bytes();
    const auto [error, segment] = parse_tcp(bytes);
    EXPECT_EQ(error, WireError::kNone);
    EXPECT_EQ(segment.options.mss, 1460);
    EXPECT_EQ(segment.payload_length, 10U);
  }
}

TEST(ParseTcp, LeavesNothingOfAnEarlierSegmentBehind) {
  Segment segment;
  IpHeader ip{.payload_length = 24};
  ASSERT_EQ(wire::parse_tcp(RawTcp{.options = {2, 4, 5, 0xb4}}.bytes(), ip, segment), WireError::kNone);
  ip.payload_length = 20;
  ASSERT_EQ(wire::parse_tcp(RawTcp{}.bytes(), ip, segment), WireError::kNone);
  EXPECT_FALSE(segment.options.mss);
}

TEST(ParseTcp, TakesOverTheCongestionMark) {
  Segment segment;
  const IpHeader ip{.ecn = Ecn::kCe, .payload_length = 20};
  ASSERT_EQ(wire::parse_tcp(RawTcp{}.bytes(), ip, segment), WireError::kNone);
  EXPECT_EQ(segment.ecn, Ecn::kCe);
}

}  // namespace
}  // namespace weir
