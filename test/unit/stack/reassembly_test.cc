#include <weir/stack/reassembly.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include <weir/wire/parse.h>

#include "link.h"

namespace weir::test {

namespace {

// Cuts IP packets by hand: offsets and lengths as a hostile sender may choose them.
class ReassemblyTest : public ::testing::TestWithParam<Family> {
 protected:
  bool v4() const { return GetParam() == Family::kIpv4; }

  static Bytes payload(std::size_t length) {
    Bytes bytes(length);
    for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return bytes;
  }

  Bytes piece(std::size_t offset, std::size_t length, bool more, std::uint8_t id = 1) const {
    Bytes bytes = ip_packet(a.peer, a.own, v4() ? length : length + 8);
    const std::size_t header = v4() ? 20 : 40;
    const Bytes whole = payload(offset + length);
    if (v4()) {
      write_16(bytes, 4, id);
      write_16(bytes, 6, offset / 8 | (more ? 0x2000 : 0));
      write_16(bytes, 10, 0);
      write_16(bytes, 10, header_sum(bytes));
    } else {
      bytes[6] = 44;
      const Bytes extension{253,
                            0,
                            static_cast<std::uint8_t>(offset >> 8),
                            static_cast<std::uint8_t>((offset & 0xf8) | (more ? 1 : 0)),
                            0,
                            0,
                            0,
                            id};
      std::copy(extension.begin(), extension.end(), bytes.begin() + 40);
    }
    const auto at = static_cast<std::ptrdiff_t>(header + (v4() ? 0 : 8));
    std::copy(whole.begin() + static_cast<std::ptrdiff_t>(offset), whole.end(), bytes.begin() + at);
    return bytes;
  }
  static void write_16(Bytes& bytes, std::size_t at, std::size_t value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
  }
  static std::size_t header_sum(const Bytes& bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < 20; i += 2) sum += std::uint32_t{bytes[i]} << 8 | bytes[i + 1];
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
  }

  Bytes with_mark(Bytes bytes, Ecn ecn) const {
    const auto bits = static_cast<unsigned>(ecn);
    bytes[1] = static_cast<std::uint8_t>(bytes[1] | (v4() ? bits : bits << 4));
    if (!v4()) return bytes;
    write_16(bytes, 10, 0);
    write_16(bytes, 10, header_sum(bytes));
    return bytes;
  }
  static Ecn mark_of(const Packet& packet) {
    IpHeader header;
    EXPECT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
    return header.ecn;
  }

  Packet insert(const Bytes& bytes) {
    Packet packet = pool->copy(bytes);
    IpHeader header;
    EXPECT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
    EXPECT_TRUE(header.is_fragment);
    return reassembler.on_fragment(std::move(packet), header, now);
  }

  void expect_whole(const Packet& packet, std::size_t length) {
    ASSERT_TRUE(packet);
    IpHeader header;
    ASSERT_EQ(wire::parse_ip(packet.data(), packet.length(), false, header), WireError::kNone);
    EXPECT_FALSE(header.is_fragment);
    EXPECT_EQ(header.protocol, 253);
    ASSERT_EQ(header.payload_length, length);
    Bytes bytes(length);
    const void* at = rte_pktmbuf_read(packet.get(), header.header_length, header.payload_length, bytes.data());
    if (at != bytes.data()) std::memcpy(bytes.data(), at, length);
    EXPECT_EQ(bytes, payload(length));
  }

  TestPool pool;
  DropCounters drops;
  const Addresses& a = addresses(GetParam());
  Instant now{1h};
  Reassembler reassembler{{.packets = 16, .lifetime = 30s}, drops};
};
INSTANTIATE_TEST_SUITE_P(Families, ReassemblyTest, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return addresses(test.param).name; });

