// Everything that docs/adversaries.md names and a host can be sent, at once, for a while, beside clients that keep the
// rules. WEIR_ATTACK_SECONDS of virtual time (30), from WEIR_SEED.
#include "support/attack_length.h"
#include "under_attack.h"

namespace weir::testing {
namespace {

// A host that serves hundreds, not thousands: pools come to their ends.
stack::HostConfig busy_host() {
  stack::HostConfig config = small_host(23);
  config.connections = 512;
  config.cold_blocks = 256;
  config.half_open = 128;
  config.time_wait_v4 = config.time_wait_v6 = 64;
  config.spent_cookies = 60;
  return config;
}

class MixedAttack : public UnderAttack {
 protected:
  static constexpr std::uint16_t kBots = 20'000;
  static constexpr std::uint16_t kHolders = 8000;
  static constexpr std::uint16_t kHoldersMax = 100;
  static constexpr std::uint16_t kClients = 7000;

  MixedAttack() : UnderAttack(busy_host()), seed(attack_seed()), random{seed} {}

  SeqNum any() { return SeqNum{static_cast<std::uint32_t>(random.next())}; }
  std::uint16_t bot() { return static_cast<std::uint16_t>(kBots + random.below(40'000)); }
  void flood_of_syns() {
    for (unsigned i = 0; i < 20; ++i) peer.send(hostile(kSyn, any(), {}, bot()));
  }
  void strays() {
    constexpr std::uint8_t kAllBut = 0x1f;  // URG
    for (const std::uint8_t flags : {std::uint8_t{kAck}, std::uint8_t{kRst}, std::uint8_t{kFin | kAck},
                                     std::uint8_t{kSyn | kAck}, std::uint8_t{kFin}, kAllBut})
      peer.send(hostile(flags, any(), any(), bot()));
  }
  // Of packets whose rest never comes, and of a whole one that came in overlapping pieces.
  void fragments() {
    const std::vector<std::uint8_t> whole = peer.bytes_of(hostile(kAck, any()), std::vector<std::uint8_t>(100, 'x'));
    for (unsigned i = 0; i < 5; ++i) peer.send_raw(fragment_of(whole, ++fragment));
    peer.send_raw(fragment_of(whole, fragment));
  }
  // Routers that were never on the path: of the victim's connection, and of ports without any.
  void icmp_forgeries() {
    for (const std::uint16_t port : {kVictimPort, bot()}) {
      const auto about = own_segment(ack + 1 + random.below(1U << 30), RawPeer::kHostPort, port);
      peer.send_raw(icmp_error(v4() ? 3 : 2, v4() ? 4 : 0, about, 1280));  // too big
      peer.send_raw(v4() ? icmp_error(3, 3, about) : icmp_error(1, 4, about));
    }
  }
  // Blind segments in the victim's name, none of them with its very numbers.
  void blind() {
    for (const std::uint8_t flags : {std::uint8_t{kRst}, std::uint8_t{kSyn}, std::uint8_t{kAck}}) {
      Segment guess = segment(flags, RawPeer::kHostPort);
      guess.seq = seq + 1 + random.below(1U << 30);
      guess.ack = ack + 1 + random.below(1U << 30);
      peer.send(guess, std::vector<std::uint8_t>(flags == kAck ? 8 : 0, 'z'));
    }
  }
  // One more of those that stay: with text beyond holes, unread text, a shut window, or closed by one side.
  void hold() {
    if (holders >= kHoldersMax) return;
    const auto from = static_cast<std::uint16_t>(kHolders + holders);
    peer.take();
    peer.send(hostile(kSyn, SeqNum{0}, {}, from));
    const auto answers = peer.take();
    if (answers.empty() || !answers.back().segment.has(kSyn)) return;
    const SeqNum next = answers.back().segment.seq + 1;
    ++holders;
    Segment last = hostile(kAck, SeqNum{1}, next, from);
    last.window = UnscaledWindow{static_cast<std::uint16_t>(random.below(4))};
    peer.send(last);
    nexts.push_back(next);
  }
  void holders_move() {
    for (std::uint16_t i = 0; i < holders; ++i) {
      const auto from = static_cast<std::uint16_t>(kHolders + i);
      const SeqNum next = nexts[i];
      Segment said = hostile(kAck, SeqNum{2} + random.below(3000), next, from);
      said.window = UnscaledWindow{static_cast<std::uint16_t>(random.below(3))};
      if (i % 4 == 0) said.seq = SeqNum{1};
      if (i % 8 == 1) said.flags = kAck | kUrg, said.urgent = static_cast<std::uint16_t>(random.next());
      if (i % 16 == 2) said.flags = kFin | kAck, said.seq = SeqNum{1};
      for (said.options.sack_count = 0; said.options.sack_count < 3; ++said.options.sack_count) {
        const SeqNum left = next + random.below(5000);
        said.options.sack[said.options.sack_count] = {left, left + random.below(500)};
      }
      peer.send(said, std::vector<std::uint8_t>(said.has(kFin) ? 0 : 1 + random.below(5), 'x'));
    }
    peer.take();
  }
  // The application is a plain one: it takes what comes, answers, and closes with its peer.
  void application() {
    while (const auto event = peer.host().next_event()) {
      if (event->listener != stack::kNoListener) {
        while (const auto id = peer.host().accept(event->listener)) gives(*id, 200), taken.push_back(*id);
        continue;
      }
      if ((event->what & (tcp::kPeerClosed | tcp::kClosed)) == 0 || event->connection == victim) continue;
      std::erase(taken, event->connection);
      peer.host().close(event->connection);
    }
    peer.collect();
  }
  // A client from handshake to close; it repeats its SYN as clients do.
  void client() {
    const auto from = static_cast<std::uint16_t>(kClients + clients++ % 900);
    Segment syn = hostile(kSyn, SeqNum{1000 * clients}, {}, from);
    syn.options.mss = 1460;
    peer.take();
    peer.send(syn);
    auto answers = peer.take();
    ASSERT_EQ(answers.size(), 1U) << "client " << clients << ", seed " << seed;
    ASSERT_EQ(answers[0].segment.flags, kSyn | kAck);
    const SeqNum next = answers[0].segment.seq + 1;
    peer.send(hostile(kAck | kPsh, syn.seq + 1, next, from), std::vector<std::uint8_t>(100, 'q'));
    application();
    answers = peer.take();
    ASSERT_FALSE(answers.empty()) << "client " << clients << ", seed " << seed;
    std::size_t got = 0;
    for (const Answer& answer : answers) got += answer.payload.size();
    EXPECT_EQ(got, 200U) << "client " << clients << ", seed " << seed;
    const auto acknowledged = static_cast<std::uint32_t>(got);
    peer.send(hostile(kFin | kAck, syn.seq + 101, next + acknowledged, from));
    application();
    peer.send(hostile(kAck, syn.seq + 102, next + acknowledged + 1, from));
    peer.take();
  }
  void victim_moves() {
    expect_victim_unharmed();
    std::vector<std::uint8_t> read(1000);
    while (peer.host().receive(victim, read) != 0) {
    }
    peer.take();
  }

  std::uint64_t seed;
  Random random;
  std::uint16_t holders = 0;
  unsigned clients = 0;
  std::uint32_t fragment = 0;
  std::vector<SeqNum> nexts;
};
INSTANTIATE_TEST_SUITE_P(Families, MixedAttack, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(MixedAttack, HarmsNobodyWhoKeepsTheRules) {
  const unsigned seconds = attack_seconds();
  constexpr unsigned kStepsPerSecond = 20;
  for (unsigned step = 0; step < seconds * kStepsPerSecond && !HasFailure(); ++step) {
    flood_of_syns();
    strays();
    blind();
    if (step % 4 == 1) fragments();
    icmp_forgeries();
    if (step % 10 == 3) hold(), application();
    if (step % 10 == 4) holders_move(), application();
    if (step % 5 == 0) client();
    if (step % 7 == 0) victim_moves();
    peer.take();
    peer.advance(Duration{1s} / kStepsPerSecond);
    peer.take();
  }
  EXPECT_GT(counted(Counter::kSynCookiesSent), seconds * 100);
  EXPECT_GT(counted(Counter::kChallengeAcksLimited), seconds);
  EXPECT_GT(counted(Counter::kInvalidSackBlocks) + counted(Counter::kOutOfOrderIn), 0U);
  EXPECT_GT(dropped(DropReason::kFragmentTable), seconds);
  EXPECT_EQ(dropped(DropReason::kIcmpUnmatched), 4U * seconds * kStepsPerSecond) << "none was believed";
  EXPECT_EQ(counted(Counter::kPathMtuLowered), 0U);
  EXPECT_GE(counted(Counter::kPassiveOpens), 1U + clients + holders);
  // A holder whose connection and whose spent cookie are both forgotten may bring the cookie once more.
  EXPECT_LE(counted(Counter::kPassiveOpens), 1U + clients + 2U * holders);
  victim_moves();
  peer.advance(20min);
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::testing
