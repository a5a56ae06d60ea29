#include <gtest/gtest.h>

#include "raw_packets.h"

namespace weir {
namespace {

using test::Bytes;
using test::operator+;
using test::parse_ip;
using test::RawIpv6;

constexpr std::uint8_t kHopByHop = 0, kTcp = 6, kRouting = 43, kFragment = 44, kNoNext = 59, kDestination = 60;

// An options header of one PadN that fills 8 * (1 + extra) bytes.
Bytes padding(std::uint8_t next, std::uint8_t extra = 0) {
  Bytes header(8 + 8 * std::size_t{extra});
  header[0] = next, header[1] = extra, header[2] = 1;
  header[3] = static_cast<std::uint8_t>(std::min<std::size_t>(header.size() - 4, 255));
  return header;
}
Bytes options_header(std::uint8_t next, const Bytes& options) {
  Bytes header = Bytes{next, 0} + options;
  header.resize((header.size() + 7) / 8 * 8);  // Pad1
  header[1] = static_cast<std::uint8_t>(header.size() / 8 - 1);
  return header;
}
Bytes routing(std::uint8_t next, std::uint8_t segments_left) {
  return {next, 0, 0, segments_left, 0, 0, 0, 0};
}
Bytes fragment(std::uint8_t next, unsigned offset_flags) {
  return {next, 0, static_cast<std::uint8_t>(offset_flags >> 8), static_cast<std::uint8_t>(offset_flags), 0, 1, 2, 3};
}

TEST(ParseIpv6, ReadsEveryField) {
  const auto [error, ip] = parse_ip(RawIpv6{.payload = Bytes(30), .traffic_class = 0xb9}.bytes());
  ASSERT_EQ(error, WireError::kNone);
  EXPECT_EQ(ip.source.to_string(), "2001:db8::1");
  EXPECT_EQ(ip.destination.to_string(), "2001:db8::2");
  EXPECT_EQ(ip.protocol, kTcp);
  EXPECT_EQ(ip.ttl, 64);
  EXPECT_EQ(ip.dscp, 0x2e);
  EXPECT_EQ(ip.ecn, Ecn::kEct1);
  EXPECT_EQ(ip.header_length, 40);
  EXPECT_EQ(ip.payload_length, 30U);
  EXPECT_FALSE(ip.is_fragment);
}

TEST(ParseIpv6, EveryShorterHeaderIsTruncated) {
  const Bytes whole = RawIpv6{}.bytes();
  for (std::ptrdiff_t length = 1; length < 40; ++length) {
    EXPECT_EQ(parse_ip(Bytes(whole.begin(), whole.begin() + length)).error, WireError::kTruncated);
  }
}

TEST(ParseIpv6, RefusesPayloadLengthBeyondThePacket) {
  EXPECT_EQ(parse_ip(RawIpv6{.payload_length = 21, .payload = Bytes(20)}.bytes()).error, WireError::kIpTotalLength);
  EXPECT_EQ(parse_ip(RawIpv6{.payload_length = 21, .payload = Bytes(20)}.bytes(), 1).error, WireError::kNone);
}

TEST(ParseIpv6, LeavesLinkPaddingOut) {
  EXPECT_EQ(parse_ip(RawIpv6{.payload_length = 4, .payload = Bytes(20)}.bytes()).ip.payload_length, 4U);
}

TEST(ParseIpv6, RefusesIpv4MappedAddresses) {
  const Bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
  EXPECT_EQ(parse_ip(RawIpv6{.source = mapped}.bytes()).error, WireError::kIpSource);
  EXPECT_EQ(parse_ip(RawIpv6{.destination = mapped}.bytes()).error, WireError::kIpDestination);
}

TEST(ParseIpv6, SkipsHopByHopDestinationAndRoutingHeaders) {
  const Bytes headers = padding(kDestination) + padding(kRouting, 2) + routing(kDestination, 0) + padding(kTcp);
  const auto [error, ip] = parse_ip(RawIpv6{.next_header = kHopByHop, .payload = headers + Bytes(20)}.bytes());
  ASSERT_EQ(error, WireError::kNone);
  EXPECT_EQ(ip.protocol, kTcp);
  EXPECT_EQ(ip.header_length, 40 + 8 + 24 + 8 + 8);
  EXPECT_EQ(ip.payload_length, 20U);
}

TEST(ParseIpv6, RefusesHopByHopAnywhereButFirst) {
  const Bytes headers = padding(kHopByHop) + padding(kTcp);
  EXPECT_EQ(parse_ip(RawIpv6{.next_header = kDestination, .payload = headers}.bytes()).error, WireError::kIpExtension);
  EXPECT_EQ(parse_ip(RawIpv6{.next_header = kHopByHop, .payload = headers}.bytes()).error, WireError::kIpExtension);
}

TEST(ParseIpv6, RefusesRoutingHeadersWithSegmentsLeft) {
  EXPECT_EQ(parse_ip(RawIpv6{.next_header = kRouting, .payload = routing(kTcp, 1) + Bytes(20)}.bytes()).error,
            WireError::kIpExtension);
}

TEST(ParseIpv6, RefusesExtensionHeadersThatRunPastThePacket) {
  for (const std::uint8_t kind : {kHopByHop, kDestination, kRouting, kFragment}) {
    for (std::size_t length = 0; length < 8; ++length) {
      EXPECT_EQ(parse_ip(RawIpv6{.next_header = kind, .payload = Bytes(length)}.bytes()).error,
                WireError::kIpExtension);
    }
  }
  Bytes longer = padding(kTcp, 1);
  longer.resize(15);
  EXPECT_EQ(parse_ip(RawIpv6{.next_header = kDestination, .payload = longer}.bytes()).error, WireError::kIpExtension);
}

TEST(ParseIpv6, ExtensionHeadersInAFurtherSegmentAreTruncated) {
  Bytes bytes = RawIpv6{.next_header = kDestination, .payload = padding(kTcp, 1)}.bytes();
  for (std::uint32_t beyond = 1; beyond <= 16; ++beyond) {
    bytes.pop_back();
    EXPECT_EQ(parse_ip(bytes, beyond).error, WireError::kTruncated);
  }
}

TEST(ParseIpv6, AcceptsAsManyExtensionHeadersAsTheBoundAndNoMore) {
  Bytes headers = padding(kTcp);
  for (unsigned count = 1; count < wire::kExtensionHeadersMax; ++count) headers = padding(kDestination) + headers;
  EXPECT_EQ(parse_ip(RawIpv6{.next_header = kDestination, .payload = headers}.bytes()).error, WireError::kNone);
  headers = padding(kDestination) + headers;
  EXPECT_EQ(parse_ip(RawIpv6{.next_header = kDestination, .payload = headers}.bytes()).error, WireError::kIpExtension);
}

TEST(ParseIpv6, IgnoresUnknownOptionsThatMayBeIgnored) {
  const Bytes headers = options_header(kTcp, {0x1e, 2, 0xff, 0xff, 0x3e, 0});
  EXPECT_EQ(parse_ip(RawIpv6{.next_header = kDestination, .payload = headers}.bytes()).error, WireError::kNone);
}

TEST(ParseIpv6, RefusesUnknownOptionsThatMustNotBeIgnored) {
  for (const std::uint8_t type : Bytes{0x40, 0x9e, 0xc2}) {
    const Bytes headers = options_header(kTcp, {type, 4, 0, 0, 0, 0});
    EXPECT_EQ(parse_ip(RawIpv6{.next_header = kHopByHop, .payload = headers}.bytes()).error, WireError::kIpExtension);
  }
}

TEST(ParseIpv6, RefusesOptionsThatRunPastTheirHeader) {
  for (const Bytes& options : {Bytes{1, 5, 0, 0, 0, 0}, Bytes{1, 255, 0, 0, 0, 0}, Bytes{1, 3, 0, 0, 0, 1}}) {
    const Bytes headers = options_header(kTcp, options) + Bytes(20);
    EXPECT_EQ(parse_ip(RawIpv6{.next_header = kDestination, .payload = headers}.bytes()).error,
              WireError::kIpExtension);
  }
}

TEST(ParseIpv6, RefusesMoreOptionsInAHeaderThanTheBound) {
  Bytes many;
  for (unsigned i = 0; i < wire::kExtensionOptionsMax; ++i) many = many + Bytes{0x1e, 0};
  Bytes header = options_header(kTcp, many);  // and Pad1s behind them
  EXPECT_EQ(parse_ip(RawIpv6{.next_header = kDestination, .payload = header}.bytes()).error, WireError::kIpExtension);
}

TEST(ParseIpv6, KnowsFragments) {
  const auto parse = [](unsigned offset_flags) {
    const Bytes payload = padding(kFragment) + fragment(kTcp, offset_flags) + Bytes(16);
    return parse_ip(RawIpv6{.next_header = kDestination, .payload = payload}.bytes()).ip;
  };
  const IpHeader first = parse(0x0001);
  EXPECT_TRUE(first.is_fragment && first.is_first_fragment && first.more_fragments);
  EXPECT_EQ(first.fragment_header, 48);
  EXPECT_EQ(first.header_length, 56);
  EXPECT_EQ(first.payload_length, 16U);
  EXPECT_EQ(first.fragment_id, 0x00010203U);
  EXPECT_EQ(first.protocol, kTcp);
  const IpHeader last = parse(0x05a8);
  EXPECT_TRUE(last.is_fragment && !last.is_first_fragment && !last.more_fragments);
  EXPECT_EQ(last.fragment_offset, 1448);
}

TEST(ParseIpv6, AFragmentThatIsTheWholePacketIsNone) {
  const Bytes payload = fragment(kDestination, 0) + padding(kTcp) + Bytes(20);
  const auto [error, ip] = parse_ip(RawIpv6{.next_header = kFragment, .payload = payload}.bytes());
  ASSERT_EQ(error, WireError::kNone);
  EXPECT_FALSE(ip.is_fragment);
  EXPECT_EQ(ip.protocol, kTcp);
  EXPECT_EQ(ip.header_length, 56);
  EXPECT_EQ(ip.payload_length, 20U);
}

TEST(ParseIpv6, DoesNotLookBehindTheHeaderOfAFragment) {
  const Bytes payload = fragment(kDestination, 0x0009) + Bytes{0xff, 0xff};  // no options header starts here
  const auto [error, ip] = parse_ip(RawIpv6{.next_header = kFragment, .payload = payload}.bytes());
  EXPECT_EQ(error, WireError::kNone);
  EXPECT_EQ(ip.protocol, kDestination);
  EXPECT_TRUE(ip.is_fragment);
}

TEST(ParseIpv6, LeavesWhatItDoesNotKnowToItsCaller) {
  for (const std::uint8_t protocol : {kNoNext, std::uint8_t{50}, std::uint8_t{51}, std::uint8_t{135}}) {
    const auto [error, ip] = parse_ip(RawIpv6{.next_header = protocol, .payload = Bytes(8)}.bytes());
    EXPECT_EQ(error, WireError::kNone);
    EXPECT_EQ(ip.protocol, protocol);
  }
}

}  // namespace
}  // namespace weir
