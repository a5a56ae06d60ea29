// Floods of segments that belong to no connection: ACK, FIN, RST and SYN-ACK to random ports from random ports. They
// hold nothing, are answered by no more than they bring, and do not touch the connection beside them.
#include "rfc_behaviour.h"

namespace weir::testing {
namespace {

using stack::DefenceState;
using tcp::SynCookieUse;

struct Stray {
  const char* name;
  std::uint8_t flags;
  bool is_answered;  // by RST
};
constexpr Stray kStrays[] = {
    {"ACK", kAck, true},
    {"ACK with text", kAck | kPsh, true},
    {"FIN", kFin, false},
    {"FIN and ACK", kFin | kAck, true},
    {"RST", kRst, false},
    {"RST and ACK", kRst | kAck, false},
    {"SYN and ACK", kSyn | kAck, true},
    {"none", 0, false},
};

class StrayFlood : public RfcBehaviour {
 protected:
  static constexpr unsigned kSegments = 2000;

  void open_victim(const tcp::Settings& settings = {}) {
    victim = accepted(settings);
    peer.take();
    ASSERT_EQ(state(victim), tcp::State::kEstablished);
  }
  // How many answers came; none is longer than what it answers.
  std::size_t flood(const Stray& stray, std::uint16_t to) {
    std::size_t answered = 0;
    for (unsigned i = 0; i < kSegments; ++i) {
      Segment guess = segment(stray.flags, to, static_cast<std::uint16_t>(10'000 + random.below(50'000)));
      guess.seq = SeqNum{static_cast<std::uint32_t>(random.next())};
      guess.ack = SeqNum{static_cast<std::uint32_t>(random.next())};
      peer.send(guess, std::vector<std::uint8_t>(guess.has(kPsh) ? 10 : 0, 'z'));
      const auto answers = peer.take();
      EXPECT_LE(answers.size(), 1U);
      for (const Answer& answer : answers) {
        EXPECT_TRUE(answer.segment.has(kRst));
        EXPECT_LE(answer.segment.header_length, 20U);
      }
      answered += answers.size();
    }
    return answered;
  }
  std::vector<std::uint64_t> levels() {
    std::vector<std::uint64_t> all{peer.packets().available()};
    for (const auto& level : peer.host().pools().levels) all.push_back(level.in_use);
    return all;
  }
  void expect_victim_unharmed() {
    says(kAck | kPsh, RawPeer::kHostPort, 100);
    EXPECT_EQ(peer.host().readable(victim), 100U);
    sends(victim, 50);
    EXPECT_EQ(peer.take().back().payload.size(), 50U);
    EXPECT_EQ(state(victim), tcp::State::kEstablished);
  }

  stack::ConnectionId victim{};
  Random random{3};
};
INSTANTIATE_TEST_SUITE_P(Families, StrayFlood, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(StrayFlood, HoldsNothingAtAListener) {
  open_victim();
  const auto before = levels();
  for (const Stray& stray : kStrays)
    EXPECT_EQ(flood(stray, RawPeer::kHostPort), stray.is_answered ? kSegments : 0) << stray.name;
  EXPECT_EQ(levels(), before);
  EXPECT_EQ(peer.host().defences().at(0).state, DefenceState::kQuiet);
  expect_victim_unharmed();
}

TEST_P(StrayFlood, HoldsNothingWhereNobodyListens) {
  open_victim();
  const auto before = levels();
  for (const Stray& stray : kStrays) flood(stray, 81);
  EXPECT_EQ(levels(), before);
  expect_victim_unharmed();
}

// A listener that has sent cookies looks for them, and answers few of those that are none.
TEST_P(StrayFlood, HoldsNothingAtAListenerThatSendsCookies) {
  open_victim({.syn_cookies = SynCookieUse::kAlways});
  ASSERT_GT(peer.host().counters()[tcp::Counter::kSynCookiesSent], 0U);
  const auto before = levels();
  for (const Stray& stray : kStrays) {
    const std::size_t answered = flood(stray, RawPeer::kHostPort);
    if (stray.flags == (kSyn | kAck)) continue;  // one RST each: no cookie is sought in it
    EXPECT_LE(answered, 100U) << stray.name << ": kCookieResetsBurst";
  }
  EXPECT_EQ(levels(), before);
  EXPECT_EQ(peer.host().counters()[tcp::Counter::kSynCookiesAccepted], 1U) << "the victim's alone";
  expect_victim_unharmed();
}

}  // namespace
}  // namespace weir::testing
