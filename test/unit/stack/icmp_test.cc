#include <weir/stack/icmp.h>

#include <gtest/gtest.h>

#include <weir/wire/build.h>
#include <weir/wire/parse.h>
#include <weir/wire/precedence.h>

#include "link.h"

namespace weir::test {

namespace {

// ICMP packets as a router or a peer would send them.
class IcmpTest : public ::testing::TestWithParam<Family> {
 protected:
  bool v4() const { return GetParam() == Family::kIpv4; }

  // An ICMP packet from a.far to a.own, checksum right, with `rest` after type, code and checksum.
  Packet icmp(std::uint8_t type, std::uint8_t code, const Bytes& rest) {
    Packet packet = pool->allocate();
    std::uint8_t* at = packet.append(static_cast<std::uint16_t>(4 + rest.size()));
    at[0] = type, at[1] = code, at[2] = at[3] = 0;
    std::copy(rest.begin(), rest.end(), at + 4);
    const std::uint16_t sum = checksum(packet);
    std::memcpy(at + 2, &sum, 2);
    WEIR_CHECK(wire::write_ip(packet, {.source = a.far, .destination = a.own}, protocol()));
    return packet;
  }
  IpProtocol protocol() const { return v4() ? IpProtocol::kIcmp : IpProtocol::kIcmpV6; }

  std::uint16_t checksum(const Packet& packet) {
    std::uint32_t sum = 0;
    const auto add = [&](std::span<const std::uint8_t> bytes) {
      for (std::size_t i = 0; i < bytes.size(); ++i) sum += std::uint32_t{bytes[i]} << (i % 2 == 0 ? 8 : 0);
    };
    add(packet.data());
    if (!v4()) {
      add(a.far.bytes());
      add(a.own.bytes());
      sum += packet.length() + 58;
    }
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return be16{static_cast<std::uint16_t>(~sum)}.raw();
  }

  // An error about a TCP segment of ours: four bytes (`word`), then the embedded packet's first bytes.
  Packet error(std::uint8_t type, std::uint8_t code, std::uint32_t word = 0, std::size_t embedded = 1000) {
    Bytes rest{static_cast<std::uint8_t>(word >> 24), static_cast<std::uint8_t>(word >> 16),
               static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word)};
    rest.insert(rest.end(), segment.begin(),
                segment.begin() + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(embedded), std::ssize(segment)));
    return icmp(type, code, rest);
  }
  Bytes make_segment() {
    Bytes bytes = ip_packet(a.own, a.peer, 20);
    bytes[v4() ? 9 : 6] = 6;
    const Bytes tcp{0x1f, 0x90, 0x9c, 0x40, 0xde, 0xad, 0xbe, 0xef};  // 8080 > 40000, seq 0xdeadbeef
    std::copy(tcp.begin(), tcp.end(), bytes.begin() + (v4() ? 20 : 40));
    return bytes;
  }

  IcmpMessage parse(const Packet& packet) {
    IpHeader header;
    EXPECT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
    return parse_icmp(packet, header);
  }
  IcmpMessage parse_error(std::uint8_t type, std::uint8_t code, std::uint32_t word = 0) {
    return parse(error(type, code, word));
  }

  TestPool pool;
  const Addresses& a = addresses(GetParam());
  Bytes segment = make_segment();
};
INSTANTIATE_TEST_SUITE_P(Families, IcmpTest, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return addresses(test.param).name; });

TEST_P(IcmpTest, AnEchoRequestBecomesItsReply) {
  Packet packet = icmp(v4() ? 8 : 128, 0, {0x12, 0x34, 0, 1, 'w', 'e', 'i', 'r', '!'});
  IpHeader header;
  ASSERT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
  ASSERT_EQ(parse_icmp(packet, header).kind, IcmpKind::kEchoRequest);
  const Bytes body{packet.data().end() - 9, packet.data().end()};
  ASSERT_TRUE(answer_echo(packet, header));
  ASSERT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
  EXPECT_EQ(header.source, a.own);
  EXPECT_EQ(header.destination, a.far);
  EXPECT_EQ(packet.data()[header.header_length], v4() ? 0 : 129);
  EXPECT_EQ(Bytes(packet.data().end() - 9, packet.data().end()), body);
  // The checksum is right: it is an ICMP message that we ignore, not a broken one.
  EXPECT_EQ(parse_icmp(packet, header).reason, DropReason::kIcmpIgnored);
}

