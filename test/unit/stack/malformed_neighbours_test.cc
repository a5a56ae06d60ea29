// ARP and NDP that are not as they should be: counted, never believed, never answered.
#include <gtest/gtest.h>

#include <functional>

#include "link.h"

namespace weir::test {

namespace {

Bytes arp_request() {
  return frame({MacAddress::broadcast(), mac(9), kEtherTypeArp},
               {0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 192, 0, 2, 2, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1});
}

struct Change {
  const char* name;
  std::function<void(Bytes&)> apply;
};

TEST(MalformedArp, TheSoundOneIsAnswered) {
  Link link;
  link.receive(arp_request());
  EXPECT_EQ(link.tally().answers, 1U);
}

TEST(MalformedArp, IsCountedAndNotAnswered) {
  constexpr std::size_t kArp = kEthernetHeader;
  const Change changes[] = {
      {"hardware type", [](Bytes& b) { b[kArp + 1] = 6; }},
      {"protocol type", [](Bytes& b) { b[kArp + 2] = 0x86; }},
      {"hardware length", [](Bytes& b) { b[kArp + 4] = 8; }},
      {"protocol length", [](Bytes& b) { b[kArp + 5] = 16; }},
      {"operation", [](Bytes& b) { b[kArp + 7] = 3; }},
      {"group as sender", [](Bytes& b) { b[kArp + 8] = 3; }},
      {"nobody as sender", [](Bytes& b) { b[kArp + 8] = b[kArp + 13] = 0; }},
      {"multicast address as sender", [](Bytes& b) { b[kArp + 14] = 224; }},
      {"broadcast address as sender", [](Bytes& b) { std::fill_n(b.begin() + kArp + 14, 4, std::uint8_t{255}); }},
      {"truncated", [](Bytes& b) { b.pop_back(); }},
      {"empty", [](Bytes& b) { b.resize(kEthernetHeader); }},
  };
  for (const Change& change : changes) {
    Link link;
    Bytes bytes = arp_request();
    change.apply(bytes);
    link.receive(bytes);
    EXPECT_EQ(link.dropped(DropReason::kArpMalformed), 1U) << change.name;
    EXPECT_EQ(link.tally(), Link::Tally{}) << change.name;
  }
}

TEST(MalformedArp, AProbeForOurAddressIsAnsweredAndTeachesNothing) {
  Link link;
  Bytes probe = arp_request();
  std::fill_n(probe.begin() + kEthernetHeader + 14, 4, std::uint8_t{0});
  link.receive(probe);
  EXPECT_EQ(link.tally().answers, 1U);
  EXPECT_EQ(link.network.neighbours().size(), 0U);
}

NdpMessage solicitation() {
  return {.type = NdpMessage::Type::kSolicitation,
          .source = ip("2001:db8::2"),
          .destination = solicited_node_group(ip("2001:db8::1")),
          .target = ip("2001:db8::1"),
          .link_address = mac(9)};
}

NdpMessage advertisement() {
  return {.type = NdpMessage::Type::kAdvertisement,
          .source = ip("2001:db8::2"),
          .destination = ip("2001:db8::1"),
          .target = ip("2001:db8::2"),
          .link_address = mac(9),
          .solicited = true,
          .overrides = true};
}

Bytes ndp_frame(Link& link, const NdpMessage& message) {
  const Packet packet = build_ndp(*link.pool, message, {kOwnMac, mac(9), kEtherTypeIpv6});
  return {packet.data().begin(), packet.data().end()};
}

// Makes the checksum right again, so that only the change itself is judged.
void correct_checksum(Bytes& bytes) {
  const std::size_t icmp = kEthernetHeader + 40;
  bytes[icmp + 2] = bytes[icmp + 3] = 0;
  std::uint32_t sum = static_cast<std::uint32_t>(bytes.size() - icmp) + 58;
  for (std::size_t i = kEthernetHeader + 8; i + 1 < bytes.size(); i += 2)
    sum += std::uint32_t{bytes[i]} << 8 | bytes[i + 1];
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  bytes[icmp + 2] = static_cast<std::uint8_t>(~sum >> 8);
  bytes[icmp + 3] = static_cast<std::uint8_t>(~sum);
}

TEST(MalformedNdp, TheSoundOneIsAnswered) {
  Link link;
  Bytes bytes = ndp_frame(link, solicitation());
  const Bytes before = bytes;
  correct_checksum(bytes);
  EXPECT_EQ(bytes, before);
  link.receive(bytes);
  EXPECT_EQ(link.tally().answers, 1U);
}

TEST(MalformedNdp, IsCountedAndNotAnswered) {
  constexpr std::size_t kIp = kEthernetHeader, kIcmp = kIp + 40;
  const Change changes[] = {
      {"hop limit", [](Bytes& b) { b[kIp + 7] = 254; }},
      {"code",
       [](Bytes& b) {
         b[kIcmp + 1] = 1;
         correct_checksum(b);
       }},
      {"multicast target",
       [](Bytes& b) {
         b[kIcmp + 8] = 0xff;
         correct_checksum(b);
       }},
      {"option of length zero",
       [](Bytes& b) {
         b[kIcmp + 25] = 0;
         correct_checksum(b);
       }},
      {"option past the end",
       [](Bytes& b) {
         b[kIcmp + 25] = 2;
         correct_checksum(b);
       }},
      {"group as link address",
       [](Bytes& b) {
         b[kIcmp + 26] = 3;
         correct_checksum(b);
       }},
      {"multicast source",
       [](Bytes& b) {
         b[kIp + 8] = 0xff;
         correct_checksum(b);
       }},
      {"longer than it is", [](Bytes& b) { b[kIp + 5] = 200; }},
      {"shorter than its header",
       [](Bytes& b) {
         b[kIp + 5] = 20;
         b.resize(kIcmp + 20);
         correct_checksum(b);
       }},
      {"next to nothing",
       [](Bytes& b) {
         b[kIp + 5] = 1;
         b.resize(kIcmp + 1);
       }},
      {"checksum", [](Bytes& b) { b[kIcmp + 2] ^= 1; }},
  };
  for (const Change& change : changes) {
    Link link;
    Bytes bytes = ndp_frame(link, solicitation());
    change.apply(bytes);
    link.receive(bytes);
    EXPECT_EQ(link.dropped(DropReason::kNdpMalformed), 1U) << change.name;
    EXPECT_EQ(link.tally(), Link::Tally{}) << change.name;
  }
}

TEST(MalformedNdp, DuplicateAddressDetectionHasItsOwnRules) {
  NdpMessage detection = solicitation();
  detection.source = IpAddress{};
  Link link;
  link.receive(ndp_frame(link, detection));  // with a link address: RFC 4861 §7.1.1 forbids it
  EXPECT_EQ(link.dropped(DropReason::kNdpMalformed), 1U);
  detection.link_address.reset();
  detection.destination = ip("2001:db8::1");
  link.receive(ndp_frame(link, detection));  // not to the solicited-node group
  EXPECT_EQ(link.dropped(DropReason::kNdpMalformed), 2U);
  detection.destination = solicited_node_group(detection.target);
  link.receive(ndp_frame(link, detection));
  EXPECT_EQ(link.tally(), (Link::Tally{.announcements = 1}));
  EXPECT_EQ(link.network.neighbours().size(), 0U);
}

TEST(MalformedNdp, AnAnswerToAGroupMustNotCallItselfSolicited) {
  NdpMessage answer = advertisement();
  answer.destination = all_nodes_group();
  Link link;
  link.receive(ndp_frame(link, answer));
  EXPECT_EQ(link.dropped(DropReason::kNdpMalformed), 1U);
}

TEST(MalformedNdp, AnAnswerWithoutTheOverrideFlagReplacesNothing) {
  Link link;
  link.ask(ip("2001:db8::2"), mac(9), ip("2001:db8::1"));
  NdpMessage answer = advertisement();
  answer.link_address = mac(66);
  answer.overrides = false;
  link.receive(ndp_frame(link, answer));
  link.sent();
  link.send(ip("2001:db8::2"));
  EXPECT_EQ(link.tally().packet_to, mac(9));
}

TEST(MalformedNdp, AnAnswerWithoutItsLinkAddressConfirmsAProbeButResolvesNothing) {
  const IpAddress peer = ip("2001:db8::2");
  NdpMessage bare = advertisement();
  bare.link_address.reset();
  Link link;
  link.send(peer);
  link.receive(ndp_frame(link, bare));
  EXPECT_EQ(link.state_of(peer), NeighbourState::kIncomplete);
  link.receive(ndp_frame(link, advertisement()));
  link.advance(45s);
  link.send(peer);
  link.advance(5s);
  ASSERT_EQ(link.state_of(peer), NeighbourState::kProbe);
  link.receive(ndp_frame(link, bare));  // as Linux answers a unicast solicitation
  EXPECT_EQ(link.state_of(peer), NeighbourState::kReachable);
}

TEST(MalformedNdp, RouterDiscoveryAndRedirectsAreIgnored) {
  constexpr std::size_t kIcmp = kEthernetHeader + 40;
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{133, 134, 137}) {
    Link link;
    Bytes bytes = ndp_frame(link, solicitation());
    bytes[kIcmp] = type;
    correct_checksum(bytes);
    EXPECT_TRUE(link.receive(bytes).empty());
    EXPECT_EQ(link.dropped(DropReason::kNdpIgnored), 1U) << unsigned{type};
  }
}

}  // namespace

}  // namespace weir::test
