// What clients that are not there, and some that are, can do to a balancer, at once, for a while, beside clients that
// keep the rules. WEIR_ATTACK_SECONDS of virtual time (30), from WEIR_SEED.
#include <weir/wire/build.h>

#include "proxy_fixture.h"
#include "support/attack_length.h"

namespace weir::balance {
namespace {

class MixedAttackOnAProxy : public ProxyTest {
 protected:
  static constexpr unsigned kStepsPerSecond = 20;
  static constexpr unsigned kWave = 40;  // hoarders at once
  static constexpr std::size_t kAnswer = 5000;

  // Seven ports towards each of three back ends: fewer than a wave wants.
  MixedAttackOnAProxy() : ProxyTest(8192) {}

  void begin() {
    config().timeouts.idle = std::chrono::milliseconds{4'000};
    start();
    answer = text_pattern(kAnswer, 3);
    for (const auto& backend : backends) {
      backend->accepted.to_send = answer;
      backend->accepted.closes_at_end = true;
    }
    serve();
    victim = &connect();
    run_until([&] { return victim->received == answer; });
    ++clients;
  }
  std::size_t opens() const { return opens_at(0) + opens_at(1) + opens_at(2); }

  SeqNum any() { return SeqNum{static_cast<std::uint32_t>(random.next())}; }
  std::uint16_t any_port() { return static_cast<std::uint16_t>(1024 + random.below(64'000)); }
  IpAddress made_up() {
    if (service().address.is_v4()) return IpAddress::v4(be32{0x0a000000U + random.below(1U << 24)});
    auto bytes = IpAddress::parse("2001:db8:9::").value().bytes();
    for (std::size_t i = 8; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(random.next());
    return IpAddress::v6(bytes.data());
  }
  void forge(const Endpoint& from, const Endpoint& to, std::uint8_t flags, std::size_t text = 0) {
    Packet packet = client->at().packets().copy(std::vector<std::uint8_t>(text, 'z'));
    Segment segment;
    segment.seq = any();
    if ((flags & kAck) != 0) segment.ack = any();
    segment.flags = flags;
    segment.window = UnscaledWindow{20'000};
    ASSERT_TRUE(wire::write_tcp(packet, {from.address, to.address, from.port, to.port}, segment));
    simulation->inject(std::move(packet), "attacker");
  }
  void flood_of_syns() {
    for (unsigned i = 0; i < 20; ++i) forge({made_up(), any_port()}, service(), kSyn);
  }
  // Final ACKs to SYN-ACKs that were never received, and what else may pretend to be the end of a handshake.
  void forged_handshakes() {
    for (unsigned i = 0; i < 4; ++i) forge({made_up(), any_port()}, service(), kAck, i);
    for (const std::uint8_t flags : {std::uint8_t{kSyn | kAck}, std::uint8_t{kRst | kAck}, std::uint8_t{kFin | kAck}})
      forge({made_up(), any_port()}, service(), flags);
  }
  // In the victim's name, and in a back end's: RST and SYN are the sharpest, for none of them has the right number.
  void blind() {
    const auto port = weir_sees(*victim);
    for (const std::uint8_t flags : {std::uint8_t{kRst}, std::uint8_t{kSyn}, std::uint8_t{kAck}}) {
      forge({client_address(), port}, service(), flags, flags == kAck ? 8 : 0);
      for (std::size_t i = 0; i < kBackends; ++i)
        forge(backend_address(i), {config().sources[0], any_port()}, flags, flags == kAck ? 8 : 0);
    }
  }
  std::uint16_t weir_sees(const Line& line) const { return client->at().host().info(line.id)->local.port; }
  IpAddress client_address() const { return client->at().host().info(victim->id)->local.address; }
  // Whole handshakes, then nothing: more than there are ports, so that some are refused. Half of them never read.
  void hoarders() {
    for (unsigned i = 0; i < kWave; ++i) connect().reads_at_most = i % 2 == 0 ? 0 : kAnswer;
    hoarded += kWave;
  }
  void victim_moves() {
    Line* there = at_back_end(victim_text);
    ASSERT_NE(there, nullptr);
    victim->to_send += 'v';
    victim_text += 'v';
    run_until([&] { return there->received == victim_text; }, 1s);
    EXPECT_FALSE(victim->closed) << "seed " << seed;
  }
  Line* at_back_end(const std::string& received) {
    for (const auto& backend : backends)
      for (Line& line : backend->lines)
        if (!line.closed && line.received == received) return &line;
    return nullptr;
  }
  void client_is_served() {
    Line& here = connect();
    ++clients;
    run_until([&] { return here.closed || here.received == answer; }, 10s);
    EXPECT_EQ(here.received.size(), kAnswer) << "client " << clients << ", seed " << seed;
    client->end(here);
    run_until([&] { return here.closed; }, 70s);
    EXPECT_TRUE(here.ended_well()) << "client " << clients << ", seed " << seed;
  }

  std::uint64_t seed = testing::attack_seed();
  Random random{seed};
  std::string answer, victim_text;
  Line* victim = nullptr;
  unsigned clients = 0, hoarded = 0;
};
INSTANTIATE_TEST_SUITE_P(Families, MixedAttackOnAProxy,
                         ::testing::Values(Families{Family::kIpv4, Family::kIpv4},
                                           Families{Family::kIpv6, Family::kIpv6}),
                         [](const auto& test) { return test.param.client == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(MixedAttackOnAProxy, HarmsNoClientThatKeepsTheRules) {
  begin();
  const unsigned seconds = testing::attack_seconds();
  const Instant end = simulation->now() + std::chrono::seconds{seconds};
  for (unsigned step = 0; simulation->now() < end && !HasFailure(); ++step) {
    flood_of_syns();
    forged_handshakes();
    blind();
    if (step % kStepsPerSecond == 0) victim_moves();
    if (step % (10 * kStepsPerSecond) == kStepsPerSecond) hoarders();
    if (step % (10 * kStepsPerSecond) == 8 * kStepsPerSecond) client_is_served();
    simulation->advance(Duration{1s} / kStepsPerSecond);
  }
  const auto& counters = weir->host().counters();
  EXPECT_GT(counters[tcp::Counter::kSynCookiesSent], seconds * 100);
  EXPECT_GT(counters[tcp::Counter::kNoPorts], 0U);
  EXPECT_GT(status().out_of_tries + status().no_resources, 0U);
  EXPECT_GT(status().idle_timeouts, 0U);
  EXPECT_LE(opens(), clients + hoarded) << "back ends heard of a handshake that was forged";
  EXPECT_GE(opens(), clients);
  EXPECT_FALSE(victim->closed);
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::balance