// An echo flood may not crowd connections out of a full transmit ring.
TEST_P(IcmpTest, AnEchoReplyIsExpendable) {
  Packet packet = icmp(v4() ? 8 : 128, 0, {0, 1, 0, 1});
  IpHeader header;
  ASSERT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
  ASSERT_FALSE(wire::is_expendable(packet.get()));
  ASSERT_TRUE(answer_echo(packet, header));
  EXPECT_TRUE(wire::is_expendable(packet.get()));
}

TEST_P(IcmpTest, EveryEchoChecksumComesOutRight) {
  for (unsigned value = 0; value < 0x10000; value += 251) {
    Packet packet =
        icmp(v4() ? 8 : 128, 0, {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value), 0, 0});
    IpHeader header;
    ASSERT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
    ASSERT_TRUE(answer_echo(packet, header));
    ASSERT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
    ASSERT_EQ(parse_icmp(packet, header).reason, DropReason::kIcmpIgnored) << value;
  }
}

TEST_P(IcmpTest, LinkPaddingIsLeftOutOfTheReply) {
  Packet packet = icmp(v4() ? 8 : 128, 0, {0, 1, 0, 1});
  const std::uint32_t length = packet.length();
  std::memset(packet.append(20), 0xee, 20);
  IpHeader header;
  ASSERT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
  ASSERT_TRUE(answer_echo(packet, header));
  EXPECT_EQ(packet.length(), length);
}

TEST_P(IcmpTest, AnErrorNamesTheSegmentItIsAbout) {
  const IcmpMessage message = parse_error(v4() ? 3 : 1, v4() ? 3 : 4);
  EXPECT_EQ(message.kind, IcmpKind::kHard);
  EXPECT_EQ(message.local, (Endpoint{a.own, 8080}));
  EXPECT_EQ(message.remote, (Endpoint{a.peer, 40000}));
  EXPECT_EQ(message.seq, SeqNum{0xdeadbeef});
}

TEST_P(IcmpTest, CodesAreSoftOrHard) {
  for (std::uint8_t code = 0; code <= 15; ++code) {
    if (v4() && code == 4) continue;
    if (!v4() && code > 7) break;
    const bool hard = v4() ? code == 2 || code == 3 : code == 1 || code == 4;
    EXPECT_EQ(parse_error(v4() ? 3 : 1, code).kind, hard ? IcmpKind::kHard : IcmpKind::kSoft) << unsigned{code};
  }
  EXPECT_EQ(parse_error(v4() ? 11 : 3, 0).kind, IcmpKind::kSoft);  // time exceeded
  EXPECT_EQ(parse_error(v4() ? 12 : 4, 0).kind, IcmpKind::kSoft);  // parameter problem
}

TEST_P(IcmpTest, OtherTypesAreIgnored) {
  for (const unsigned type :
       v4() ? std::vector{0U, 4U, 5U, 9U, 13U, 17U, 255U} : std::vector{0U, 100U, 127U, 129U, 130U, 255U}) {
    const IcmpMessage message = parse_error(static_cast<std::uint8_t>(type), 0);
    EXPECT_EQ(message.kind, IcmpKind::kDropped) << type;
    EXPECT_EQ(message.reason, DropReason::kIcmpIgnored) << type;
  }
}

TEST_P(IcmpTest, TooBigTellsTheMtuAboveAFloor) {
  const auto told = [&](std::uint32_t mtu) { return v4() ? parse_error(3, 4, mtu) : parse_error(2, 0, mtu); };
  EXPECT_EQ(told(1400).kind, IcmpKind::kTooBig);
  EXPECT_EQ(told(1400).mtu, 1400);
  if (v4()) {
    EXPECT_EQ(told(100).mtu, kPathMtuMinV4);
  } else {
    EXPECT_EQ(told(1279).kind, IcmpKind::kDropped);
    EXPECT_EQ(told(0x10000).mtu, 0xffff);
  }
}

