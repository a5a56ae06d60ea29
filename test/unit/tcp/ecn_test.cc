// Explicit congestion notification (RFC 3168), both ends, both families.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

using tcp::EcnMode;

constexpr std::int64_t kMss = 1440;  // fits both families

PeerOptions with_ecn(EcnMode mode, Family family = Family::kIpv4) {
  PeerOptions options;
  options.settings.ecn = mode;
  options.settings.dscp = 46;  // the fixture checks that it is unharmed
  options.family = family;
  options.mss = kMss;
  return options;
}

bool is_agreed(const Peer& peer) {
  return (peer.tcb.ecn & tcp::kEcnOk) != 0;
}

class EcnOfBothFamilies : public ::testing::TestWithParam<Family> {};
INSTANTIATE_TEST_SUITE_P(Families, EcnOfBothFamilies, ::testing::Values(Family::kIpv4, Family::kIpv6));

TEST_P(EcnOfBothFamilies, AskedForAndGrantedMarksNewData) {
  Peer peer{with_ecn(EcnMode::kOn, GetParam())};
  peer.open();
  peer.hears({.flags = "SEW", .ecn = Ecn::kNotEct});
  peer.says({.flags = "S.E", .ack = 0});
  peer.hears({.flags = ".", .ecn = Ecn::kNotEct});
  peer.sends(100);
  peer.hears({.flags = "P.", .length = 100, .ecn = Ecn::kEct0});
}

TEST_P(EcnOfBothFamilies, GrantedToAPeerThatAsks) {
  Peer peer{with_ecn(EcnMode::kAccept, GetParam())};
  peer.opens({.flags = "SEW"});
  peer.hears({.flags = "S.E", .ecn = Ecn::kNotEct});
  peer.answers_half_open({.ack = 0});
  EXPECT_TRUE(is_agreed(peer));
  peer.sends(100);
  peer.hears({.flags = "P.", .length = 100, .ecn = Ecn::kEct0});
}

TEST_P(EcnOfBothFamilies, MarkIsEchoedOnEveryAckUntilThePeerSlowedDown) {
  Peer peer{with_ecn(EcnMode::kAccept, GetParam())};
  peer.opens({.flags = "SEW"});
  peer.ignores_all();
  peer.answers_half_open({.ack = 0});
  peer.says({.flags = "P.", .length = 10, .ecn = Ecn::kCe});
  peer.hears({.flags = ".E", .ack = 10, .ecn = Ecn::kNotEct});  // at once
  peer.says({.flags = "P.", .length = 10, .ecn = Ecn::kEct0});
  peer.advance(40);
  peer.hears({.flags = ".E", .ack = 20});
  peer.says({.flags = "P.W", .length = 10, .ecn = Ecn::kEct0});
  peer.advance(40);
  peer.hears({.flags = ".", .ack = 30});
  EXPECT_EQ(peer.counted(Counter::kCongestionMarksIn), 1U);
}

TEST_P(EcnOfBothFamilies, MarkOfWhatSaysThatItSlowedDownIsEchoedAnew) {
  Peer peer{with_ecn(EcnMode::kAccept, GetParam())};
  peer.opens({.flags = "SEW"});
  peer.ignores_all();
  peer.answers_half_open({.ack = 0});
  peer.says({.flags = "P.", .length = 10, .ecn = Ecn::kCe});
  peer.hears({.flags = ".E", .ack = 10});
  peer.says({.flags = "P.W", .length = 10, .ecn = Ecn::kCe});
  peer.hears({.flags = ".E", .ack = 20});
}

TEST(EcnSetup, ModesAndFlagsOfPassiveOpens) {
  struct Case {
    EcnMode mode;
    const char *syn, *answer;
  };
  for (const Case& c :
       {Case{EcnMode::kOff, "SEW", "S."}, Case{EcnMode::kAccept, "S", "S."}, Case{EcnMode::kAccept, "SE", "S."},
        Case{EcnMode::kAccept, "SW", "S."}, Case{EcnMode::kAccept, "SEW", "S.E"}, Case{EcnMode::kOn, "SEW", "S.E"}}) {
    Peer peer{with_ecn(c.mode)};
    peer.opens({.flags = c.syn});
    peer.hears({.flags = c.answer});
    peer.answers_half_open({.ack = 0});
    EXPECT_EQ(is_agreed(peer), c.answer == std::string{"S.E"}) << c.syn;
  }
}

