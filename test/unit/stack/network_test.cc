// Frames and IP packets: what passes, where it goes, what is announced.
#include <gtest/gtest.h>

#include <weir/wire/precedence.h>

#include "link.h"

namespace weir::test {

namespace {

class NetworkTest : public ::testing::TestWithParam<Family> {
 protected:
  std::uint16_t ether_type() const { return GetParam() == Family::kIpv4 ? kEtherTypeIpv4 : kEtherTypeIpv6; }
  const Addresses& a = addresses(GetParam());
  NetworkConfig config{};
};
INSTANTIATE_TEST_SUITE_P(Families, NetworkTest, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return addresses(test.param).name; });

TEST_P(NetworkTest, HandsOutIpPacketsWithoutTheirLinkHeader) {
  Link link;
  const Bytes packet = ip_packet(a.peer, a.own, 20);
  EXPECT_EQ(link.receive(frame({kOwnMac, mac(9), ether_type()}, packet)), (std::vector<Bytes>{packet}));
}

TEST_P(NetworkTest, DropsFramesForOtherStations) {
  Link link;
  EXPECT_TRUE(link.receive(frame({mac(7), mac(9), ether_type()}, ip_packet(a.peer, a.own))).empty());
  EXPECT_EQ(link.dropped(DropReason::kNotOurMac), 1U);
}

TEST_P(NetworkTest, DropsIpPacketsSentToAGroup) {
  Link link;
  EXPECT_TRUE(link.receive(frame({MacAddress::broadcast(), mac(9), ether_type()}, ip_packet(a.peer, a.own))).empty());
  EXPECT_EQ(link.dropped(DropReason::kNotForUs), 1U);
}

TEST_P(NetworkTest, DropsAnIpVersionThatContradictsTheEtherType) {
  Link link;
  const std::uint16_t other = ether_type() == kEtherTypeIpv4 ? kEtherTypeIpv6 : kEtherTypeIpv4;
  EXPECT_TRUE(link.receive(frame({kOwnMac, mac(9), other}, ip_packet(a.peer, a.own))).empty());
  EXPECT_TRUE(link.receive(frame({kOwnMac, mac(9), ether_type()}, {})).empty());
  EXPECT_EQ(link.dropped(DropReason::kIpVersion), 2U);
}

TEST(Network, DropsTaggedFramesAndUnknownProtocols) {
  Link link;
  EXPECT_TRUE(link.receive(frame({kOwnMac, mac(9), 0x8100}, Bytes(46))).empty());
  EXPECT_TRUE(link.receive(frame({kOwnMac, mac(9), 0x88cc}, Bytes(46))).empty());
  EXPECT_EQ(link.dropped(DropReason::kUnknownEtherType), 2U);
}

TEST(Network, DropsFramesShorterThanTheirHeader) {
  Link link;
  EXPECT_TRUE(link.receive(Bytes(13)).empty());
  EXPECT_EQ(link.dropped(DropReason::kTruncated), 1U);
}

TEST_P(NetworkTest, SendsByTheGatewayWhatIsNotOnTheLink) {
  Link link;
  ASSERT_EQ(link.network.add_route(a.everything, a.gateway), RouteError::kNone);
  link.send(a.far);
  link.answer(a.gateway, mac(254), a.own);
  EXPECT_EQ(link.tally(), (Link::Tally{.questions = 1, .packets = 1, .packet_to = mac(254)}));
}

TEST_P(NetworkTest, DropsWhatHasNoRoute) {
  Link link;
  link.send(a.far);
  EXPECT_EQ(link.tally(), Link::Tally{});
  EXPECT_EQ(link.dropped(DropReason::kNoRoute), 1U);
}

TEST_P(NetworkTest, DropsWhatIsSentToItself) {
  Link link;
  link.send(a.own);
  EXPECT_EQ(link.tally(), Link::Tally{});
  EXPECT_EQ(link.dropped(DropReason::kNoRoute), 1U);
}

TEST_P(NetworkTest, RefusesGatewaysThatAreNotOnALink) {
  Link link;
  EXPECT_EQ(link.network.add_route(a.everything, a.far), RouteError::kGatewayNotOnLink);
  EXPECT_EQ(link.network.add_route(a.everything, a.gateway, std::uint16_t{3}), RouteError::kNoInterface);
  const Addresses& others = addresses(GetParam() == Family::kIpv4 ? Family::kIpv6 : Family::kIpv4);
  EXPECT_EQ(link.network.add_route(a.everything, others.gateway), RouteError::kFamilyMismatch);
}

TEST_P(NetworkTest, AfterARecoveredLinkAnnouncesAgain) {
  Link link;
  link.network.set_link(0, false, link.now);
  link.network.set_link(0, true, link.now);
  link.advance(0s);
  EXPECT_EQ(link.tally().announcements, 3U);
}

TEST(Network, AnnouncesEveryAddressThreeTimesASecondApart) {
  Link link;
  link.network.add_virtual_address(ip("198.51.100.7"));
  link.network.add_virtual_address(ip("2001:db8:1::7"));
  link.network.announce(link.now);
  for (unsigned round = 0; round < 3; ++round) {
    link.advance(0s);
    EXPECT_EQ(link.tally(), (Link::Tally{.announcements = 5})) << "round " << round;
    link.advance(999ms);
    EXPECT_EQ(link.tally(), Link::Tally{});
    link.advance(1ms);
  }
  EXPECT_EQ(link.network.next_deadline(), std::nullopt);
}

TEST(Network, AnnouncesManyAddressesInBoundedSteps) {
  Link link;
  for (unsigned i = 0; i < 200; ++i) link.network.add_virtual_address(IpAddress::v4(be32{0xc633'6400 + i}));
  link.network.announce(link.now);
  EXPECT_TRUE(link.network.advance(link.now));
  link.network.flush();
  EXPECT_EQ(link.tally().announcements, Network::kAnnouncementsPerAdvance);
}

TEST_P(NetworkTest, SendsNothingWhileTheLinkIsDown) {
  Link link;
  ASSERT_TRUE(link.network.add_neighbour(0, a.peer, mac(9)));
  link.network.set_link(0, false, link.now);
  link.send(a.peer);
  EXPECT_EQ(link.tally(), Link::Tally{});
  EXPECT_EQ(link.dropped(DropReason::kLinkDown), 1U);
}

TEST_P(NetworkTest, ChoosesTheSourceOfTheNextHopsNetwork) {
  Link link;
  EXPECT_EQ(link.network.source_for(a.peer), a.own);
  EXPECT_EQ(link.network.source_for(a.far), std::nullopt);
  ASSERT_EQ(link.network.add_route(a.everything, a.gateway), RouteError::kNone);
  EXPECT_EQ(link.network.source_for(a.far), a.own);
}

TEST(Network, TalksFromItsLinkLocalAddressToLinkLocalStations) {
  Link link;
  EXPECT_EQ(link.network.source_for(ip("fe80::9")), ip("fe80::ff:fe00:1"));
  EXPECT_TRUE(link.network.is_own(ip("fe80::ff:fe00:1")));
}

TEST_P(NetworkTest, AGatewayMayBeKnownByItsLinkLocalAddress) {
  if (GetParam() == Family::kIpv4) return;
  Link link;
  ASSERT_EQ(link.network.add_route(a.everything, ip("fe80::fe"), std::uint16_t{0}), RouteError::kNone);
  link.send(a.far);
  link.answer(ip("fe80::fe"), mac(254), a.own);
  EXPECT_EQ(link.tally(), (Link::Tally{.questions = 1, .packets = 1, .packet_to = mac(254)}));
  EXPECT_EQ(link.network.source_for(a.far), a.own);
}

TEST_P(NetworkTest, SendsLongPacketsInPieces) {
  Link link;
  ASSERT_TRUE(link.network.add_neighbour(0, a.peer, mac(9)));
  Bytes bytes = ip_packet(a.own, a.peer, 1600);
  if (GetParam() == Family::kIpv4) bytes[6] = 0;  // may be cut; the sum is made anew for each piece
  rte_mbuf* packets[] = {link.pool->copy(bytes).release()};
  link.network.transmit(packets, link.now);
  link.network.flush();
  const auto frames = link.sent();
  ASSERT_EQ(frames.size(), 2U);
  for (const Bytes& piece : frames) EXPECT_LE(piece.size(), kEthernetHeader + 1500U);
}

TEST_P(NetworkTest, PiecesOfWhatIsExpendableAreExpendable) {
  Link link;
  ASSERT_TRUE(link.network.add_neighbour(0, a.peer, mac(9)));
  for (const bool is_expendable : {false, true}) {
    Bytes bytes = ip_packet(a.own, a.peer, 1600);
    if (GetParam() == Family::kIpv4) bytes[6] = 0;
    rte_mbuf* packets[] = {link.pool->copy(bytes).release()};
    if (is_expendable) wire::mark_expendable(packets[0]);
    link.network.transmit(packets, link.now);
    link.network.flush();
    EXPECT_EQ(link.expendable, is_expendable ? 2U : 0U);
  }
}

TEST_P(NetworkTest, DoesNotCutTcp) {
  Link link;
  Bytes bytes = ip_packet(a.own, a.peer, 1600);
  bytes[GetParam() == Family::kIpv4 ? 9 : 6] = 6;
  rte_mbuf* packets[] = {link.pool->copy(bytes).release()};
  link.network.transmit(packets, link.now);
  EXPECT_EQ(link.dropped(DropReason::kTooBig), 1U);
}

TEST_P(NetworkTest, HandsFramesOnWhenABatchIsFull) {
  Link link;
  ASSERT_TRUE(link.network.add_neighbour(0, a.peer, mac(9)));
  std::vector<rte_mbuf*> packets;
  for (unsigned i = 0; i < EgressBatch::kBatch + 1; ++i) {
    packets.push_back(link.pool->copy(ip_packet(a.own, a.peer)).release());
  }
  link.network.transmit(packets, link.now);
  EXPECT_EQ(link.sent().size(), EgressBatch::kBatch);
}

TEST(Network, ListsTheGroupsItListensTo) {
  Link link;
  const std::vector<MacAddress> expected{MacAddress::parse("33:33:00:00:00:01").value(),
                                         MacAddress::parse("33:33:ff:00:00:01").value()};
  EXPECT_EQ(link.network.group_macs(0), expected);
}

TEST(Network, WithTwoInterfacesAnswersEachWhereItsAddressIs) {
  Link link;
  link.network.add_interface({.mac = mac(2), .prefixes = {prefix("10.0.0.1/8")}});
  link.ask(ip("192.0.2.9"), mac(9), ip("10.0.0.1"));
  EXPECT_EQ(link.tally(), Link::Tally{});
  EXPECT_EQ(link.network.source_for(ip("10.2.3.4")), ip("10.0.0.1"));
}

}  // namespace

}  // namespace weir::test