TEST(Icmp, ARouterThatTellsNoMtuMeansTheNextPlateau) {
  EXPECT_EQ(plateau_below(1500), 1492);
  EXPECT_EQ(plateau_below(1492), 1006);
  EXPECT_EQ(plateau_below(65535), 32000);
  EXPECT_EQ(plateau_below(20), 68);
}

TEST_P(IcmpTest, AnOldRouterIsUnderstood) {
  if (!v4()) return;
  segment[2] = 1500 >> 8, segment[3] = 1500 & 0xff;
  EXPECT_EQ(parse_error(3, 4, 0).mtu, 1492);
}

TEST_P(IcmpTest, ChecksumAndLengthAreVerified) {
  Packet broken = error(v4() ? 3 : 1, 0);
  broken.data()[broken.length() - 1] ^= 1;
  EXPECT_EQ(parse(broken).reason, DropReason::kIcmpChecksum);
  EXPECT_EQ(parse(icmp(v4() ? 8 : 128, 0, {0, 0})).reason, DropReason::kIcmpTruncated);
}

TEST_P(IcmpTest, EveryTruncationOfTheEmbeddedPacketIsRefused) {
  const std::size_t needed = (v4() ? 20U : 40U) + 8U;
  for (std::size_t length = 0; length < needed; ++length) {
    EXPECT_EQ(parse(error(v4() ? 3 : 1, 0, 0, length)).reason, DropReason::kIcmpTruncated) << length;
  }
  EXPECT_EQ(parse(error(v4() ? 3 : 1, 0, 0, needed)).kind, IcmpKind::kSoft);
}

TEST_P(IcmpTest, AnErrorAboutWhatWeNeverSentIsRefused) {
  segment = ip_packet(a.other, a.peer, 20);
  segment[v4() ? 9 : 6] = 6;
  EXPECT_EQ(parse_error(v4() ? 3 : 1, 0).reason, DropReason::kIcmpUnmatched);
  segment = make_segment();
  segment[v4() ? 9 : 6] = 17;  // UDP: Weir speaks none
  EXPECT_EQ(parse_error(v4() ? 3 : 1, 0).kind, IcmpKind::kDropped);
  segment = make_segment();
  segment[0] = v4() ? 0x65 : 0x40;  // the other family
  EXPECT_EQ(parse_error(v4() ? 3 : 1, 0).kind, IcmpKind::kDropped);
}

TEST_P(IcmpTest, ALaterPieceHasNoPorts) {
  if (!v4()) return;
  segment[7] = 1;
  EXPECT_EQ(parse_error(3, 0).kind, IcmpKind::kDropped);
}

TEST_P(IcmpTest, TheOtherFamilysProtocolIsRefused) {
  Packet packet = icmp(8, 0, {0, 0, 0, 0});
  IpHeader header;
  ASSERT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
  header.protocol = static_cast<std::uint8_t>(v4() ? IpProtocol::kIcmpV6 : IpProtocol::kIcmp);
  EXPECT_EQ(parse_icmp(packet, header).reason, DropReason::kUnknownProtocol);
}

TEST(IcmpBudget, RefillsSteadilyUpToItsBurst) {
  IcmpBudget budget{10, 2};
  const Instant start{1h};
  EXPECT_TRUE(budget.take(start));
  EXPECT_TRUE(budget.take(start));
  EXPECT_FALSE(budget.take(start));
  EXPECT_FALSE(budget.take(start + 99ms));
  EXPECT_TRUE(budget.take(start + 100ms));
  EXPECT_FALSE(budget.take(start + 100ms));
  EXPECT_TRUE(budget.take(start + 1h));
  EXPECT_TRUE(budget.take(start + 1h));
  EXPECT_FALSE(budget.take(start + 1h));
}

}  // namespace

}  // namespace weir::test
