// All that a station on the link can do to the table of neighbours, at once, for a while, beside stations that keep the
// rules. WEIR_ATTACK_SECONDS of virtual time (30), from WEIR_SEED.
#include <gtest/gtest.h>

#include "link.h"
#include "support/attack_length.h"

namespace weir::test {
namespace {

NetworkConfig few_neighbours() {
  NetworkConfig config;
  config.neighbours.entries = 64;
  config.neighbours.queued_total_max = 40;
  return config;
}

class MixedAttackOnNeighbours : public ::testing::TestWithParam<Family> {
 protected:
  static constexpr unsigned kStepsPerSecond = 20;
  const Addresses& a = addresses(GetParam());
  const MacAddress kPeer = mac(9), kOther = mac(8), kAttacker = mac(66);
  std::uint64_t seed = testing::attack_seed();
  Random random{seed};
  Link link{few_neighbours()};

  // On the link, and nobody's.
  IpAddress made_up() {
    auto bytes = a.other.bytes();
    if (GetParam() == Family::kIpv4)
      return bytes[15] = static_cast<std::uint8_t>(100 + random.below(150)), as_ip(bytes);
    for (std::size_t i = 8; i < 16; ++i) bytes[i] = static_cast<std::uint8_t>(random.next());
    return as_ip(bytes);
  }
  static IpAddress as_ip(const std::array<std::uint8_t, 16>& bytes) { return IpAddress::v6(bytes.data()); }

  void strangers_ask() {
    for (unsigned i = 0; i < 5; ++i) link.ask(made_up(), mac(static_cast<std::uint8_t>(100 + i)), a.own);
  }
  // As SYNs with sources of the link have us do.
  void packets_for_nobody() {
    for (unsigned i = 0; i < 3; ++i) {
      const IpAddress nobody = made_up();
      for (unsigned packet = 0; packet < 5; ++packet) link.send(nobody);
    }
  }
  // Where nothing is known of a station, a question in its name is believed: only configured neighbours are proof
  // against that. So nobody asks in the name of the one that is not in use all the time.
  void claims() {
    for (const IpAddress& whose : {a.peer, a.other}) {
      link.announce(whose, kAttacker);
      link.answer(whose, kAttacker, a.own);
    }
    link.ask(a.peer, kAttacker, a.own);
  }
  // For a moment now and then: who claims all the time keeps those alive whom we ask again and again.
  static bool claims_are_due(unsigned step) { return step / kStepsPerSecond % 30 >= 28; }
  void nonsense() {
    Bytes bytes(kEthernetHeader + random.below(60));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
    std::fill_n(bytes.begin(), 6, std::uint8_t{0xff});
    bytes[12] = 8, bytes[13] = 6;  // of ARP
    link.receive(bytes);
  }
  // Those that keep the rules answer what they are asked.
  void living_answer() {
    for (const auto& [address, its] : {std::pair{a.peer, kPeer}, std::pair{a.other, kOther}}) {
      const auto state = link.state_of(address);
      const bool is_asked = state == NeighbourState::kIncomplete || state == NeighbourState::kProbe;
      if (is_asked) link.answer(address, its, a.own);
    }
  }
  // A packet that waits for an answer may find no room among so many: then the next one goes.
  void expect_reached(const IpAddress& station, const MacAddress& its) {
    link.sent();
    for (unsigned tries = 0; tries < 2; ++tries) {
      link.send(station);
      living_answer();
      const auto tally = link.tally();
      if (tally.packets == 0) continue;
      EXPECT_EQ(tally.packet_to, its) << "seed " << seed;
      return;
    }
    ADD_FAILURE() << "not reached, seed " << seed;
  }
};
INSTANTIATE_TEST_SUITE_P(Families, MixedAttackOnNeighbours, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return addresses(test.param).name; });

TEST_P(MixedAttackOnNeighbours, HarmsNoStationThatKeepsTheRules) {
  const unsigned seconds = testing::attack_seconds();
  for (unsigned step = 0; step < seconds * kStepsPerSecond && !HasFailure(); ++step) {
    expect_reached(a.peer, kPeer);
    if (step % (7 * kStepsPerSecond) == 0) expect_reached(a.other, kOther);
    strangers_ask();
    packets_for_nobody();
    if (claims_are_due(step)) claims();
    link.announce(a.own, kAttacker);
    nonsense();
    living_answer();
    EXPECT_LE(link.network.neighbours().size(), 64U);
    EXPECT_LE(link.network.neighbours().queued(), 40U);
    link.advance(Duration{1s} / kStepsPerSecond);
    living_answer();
  }
  EXPECT_GT(link.dropped(DropReason::kNeighbourTableFull), seconds);
  EXPECT_GT(link.dropped(DropReason::kNeighbourQueueFull), seconds);
  EXPECT_EQ(link.dropped(DropReason::kArpMalformed), seconds * kStepsPerSecond);
  EXPECT_EQ(link.dropped(DropReason::kAddressConflict), seconds * kStepsPerSecond);
  link.advance(20min);
  EXPECT_EQ(link.network.neighbours().size(), 0U);
  EXPECT_EQ(link.network.neighbours().queued(), 0U);
  EXPECT_EQ(link.pool->available(), link.pool->capacity());
}

}  // namespace
}  // namespace weir::test
