// More comes than can be answered: which packets a host gives up, and which not.
#include "rfc_behaviour.h"
#include "wire/chains.h"

namespace weir::testing {
namespace {

using stack::DropReason;
using tcp::SynCookieUse;

class SynShed : public RfcBehaviour {
 protected:
  void listen_as(SynCookieUse use) { listen({.syn_cookies = use}); }
  Segment syn(std::uint16_t from = 6000) const { return segment(kSyn, RawPeer::kHostPort, from); }

  // How many of the packets remain.
  std::size_t kept_of(const std::vector<std::vector<std::uint8_t>>& packets) {
    std::vector<rte_mbuf*> burst;
    for (const auto& bytes : packets) burst.push_back(test::chain(peer.packets(), bytes, {}).release());
    const std::size_t kept = peer.host().shed(burst);
    PacketPool::free(std::span{burst}.first(kept));
    return kept;
  }
  bool keeps(std::vector<std::uint8_t> packet) { return kept_of({std::move(packet)}) == 1; }
  std::uint64_t shed() { return peer.host().drops()[DropReason::kSynShed]; }
};
INSTANTIATE_TEST_SUITE_P(Families, SynShed, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(SynShed, SynsToAListenerUnderAttackGo) {
  listen_as(SynCookieUse::kAlways);
  const auto packets = peer.packets().available();
  EXPECT_EQ(kept_of({peer.bytes_of(syn(6001)), peer.bytes_of(syn(6002)), peer.bytes_of(syn(6003))}), 0U);
  EXPECT_EQ(shed(), 3U);
  EXPECT_EQ(peer.packets().available(), packets);
  EXPECT_TRUE(peer.take().empty()) << "no answer either";
}

TEST_P(SynShed, WhatRemainsKeepsItsOrder) {
  listen_as(SynCookieUse::kAlways);
  std::vector<rte_mbuf*> burst;
  for (std::uint16_t i = 0; i < stack::Host::kShedMax; ++i) {
    const bool is_ack = i % 3 == 0;
    const auto bytes =
        peer.bytes_of(segment(is_ack ? kAck : kSyn, RawPeer::kHostPort, static_cast<std::uint16_t>(7000 + i)));
    burst.push_back(test::chain(peer.packets(), bytes, {}).release());
  }
  const std::vector<rte_mbuf*> before = burst;
  const std::size_t kept = peer.host().shed(burst);
  ASSERT_EQ(kept, 11U);
  for (std::size_t i = 0; i < kept; ++i) EXPECT_EQ(burst[i], before[3 * i]);
  EXPECT_EQ(shed(), stack::Host::kShedMax - kept);
  PacketPool::free(std::span{burst}.first(kept));
}

TEST_P(SynShed, WhatIsNoSynStays) {
  listen_as(SynCookieUse::kAlways);
  for (const int flags : {kAck + 0, kSyn | kAck, kRst + 0, kSyn | kRst, kSyn | kFin, kFin | kAck, 0})
    EXPECT_TRUE(keeps(peer.bytes_of(segment(static_cast<std::uint8_t>(flags), RawPeer::kHostPort)))) << flags;
  EXPECT_EQ(shed(), 0U);
}

// ECN is asked for with flags of its own (RFC 3168 §6.1.1).
TEST_P(SynShed, ASynThatAsksForEcnIsOne) {
  listen_as(SynCookieUse::kAlways);
  EXPECT_FALSE(keeps(peer.bytes_of(segment(kSyn | kEce | kCwr, RawPeer::kHostPort))));
}

TEST_P(SynShed, SynsElsewhereStay) {
  listen_as(SynCookieUse::kAlways);
  EXPECT_TRUE(keeps(peer.bytes_of(segment(kSyn, 81)))) << "no listener: a reset is due";
  auto elsewhere = peer.bytes_of(syn());
  elsewhere[v4() ? 19 : 39] ^= 0x40;
  EXPECT_TRUE(keeps(std::move(elsewhere))) << "another's address";
  EXPECT_EQ(shed(), 0U);
}

TEST_P(SynShed, ListenersThatAreNotAttackedLoseNone) {
  listen_as(SynCookieUse::kAuto);
  EXPECT_TRUE(keeps(peer.bytes_of(syn()))) << "quiet";
}

TEST_P(SynShed, OffAndDryRunLoseNone) {
  for (const SynCookieUse use : {SynCookieUse::kOff, SynCookieUse::kDryRun}) {
    const auto id = listen({.syn_cookies = use, .syn_cautious_percent = 1, .syn_attacked_percent = 1});
    for (std::uint16_t from = 9000; from < 9064; ++from) peer.send(syn(from));
    peer.take();
    EXPECT_TRUE(keeps(peer.bytes_of(syn())));
    peer.host().stop_listening(id);
  }
}

// Anything but the plain kind is left to the parser: it must not be misread.
TEST_P(SynShed, WhatIsNotPlainStays) {
  listen_as(SynCookieUse::kAlways);
  const auto plain = peer.bytes_of(syn());
  for (std::size_t length = 1; length < (v4() ? 40U : 60U); ++length)
    EXPECT_TRUE(keeps({plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(length)})) << length;
  auto udp = plain;
  udp[v4() ? 9 : 6] = 17;
  EXPECT_TRUE(keeps(udp));
  auto version = plain;
  version[0] = 0x55;
  EXPECT_TRUE(keeps(version));
  if (!v4()) return;
  for (const auto& [at, value] : {std::pair{0, 0x46}, {6, 0x20}, {6, 0x01}, {7, 0x01}}) {
    auto other = plain;  // options; more fragments; an offset, its high and its low byte
    other[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(value);
    EXPECT_TRUE(keeps(other)) << at << ' ' << value;
  }
}

// An attack is not over because its SYNs are no longer looked at.
TEST_P(SynShed, WhatIsShedCountsAsSyns) {
  const auto id = listen({.syn_rate = 100, .syn_calm = 1s});
  for (std::uint16_t i = 0; i < 300; ++i) peer.send(syn(static_cast<std::uint16_t>(9000 + i)));
  peer.take();
  ASSERT_EQ(peer.host().defences().at(0).state, stack::DefenceState::kAttacked);
  for (int quarter = 0; quarter < 40; ++quarter) {
    for (std::uint16_t i = 0; i < 100; ++i) keeps(peer.bytes_of(syn(static_cast<std::uint16_t>(9000 + i))));
    peer.advance(250ms);
  }
  EXPECT_EQ(peer.host().defences().at(0).state, stack::DefenceState::kAttacked);
  EXPECT_NEAR(peer.host().defences().at(0).syns, 400, 10);
  peer.advance(100s);
  EXPECT_EQ(peer.host().defences().at(0).state, stack::DefenceState::kQuiet);
  peer.host().stop_listening(id);
}

}  // namespace
}  // namespace weir::testing