TEST(EcnSetup, ModesAndFlagsOfActiveOpens) {
  struct Case {
    EcnMode mode;
    const char *syn, *answer;
    bool agreed;
  };
  for (const Case& c : {Case{EcnMode::kOff, "S", "S.E", false}, Case{EcnMode::kAccept, "S", "S.E", false},
                        Case{EcnMode::kOn, "SEW", "S.", false}, Case{EcnMode::kOn, "SEW", "S.EW", false},
                        Case{EcnMode::kOn, "SEW", "S.W", false}, Case{EcnMode::kOn, "SEW", "S.E", true}}) {
    Peer peer{with_ecn(c.mode)};
    peer.open();
    peer.hears({.flags = c.syn});
    peer.says({.flags = c.answer, .ack = 0});
    peer.ignores_all();
    EXPECT_EQ(is_agreed(peer), c.agreed) << c.answer;
  }
}

TEST(EcnSetup, RepeatedSynDoesNotAskAgain) {
  Peer peer{with_ecn(EcnMode::kOn)};
  peer.open();
  peer.hears({.flags = "SEW"});
  peer.advance(1000);
  peer.hears({.flags = "S"});
  peer.says({.flags = "S.E", .ack = 0});  // the answer to the first
  peer.ignores_all();
  EXPECT_FALSE(is_agreed(peer));
}

TEST(EcnSetup, PeerThatRepeatsItsSynWithoutGetsNone) {
  Peer peer{with_ecn(EcnMode::kAccept)};
  peer.opens({.flags = "SEW"});
  peer.hears({.flags = "S.E"});
  peer.answers_half_open({.flags = "S"});
  peer.hears({.flags = "S."});
  peer.answers_half_open({.seq = 0, .ack = 0});
  EXPECT_FALSE(is_agreed(peer));
}

TEST(EcnSetup, SimultaneousOpenAgreesToo) {
  Peer peer{with_ecn(EcnMode::kOn)};
  peer.open();
  peer.hears({.flags = "SEW"});
  peer.says({.flags = "SEW"});
  peer.hears({.flags = "S.E"});
  peer.says({.ack = 0});
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  EXPECT_TRUE(is_agreed(peer));
}

// Ten segments in flight on a connection that marks them.
class EcnSender : public ::testing::Test {
 protected:
  explicit EcnSender(tcp::Settings settings = {}) : peer{options_of(settings)} {
    peer.open();
    peer.ignores_all();
    peer.says({.flags = "S.E", .ack = 0});
    peer.ignores_all();
    peer.sends(100 * kMss);
    for (int i = 0; i < 10; ++i) peer.hears({.seq = i * kMss, .length = kMss, .ecn = Ecn::kEct0});
    peer.hears_nothing();
  }
  static PeerOptions options_of(tcp::Settings settings) {
    PeerOptions options = with_ecn(EcnMode::kOn);
    settings.ecn = EcnMode::kOn;
    settings.dscp = options.settings.dscp;
    options.settings = settings;
    return options;
  }
  void echo(std::int64_t segments) { peer.says({.flags = ".E", .ack = segments * kMss}); }
  Peer peer;
};

TEST_F(EcnSender, EchoReducesTheWindowAsLossWould) {
  echo(1);
  EXPECT_EQ(peer.tcb.cwnd, 7U * kMss);
  EXPECT_EQ(peer.tcb.ssthresh, 7U * kMss);
  EXPECT_EQ(peer.counted(Counter::kEcnReductions), 1U);
  peer.hears_nothing();
}

class EcnNewReno : public EcnSender {
 protected:
  EcnNewReno() : EcnSender(newreno()) {}
};

TEST_F(EcnNewReno, EchoHalvesTheWindow) {
  echo(1);
  EXPECT_EQ(peer.tcb.cwnd, 5U * kMss);
}

TEST_F(EcnSender, EchoesOfOneRoundTripReduceOnce) {
  for (int i = 1; i <= 10; ++i) echo(i);
  EXPECT_EQ(peer.counted(Counter::kEcnReductions), 1U);
  EXPECT_EQ(peer.tcb.cwnd, 7U * kMss);  // nor do they let it grow
}

