// What ICMP says about a connection.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

using tcp::IcmpError;

TEST(IcmpErrors, HardOneFailsAConnect) {
  Peer peer;
  peer.open();
  peer.ignores_all();
  peer.connection().on_icmp_error(IcmpError::kHard);
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kUnreachable);
  EXPECT_FALSE(peer.has_cold());
}

TEST(IcmpErrors, SoftOneIsTheReasonWhenAConnectFailsByTime) {
  Peer peer{{.settings = {.syn_retries = 1}}};
  peer.open();
  peer.connection().on_icmp_error(IcmpError::kSoft);
  EXPECT_EQ(peer.tcb.state, State::kSynSent);
  EXPECT_EQ(peer.take_events(), tcp::kSoftError);
  peer.advance(3000);
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kUnreachable);
  peer.ignores_all();
}

TEST(IcmpErrors, SoftOneIsForgottenWhenThePeerAnswers) {
  Peer peer;
  peer.open();
  peer.connection().on_icmp_error(IcmpError::kSoft);
  peer.says({.flags = "S."});
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kNone);
  peer.ignores_all();
}

TEST(IcmpErrors, NoneEndsAnOpenConnection) {
  Peer peer;
  peer.establish();
  peer.connection().on_icmp_error(IcmpError::kHard);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  EXPECT_EQ(peer.take_events(), tcp::kSoftError);
}

TEST(IcmpErrors, AreTheReasonWhenRetriesRunOut) {
  Peer peer{{.settings = {.data_retries = 1}}};
  peer.establish();
  peer.sends(10);
  peer.connection().on_icmp_error(IcmpError::kHard);
  peer.advance(600);
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kUnreachable);
  peer.ignores_all();
}

TEST(PathMtu, CutsSmallerAndRepeatsAtOnceWithoutSlowingDown) {
  Peer peer;
  peer.establish();
  peer.sends(2920);
  peer.ignores_all();
  peer.connection().on_path_mtu(1000);
  peer.context().out->flush();
  EXPECT_EQ(peer.tcb.mss, 960);
  for (const int at : {0, 960, 1920}) peer.hears({.seq = at, .length = 960});
  peer.hears({.flags = "P.", .seq = 2880, .length = 40});
  EXPECT_EQ(peer.tcb.ssthresh, 0xffff'ffffU);
  EXPECT_EQ(peer.tcb.cwnd, 9600U) << "ten segments, as before";
}

TEST(PathMtu, NeverGrowsAndHasAFloor) {
  Peer peer;
  peer.establish();
  peer.connection().on_path_mtu(9000);
  EXPECT_EQ(peer.tcb.mss, 1460);
  peer.connection().on_path_mtu(100);
  EXPECT_EQ(peer.tcb.mss, 512);  // 552 less the headers
  Peer v6{{.family = Family::kIpv6}};
  v6.establish();
  v6.connection().on_path_mtu(1279);
  EXPECT_EQ(v6.tcb.mss, 1440);
  v6.connection().on_path_mtu(1280);
  EXPECT_EQ(v6.tcb.mss, 1220);
}

TEST(InFlight, IsWhatWasSentAndNotAcknowledged) {
  Peer peer;
  peer.establish();
  const SeqNum first = peer.tcb.snd_nxt;
  EXPECT_FALSE(peer.connection().is_in_flight(first));
  peer.sends(100);
  EXPECT_TRUE(peer.connection().is_in_flight(first));
  EXPECT_TRUE(peer.connection().is_in_flight(first + 99));
  EXPECT_FALSE(peer.connection().is_in_flight(first + 100));
  EXPECT_FALSE(peer.connection().is_in_flight(first - 1));
  peer.ignores_all();
}

}  // namespace
}  // namespace weir::test
