// send_last(): the last bytes and the FIN in one segment; and Settings::close_with_peer, which answers such a segment
// with one of its own.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

class SendLast : public ::testing::TestWithParam<Family> {
 protected:
  static PeerOptions options(tcp::Settings settings = {}) { return {.settings = settings, .family = GetParam()}; }
};

INSTANTIATE_TEST_SUITE_P(All, SendLast, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& instance) { return instance.param == Family::kIpv4 ? "v4" : "v6"; });

TEST_P(SendLast, BytesAndFinShareASegment) {
  Peer peer{options()};
  peer.establish();
  EXPECT_EQ(peer.sends_last(100), 100U);
  peer.hears({.flags = "FP.", .seq = 0, .length = 100});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kFinWait1);
  EXPECT_EQ(peer.sends_last(100), 0U);
  EXPECT_EQ(peer.sends(100), 0U);
}

TEST_P(SendLast, AnswerCarriesTheAcknowledgmentToo) {
  Peer peer{options()};
  peer.establish_passive();
  peer.says({.flags = "P.", .length = 40});
  peer.hears_nothing();
  peer.reads(40);
  peer.sends_last(100);
  peer.hears({.flags = "FP.", .seq = 0, .ack = 40, .length = 100});
  peer.says({.flags = "F."});
  peer.hears({.flags = ".", .seq = 101, .ack = 41});
  EXPECT_EQ(peer.tcb.state, State::kTimeWait);
}

TEST_P(SendLast, FinFollowsTheLastOfSeveralSegments) {
  Peer peer{options()};
  peer.establish();
  const std::uint32_t mss = peer.tcb.mss;
  EXPECT_EQ(peer.sends_last(2 * mss + 1), 2 * mss + 1);
  peer.hears({.flags = ".", .length = mss});
  peer.hears({.flags = ".", .length = mss});
  peer.hears({.flags = "FP.", .length = 1});
}

TEST_P(SendLast, FinWaitsWhereTheWindowEndsWithTheBytes) {
  PeerOptions narrow = options();
  narrow.window = 100;
  Peer peer{narrow};
  peer.establish();
  EXPECT_EQ(peer.sends_last(100), 100U);
  peer.hears({.flags = "P.", .length = 100});
  peer.hears_nothing();
  peer.says({});
  peer.hears({.flags = "F.", .seq = 100, .length = 0});
}

TEST_P(SendLast, NothingIsClosedWhereNotAllWasTaken) {
  Peer peer{options({.send_buffer = 4096})};
  peer.establish();
  const std::uint32_t taken = peer.sends_last(10'000);
  EXPECT_EQ(taken, 4096U);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.ignores_all();
  peer.says({});
  EXPECT_NE(peer.take_events() & tcp::kWritable, 0);
  peer.ignores_all();
  EXPECT_EQ(peer.sends_last(1000), 1000U);
  peer.hears({.flags = "FP.", .seq = 4096, .length = 1000});
}

TEST_P(SendLast, OfNothingIsAShutdown) {
  Peer peer{options()};
  peer.establish();
  EXPECT_EQ(peer.sends_last(0), 0U);
  peer.hears({.flags = "F.", .seq = 0, .length = 0});
}

TEST_P(SendLast, InSynSentGoesWithTheHandshakesAck) {
  Peer peer{options()};
  peer.open();
  peer.hears({.flags = "S"});
  EXPECT_EQ(peer.sends_last(100), 100U);
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kSynSent);
  peer.says({.flags = "S."});
  peer.hears({.flags = "FP.", .seq = 0, .ack = 0, .length = 100});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kFinWait1);
}

TEST_P(SendLast, InSynSentIsGivenUpByClose) {
  Peer peer{options()};
  peer.open();
  peer.hears({.flags = "S"});
  peer.sends_last(100);
  peer.connection().close();
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kAborted);
  peer.hears_nothing();
}

TEST_P(SendLast, SynIsRepeatedWithoutTheBytes) {
  Peer peer{options()};
  peer.open();
  peer.hears({.flags = "S"});
  peer.sends_last(100);
  peer.advance(1000);
  peer.hears({.flags = "S", .seq = -1, .length = 0});
  peer.says({.flags = "S."});
  peer.hears({.flags = "FP.", .seq = 0, .length = 100});
}

TEST_P(SendLast, InCloseWaitLeadsToLastAck) {
  Peer peer{options()};
  peer.establish();
  peer.says({.flags = "F."});
  peer.hears({.flags = "."});
  EXPECT_EQ(peer.sends_last(100), 100U);
  peer.hears({.flags = "FP.", .seq = 0, .length = 100});
  EXPECT_EQ(peer.tcb.state, State::kLastAck);
}

TEST_P(SendLast, IsSentAgainWithItsFin) {
  Peer peer{options()};
  peer.establish();
  peer.sends_last(100);
  peer.hears({.flags = "FP.", .seq = 0, .length = 100});
  peer.advance(1000);
  peer.hears({.flags = "FP.", .seq = 0, .length = 100});
}

TEST_P(SendLast, RequestGoesWithTheHandshakesAck) {
  Peer peer{options()};
  peer.open();
  peer.hears({.flags = "S"});
  EXPECT_EQ(peer.sends(100), 100U);
  peer.says({.flags = "S."});
  peer.hears({.flags = "P.", .seq = 0, .ack = 0, .length = 100});
  peer.hears_nothing();
}

TEST_P(SendLast, PeersFinIsAnsweredByOurs) {
  Peer peer{options({.close_with_peer = true})};
  peer.establish();
  peer.says({.flags = "FP.", .length = 100});
  peer.hears({.flags = "F.", .seq = 0, .ack = 101, .length = 0});
  peer.hears_nothing();
  EXPECT_EQ(peer.take_events(), tcp::kReadable | tcp::kPeerClosed);
  EXPECT_EQ(peer.tcb.state, State::kLastAck);
  EXPECT_EQ(peer.reads(100), 100U);
  EXPECT_TRUE(peer.connection().at_end());
  peer.says({});
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kNormal);
}

TEST_P(SendLast, OurFinWaitsForWhatIsQueued) {
  PeerOptions narrow = options({.close_with_peer = true});
  narrow.window = 10;
  Peer peer{narrow};
  peer.establish();
  peer.sends(20);
  peer.hears({.flags = ".", .seq = 0, .length = 10});
  peer.says({.flags = "F.", .ack = 10, .window = 1000});
  peer.hears({.flags = "FP.", .seq = 10, .ack = 1, .length = 10});
}

}  // namespace
}  // namespace weir::test