TEST_F(EcnSender, NextNewDataTellsThatItSlowedDown) {
  echo(4);
  peer.hears({.flags = ".W", .seq = 10 * kMss, .ecn = Ecn::kEct0});
  peer.says({.flags = ".", .ack = 5 * kMss});
  peer.hears({.flags = ".", .seq = 11 * kMss, .ecn = Ecn::kEct0});
}

TEST_F(EcnSender, EchoOfTheNextWindowReducesAgain) {
  echo(10);
  EXPECT_EQ(peer.counted(Counter::kEcnReductions), 1U);
  peer.ignores_all();
  echo(11);  // acknowledges the segment that said CWR
  EXPECT_EQ(peer.counted(Counter::kEcnReductions), 2U);
  peer.ignores_all();
}

TEST_F(EcnSender, WindowGoesDownToOneSegmentNoFurther) {
  for (int i = 0; i < 60 && peer.snd_una() < 90 * kMss; ++i) {
    echo(peer.snd_nxt() / kMss);
    peer.ignores_all();
  }
  EXPECT_EQ(peer.tcb.cwnd, 1U * kMss);
  EXPECT_EQ(peer.tcb.ssthresh, 2U * kMss);
}

TEST_F(EcnSender, EchoInRecoveryDoesNotReduceTwice) {
  for (int i = 0; i < 3; ++i) peer.says({.ack = 0});
  const std::uint32_t threshold = peer.tcb.ssthresh;
  for (int i = 0; i < 3; ++i) peer.says({.flags = ".E", .ack = 0});
  EXPECT_EQ(peer.tcb.ssthresh, threshold);
  EXPECT_EQ(peer.counted(Counter::kEcnReductions), 0U);
  peer.ignores_all();
}

TEST_F(EcnSender, RepeatedSegmentsAreNotMarked) {
  peer.advance(1000);
  peer.hears({.seq = 0, .ecn = Ecn::kNotEct});
  peer.ignores_all();
}

TEST_F(EcnSender, NewDataAfterALossTellsThatItSlowedDown) {
  peer.advance(1000);
  peer.ignores_all();
  peer.says({.ack = 10 * kMss});
  peer.hears({.flags = ".W", .seq = 10 * kMss, .ecn = Ecn::kEct0});
  peer.ignores_all();
}

TEST_F(EcnSender, EchoOfAnAckThatIsNotOursChangesNothing) {
  peer.says({.flags = ".E", .ack = 50 * kMss});  // never sent
  EXPECT_EQ(peer.tcb.cwnd, 10U * kMss);
  peer.ignores_all();
}

TEST_F(EcnSender, ResetAndPureAcksAreNotMarked) {
  peer.says({.flags = "P.", .ack = 0, .length = 2000});
  peer.advance(40);
  peer.hears({.flags = ".", .length = 0, .ecn = Ecn::kNotEct});
  peer.connection().abort();
  peer.context().out->flush();
  peer.hears({.flags = "R.", .ecn = Ecn::kNotEct});
}

TEST(EcnProbe, IsNotMarked) {
  PeerOptions options = with_ecn(EcnMode::kOn);
  options.window = 0;
  Peer peer{options};
  peer.open();
  peer.ignores_all();
  peer.says({.flags = "S.E", .ack = 0});
  peer.ignores_all();
  peer.sends(100);
  peer.hears_nothing();
  peer.advance(1000);
  peer.hears({.length = 1, .ecn = Ecn::kNotEct});
  peer.ignores_all();
}

TEST(EcnUnused, EchoesAndMarksMeanNothing) {
  Peer peer;
  peer.establish();
  peer.sends(20 * 1460);
  peer.ignores_all();
  peer.says({.flags = ".E", .ack = 1460, .length = 10, .ecn = Ecn::kCe});
  EXPECT_GE(peer.tcb.cwnd, 14600U);
  peer.ignores_all();
  peer.says({.flags = "P.", .length = 1460});
  peer.says({.flags = "P.", .length = 1460});
  while (peer.heard() > 0) EXPECT_FALSE(peer.next().has(kEce));
}

}  // namespace
}  // namespace weir::test
