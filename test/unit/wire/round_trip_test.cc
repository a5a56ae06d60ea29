// What build writes, parse reads.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <weir/wire/build.h>
#include <weir/wire/parse.h>

#include "chains.h"
#include "raw_packets.h"
#include "support/eal.h"

namespace weir {
namespace {

using test::Bytes;

template <typename T>
std::optional<T> maybe(const T& value) {
  return *rc::gen::arbitrary<bool>() ? std::optional<T>{value} : std::nullopt;
}
std::uint32_t number(std::uint64_t below) {
  return static_cast<std::uint32_t>(*rc::gen::inRange<std::uint64_t>(0, below));
}
std::uint32_t any32() {
  return *rc::gen::arbitrary<std::uint32_t>();
}

IpAddress any_address(Family family) {
  if (family == Family::kIpv4) return IpAddress::v4(be32{any32()});
  auto bytes = *rc::gen::container<Bytes>(16, rc::gen::arbitrary<std::uint8_t>());
  bytes[0] |= 0x20;  // not an IPv4-mapped one
  return IpAddress::v6(bytes.data());
}

wire::Path any_path(Family family) {
  return {.source = any_address(family),
          .destination = any_address(family),
          .source_port = static_cast<std::uint16_t>(1 + number(65535)),
          .destination_port = static_cast<std::uint16_t>(1 + number(65535)),
          .ttl = static_cast<std::uint8_t>(number(256)),
          .dscp = static_cast<std::uint8_t>(number(64)),
          .ecn = static_cast<Ecn>(number(4))};
}

TcpOptions any_options() {
  TcpOptions options;
  options.mss = maybe(static_cast<std::uint16_t>(number(65536)));
  options.window_scale = maybe(WindowScale{number(15)});
  options.timestamps = maybe(Timestamps{any32(), any32()});
  options.sack_permitted = *rc::gen::arbitrary<bool>();
  options.sack_count = static_cast<std::uint8_t>(number(5));
  for (unsigned i = 0; i < options.sack_count; ++i) options.sack[i] = {SeqNum{any32()}, SeqNum{any32()}};
  return options;
}

Segment any_segment() {
  Segment segment;
  segment.seq = SeqNum{any32()};
  segment.ack = SeqNum{any32()};
  segment.flags = static_cast<std::uint8_t>(number(256));
  segment.window = UnscaledWindow{static_cast<std::uint16_t>(number(65536))};
  segment.urgent = static_cast<std::uint16_t>(number(65536));
  segment.options = any_options();
  return segment;
}

void expect_same_path(const wire::Path& path, const IpHeader& ip, const Segment& segment) {
  RC_ASSERT(ip.source == path.source);
  RC_ASSERT(ip.destination == path.destination);
  RC_ASSERT(ip.ttl == path.ttl);
  RC_ASSERT(ip.dscp == path.dscp);
  RC_ASSERT(ip.ecn == path.ecn);
  RC_ASSERT(ip.protocol == 6);
  RC_ASSERT(!ip.is_fragment);
  RC_ASSERT(segment.source_port == path.source_port);
  RC_ASSERT(segment.destination_port == path.destination_port);
}

void expect_same_options(const TcpOptions& sent, const TcpOptions& received) {
  RC_ASSERT(received.mss == sent.mss);
  RC_ASSERT(received.window_scale == sent.window_scale);
  RC_ASSERT(received.timestamps == sent.timestamps);
  RC_ASSERT(received.sack_permitted == sent.sack_permitted);
  RC_ASSERT(received.sack_count <= sent.sack_count);
  const unsigned length_without =
      wire::tcp_options_length(received) - (received.sack_count ? 4 + 8 * received.sack_count : 0);
  RC_ASSERT(received.sack_count == sent.sack_count || length_without + 4 + 8 * (received.sack_count + 1U) > 40);
  for (unsigned i = 0; i < received.sack_count; ++i) RC_ASSERT(received.sack[i] == sent.sack[i]);
}

void expect_same_segment(const Segment& sent, const Segment& received, std::size_t payload) {
  RC_ASSERT(received.seq == sent.seq);
  RC_ASSERT(received.ack == sent.ack);
  RC_ASSERT(received.flags == sent.flags);
  RC_ASSERT(received.window == sent.window);
  RC_ASSERT(received.urgent == sent.urgent);
  RC_ASSERT(received.payload_length == payload);
  expect_same_options(sent.options, received.options);
}

void send_and_receive(PacketPool& pool, Family family) {
  const wire::Path path = any_path(family);
  const Segment sent = any_segment();
  const auto payload = *rc::gen::arbitrary<Bytes>();
  Packet packet = pool.copy(payload);
  RC_ASSERT(wire::write_tcp(packet, path, sent));
  wire::finish_checksums(packet);
  const test::ExactBytes exact{packet.data()};
  IpHeader ip;
  Segment received;
  RC_ASSERT(wire::parse_ip(exact.span(), packet.length(), false, ip) == WireError::kNone);
  RC_ASSERT(wire::parse_tcp(exact.span().subspan(ip.header_length), ip, received) == WireError::kNone);
  RC_ASSERT(wire::transport_checksum(packet, ip.header_length, ip) == 0);
  expect_same_path(path, ip, received);
  expect_same_segment(sent, received, payload.size());
}

TEST(RoundTrip, ReadsBackWhatWasWrittenOverIpv4) {
  test::TestPool pool;
  EXPECT_TRUE(rc::check("IPv4", [&pool] { send_and_receive(*pool, Family::kIpv4); }));
}

TEST(RoundTrip, ReadsBackWhatWasWrittenOverIpv6) {
  test::TestPool pool;
  EXPECT_TRUE(rc::check("IPv6", [&pool] { send_and_receive(*pool, Family::kIpv6); }));
}

// Whatever the bytes: an answer, no byte read past the end (under a sanitizer), and lengths that add up.
TEST(RoundTrip, ParsersHoldAgainstAnyBytes) {
  EXPECT_TRUE(rc::check("any bytes", [](Bytes bytes) {
    if (!bytes.empty()) bytes[0] = static_cast<std::uint8_t>((*rc::gen::element(0x40, 0x60)) | (bytes[0] & 0xf));
    const test::ExactBytes exact{bytes};
    IpHeader ip;
    Segment segment;
    if (wire::parse_ip(exact.span(), static_cast<std::uint32_t>(bytes.size()), true, ip) != WireError::kNone) return;
    RC_ASSERT(ip.header_length + ip.payload_length <= bytes.size());
    const auto upper = exact.span().subspan(ip.header_length);
    if (wire::parse_tcp(upper, ip, segment) != WireError::kNone) return;
    RC_ASSERT(segment.header_length + segment.payload_length == ip.payload_length);
  }));
}

}  // namespace
}  // namespace weir
