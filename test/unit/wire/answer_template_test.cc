#include <weir/wire/answer_template.h>

#include <gtest/gtest.h>

#include <weir/base/random.h>

#include "raw_packets.h"

namespace weir::wire {
namespace {

class AnswerTemplateTest : public ::testing::TestWithParam<Family> {
 protected:
  IpAddress address(unsigned last) const {
    const auto text = (GetParam() == Family::kIpv4 ? "192.0.2." : "2001:db8::") + std::to_string(last);
    return IpAddress::parse(text).value();
  }
  Path path_to(unsigned last, std::uint16_t port) const { return {address(1), address(last), 80, port, 55, 3}; }
  // With options by the bits of `which`.
  static Segment answer(unsigned which) {
    Segment segment{.flags = kSyn | kAck, .window = UnscaledWindow{65535}};
    if ((which & 1) != 0) segment.options.mss = 1460;
    if ((which & 2) != 0) segment.options.sack_permitted = true;
    if ((which & 4) != 0) segment.options.timestamps = Timestamps{};
    if ((which & 8) != 0) segment.options.window_scale = WindowScale{9};
    return segment;
  }
  static std::vector<std::uint8_t> bytes(const Packet& packet) { return {packet.data().begin(), packet.data().end()}; }

  PacketPool pool{"answer-template", 15, 0};
};
INSTANTIATE_TEST_SUITE_P(Families, AnswerTemplateTest, ::testing::Values(Family::kIpv4, Family::kIpv6));

// What write_tcp() and finish_checksums() would have made of the same, whatever the values.
TEST_P(AnswerTemplateTest, IsTheSegmentWithItsValues) {
  Random random{1};
  for (unsigned which = 0; which < 16; ++which) {
    const AnswerTemplate made{path_to(9, 9), answer(which)};
    for (int i = 0; i < 200; ++i) {
      const unsigned last = 2 + random.below(200);
      const auto port = static_cast<std::uint16_t>(random.next());
      Segment segment = answer(which);
      segment.seq = SeqNum{static_cast<std::uint32_t>(random.next())};
      segment.ack = SeqNum{static_cast<std::uint32_t>(random.next())};
      const Timestamps stamps{static_cast<std::uint32_t>(random.next()), static_cast<std::uint32_t>(random.next())};
      if (segment.options.timestamps) segment.options.timestamps = stamps;
      Packet expected = pool.allocate();
      ASSERT_TRUE(write_tcp(expected, path_to(last, port), segment));
      finish_checksums(expected);
      Packet packet = pool.copy(std::vector<std::uint8_t>(60, 0xee));
      ASSERT_TRUE(made.fits(packet));
      made.put(packet, {address(last), port, segment.seq, segment.ack, stamps});
      ASSERT_EQ(bytes(packet), bytes(expected)) << which;
      EXPECT_EQ(packet.length(), made.length());
    }
  }
}

TEST_P(AnswerTemplateTest, TheFarEndMayBeTheSource) {
  Random random{2};
  const auto from = [&](unsigned last, std::uint16_t port) {
    return Path{.source = address(last), .destination = address(1), .source_port = port, .destination_port = 80};
  };
  const AnswerTemplate made{from(9, 9), answer(15), AnswerTemplate::FarEnd::kSource};
  for (int i = 0; i < 200; ++i) {
    const unsigned last = 2 + random.below(200);
    const auto port = static_cast<std::uint16_t>(random.next());
    Segment segment = answer(15);
    segment.seq = SeqNum{static_cast<std::uint32_t>(random.next())};
    segment.options.timestamps = Timestamps{static_cast<std::uint32_t>(random.next()), 0};
    Packet expected = pool.allocate();
    ASSERT_TRUE(write_tcp(expected, from(last, port), segment));
    finish_checksums(expected);
    Packet packet = pool.allocate();
    made.put(packet, {address(last), port, segment.seq, segment.ack, *segment.options.timestamps});
    ASSERT_EQ(bytes(packet), bytes(expected));
  }
}

// A device's findings about the SYN are none about the answer.
TEST_P(AnswerTemplateTest, NothingOfTheArrivalStays) {
  const AnswerTemplate made{path_to(9, 9), answer(15)};
  Packet packet = pool.copy(std::vector<std::uint8_t>(1400, 0xee));
  packet.get()->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_VLAN;
  packet.get()->packet_type = 17;
  packet.get()->vlan_tci = 5;
  made.put(packet, {address(2), 1, SeqNum{1}, SeqNum{2}, {}});
  EXPECT_EQ(packet.get()->ol_flags, 0U);
  EXPECT_EQ(packet.get()->packet_type, 0U);
  EXPECT_EQ(packet.get()->vlan_tci, 0U);
  EXPECT_EQ(packet.get()->tx_offload, 0U);
  EXPECT_EQ(packet.length(), made.length());
}

TEST_P(AnswerTemplateTest, DoesNotFitWhatOthersHold) {
  const AnswerTemplate made{path_to(9, 9), answer(15)};
  Packet whole = pool.copy(std::vector<std::uint8_t>(100, 1));
  EXPECT_TRUE(made.fits(whole));
  const Packet reference = pool.reference(whole.get(), 0, 50);
  EXPECT_FALSE(made.fits(whole));
  EXPECT_FALSE(made.fits(reference));
  Packet chain = pool.copy(std::vector<std::uint8_t>(100, 1));
  chain.append_chain(pool.copy(std::vector<std::uint8_t>(100, 1)));
  EXPECT_FALSE(made.fits(chain));
  Packet at_the_end = pool.copy(std::vector<std::uint8_t>(2000, 1));
  at_the_end.trim_front(1960);
  EXPECT_FALSE(made.fits(at_the_end));
}

}  // namespace
}  // namespace weir::wire