TEST_P(ReassemblyTest, PutsPiecesTogetherInAnyOrder) {
  std::array<unsigned, 3> order{0, 1, 2};
  do {
    Packet whole;
    for (unsigned i : order)
      whole = insert(i == 0 ? piece(0, 800, true) : i == 1 ? piece(800, 800, true) : piece(1600, 77, false));
    expect_whole(whole, 1677);
    EXPECT_EQ(reassembler.held(), 0U);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(drops[DropReason::kFragmentTable], 0U);
}

TEST_P(ReassemblyTest, AMarkOnOnePieceIsOnTheWhole) {
  for (unsigned marked : {0U, 1U}) {
    EXPECT_FALSE(insert(with_mark(piece(0, 80, true), marked == 0 ? Ecn::kCe : Ecn::kEct0)));
    const Packet whole = insert(with_mark(piece(80, 8, false), marked == 1 ? Ecn::kCe : Ecn::kEct0));
    expect_whole(whole, 88);
    EXPECT_EQ(mark_of(whole), Ecn::kCe) << marked;
  }
}

TEST_P(ReassemblyTest, WithoutAMarkTheWholeSaysWhatItsPiecesSay) {
  for (const Ecn ecn : {Ecn::kNotEct, Ecn::kEct0, Ecn::kEct1}) {
    EXPECT_FALSE(insert(with_mark(piece(0, 80, true), ecn)));
    const Packet whole = insert(with_mark(piece(80, 8, false), ecn));
    expect_whole(whole, 88);
    EXPECT_EQ(mark_of(whole), ecn);
  }
}

TEST_P(ReassemblyTest, AMarkBesideAPieceThatIsNotCapableEndsThePacket) {
  for (unsigned marked : {0U, 1U}) {
    EXPECT_FALSE(insert(with_mark(piece(0, 80, true), marked == 0 ? Ecn::kCe : Ecn::kNotEct)));
    EXPECT_FALSE(insert(with_mark(piece(80, 8, false), marked == 1 ? Ecn::kCe : Ecn::kNotEct)));
    EXPECT_EQ(drops[DropReason::kFragmentTable], marked + 1);
    EXPECT_EQ(reassembler.held(), 0U);
  }
}

TEST_P(ReassemblyTest, PacketsAreToldApartByTheirIdentification) {
  EXPECT_FALSE(insert(piece(0, 80, true, 1)));
  EXPECT_FALSE(insert(piece(80, 8, false, 2)));
  expect_whole(insert(piece(80, 16, false, 1)), 96);
  expect_whole(insert(piece(0, 80, true, 2)), 88);
}

TEST_P(ReassemblyTest, OffloadFlagsOfThePiecesDoNotSurvive) {
  Packet first = pool->copy(piece(0, 80, true));
  first.get()->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD | RTE_MBUF_F_RX_IP_CKSUM_GOOD;
  IpHeader header;
  ASSERT_EQ(wire::parse_ip(first.data(), first.length(), false, header), WireError::kNone);
  EXPECT_FALSE(reassembler.on_fragment(std::move(first), header, now));
  const Packet whole = insert(piece(80, 8, false));
  EXPECT_EQ(whole.get()->ol_flags, 0U);
}

TEST_P(ReassemblyTest, LinkPaddingIsNotPartOfAPiece) {
  Bytes padded = piece(80, 8, false);
  padded.resize(padded.size() + 18, 0xee);
  EXPECT_FALSE(insert(padded));
  expect_whole(insert(piece(0, 80, true)), 88);
}

TEST_P(ReassemblyTest, WhatIsNeverCompletedGoesAfterItsLifetime) {
  EXPECT_EQ(reassembler.next_deadline(), std::nullopt);
  EXPECT_FALSE(insert(piece(0, 80, true)));
  EXPECT_EQ(reassembler.held(), 1U);
  now += 30s;
  reassembler.advance(now);
  EXPECT_EQ(reassembler.held(), 1U);
  ASSERT_TRUE(reassembler.next_deadline());
  now = *reassembler.next_deadline();
  EXPECT_LE(now, Instant{1h} + 31s);
  reassembler.advance(now);
  EXPECT_EQ(reassembler.held(), 0U);
  EXPECT_EQ(reassembler.next_deadline(), std::nullopt);
  EXPECT_EQ(drops[DropReason::kFragmentTable], 1U);
}

TEST_P(ReassemblyTest, ALastPieceThatComesTooLateFindsNothing) {
  EXPECT_FALSE(insert(piece(0, 80, true)));
  now += 31s;
  EXPECT_FALSE(insert(piece(80, 8, false)));
  EXPECT_EQ(drops[DropReason::kFragmentTable], 1U);
}

TEST_P(ReassemblyTest, OverlappingPiecesEndTheirPacket) {
  EXPECT_FALSE(insert(piece(0, 80, true)));
  EXPECT_FALSE(insert(piece(72, 80, true)));
  EXPECT_FALSE(insert(piece(152, 8, false)));
  EXPECT_EQ(reassembler.held(), 0U);
  EXPECT_EQ(drops[DropReason::kFragmentTable], 3U);
}

TEST_P(ReassemblyTest, TooManyPiecesEndTheirPacket) {
  for (std::size_t i = 0; i < 20; ++i) EXPECT_FALSE(insert(piece(i * 8, 8, true)));
  EXPECT_LE(reassembler.held(), 8U);
  EXPECT_GE(drops[DropReason::kFragmentTable], 8U);
}

TEST_P(ReassemblyTest, PiecesOfOddLengthAreDropped) {
  EXPECT_FALSE(insert(piece(0, 81, true)));
  EXPECT_EQ(drops[DropReason::kFragmentTable], 1U);
  EXPECT_EQ(reassembler.held(), 0U);
}

TEST_P(ReassemblyTest, NothingReachesPastTheLongestPacket) {
  EXPECT_FALSE(insert(piece(65528, 80, false)));
  EXPECT_EQ(drops[DropReason::kFragmentTable], 1U);
  EXPECT_EQ(reassembler.held(), 0U);
}

TEST_P(ReassemblyTest, TheTableIsBounded) {
  for (unsigned i = 0; i < 200; ++i) EXPECT_FALSE(insert(piece(0, 8, true, static_cast<std::uint8_t>(i))));
  EXPECT_LE(reassembler.held(), 16U);
  EXPECT_GE(drops[DropReason::kFragmentTable], 200U - 16U);
}

TEST_P(ReassemblyTest, ExtensionHeadersBeforeTheFragmentHeaderAreLeftOut) {
  if (v4()) return;
  const auto with_hop_by_hop = [](Bytes bytes) {
    const Bytes extension{44, 0, 1, 4, 0, 0, 0, 0};  // PadN
    bytes[6] = 0;
    write_16(bytes, 4, static_cast<std::size_t>(bytes[4] << 8 | bytes[5]) + extension.size());
    bytes.insert(bytes.begin() + 40, extension.begin(), extension.end());
    return bytes;
  };
  EXPECT_FALSE(insert(with_hop_by_hop(piece(0, 80, true))));
  expect_whole(insert(with_hop_by_hop(piece(80, 9, false))), 89);
}

TEST_P(ReassemblyTest, HeadersWithOptionsAreUnderstood) {
  if (!v4()) return;
  const auto with_options = [](Bytes bytes) {
    bytes[0] = 0x46;
    write_16(bytes, 2, bytes.size() + 4);
    bytes.insert(bytes.begin() + 20, {1, 1, 1, 0});
    write_16(bytes, 10, 0);
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < 24; i += 2) sum += std::uint32_t{bytes[i]} << 8 | bytes[i + 1];
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    write_16(bytes, 10, ~sum & 0xffff);
    return bytes;
  };
  EXPECT_FALSE(insert(with_options(piece(0, 80, true))));
  expect_whole(insert(piece(80, 9, false)), 89);
}

TEST_P(ReassemblyTest, WhatIsHeldGoesBackAtTheEnd) {
  for (std::uint8_t i = 0; i < 10; ++i) EXPECT_FALSE(insert(piece(0, 8, true, i)));
  EXPECT_EQ(reassembler.held(), 10U);
}

}  // namespace

}  // namespace weir::test
