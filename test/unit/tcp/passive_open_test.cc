// The passive handshake on half-open records (SYN-RECEIVED), and answers where there is no connection.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

using tcp::HandshakeStep;

TEST(HalfOpen, AnswersSynWithWhatBothWant) {
  Peer peer{{.scale = 7, .timestamps = true, .sack = true}};
  peer.opens();
  const Segment answer = peer.next();
  EXPECT_EQ(answer.flags, kSyn | kAck);
  EXPECT_EQ(answer.ack, peer.options.isn + 1);
  EXPECT_EQ(answer.options.mss, 1460);
  EXPECT_TRUE(answer.options.sack_permitted);
  EXPECT_EQ(answer.options.window_scale, WindowScale{7});
  EXPECT_EQ(answer.window, UnscaledWindow{65535}) << "a SYN's window is not scaled";
  ASSERT_TRUE(answer.options.timestamps);
  EXPECT_EQ(answer.options.timestamps->echo, peer.half_open.ts_recent);
}

TEST(HalfOpen, OffersNothingThatWasNotOffered) {
  Peer peer;
  peer.opens();
  const Segment answer = peer.next();
  EXPECT_TRUE(answer.options.mss);
  EXPECT_FALSE(answer.options.timestamps || answer.options.window_scale || answer.options.sack_permitted);
}

TEST(HalfOpen, BecomesEstablishedByFinalAck) {
  Peer peer;
  peer.opens();
  peer.hears({.flags = "S."});
  EXPECT_EQ(peer.answers_half_open({}), HandshakeStep::kComplete);
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  EXPECT_TRUE(peer.tcb.has(tcp::kPassive));
  EXPECT_EQ(peer.take_events(), 0);
  EXPECT_EQ(peer.counted(Counter::kPassiveOpens), 1U);
  EXPECT_EQ(peer.counted(Counter::kEstablished), 1U);
}

TEST(HalfOpen, WorksOverIpv6) {
  Peer peer{{.family = Family::kIpv6}};
  peer.establish_passive();
}

TEST(HalfOpen, TakesTextOfTheFinalAck) {
  Peer peer;
  peer.opens();
  peer.hears({.flags = "S."});
  EXPECT_EQ(peer.answers_half_open({.length = 50}), HandshakeStep::kComplete);
  EXPECT_EQ(peer.reads(100), 50U);
}

TEST(HalfOpen, TakesFinOfTheFinalAck) {
  Peer peer;
  peer.opens();
  peer.hears({.flags = "S."});
  EXPECT_EQ(peer.answers_half_open({.flags = "F."}), HandshakeStep::kComplete);
  peer.hears({.flags = ".", .ack = 1});
  EXPECT_EQ(peer.tcb.state, State::kCloseWait);
}

TEST(HalfOpen, IsCompletedByTextWhenTheFinalAckWasLost) {
  Peer peer;
  peer.opens();
  peer.hears({.flags = "S."});
  EXPECT_EQ(peer.answers_half_open({.seq = 1460, .length = 1460}), HandshakeStep::kComplete);
  peer.hears({.flags = ".", .ack = 0});
  peer.says({.seq = 0, .length = 1460});
  peer.hears({.flags = ".", .ack = 2920});
}

TEST(HalfOpen, RepeatedSynGetsTheSameSynAck) {
  Peer peer;
  peer.opens();
  const SeqNum iss = peer.next().seq;
  EXPECT_EQ(peer.answers_half_open({.flags = "S"}), HandshakeStep::kNothing);
  const Segment again = peer.next();
  EXPECT_EQ(again.flags, kSyn | kAck);
  EXPECT_EQ(again.seq, iss);
}

TEST(HalfOpen, OtherSynIsChallenged) {
  Peer peer;
  peer.opens();
  peer.hears({.flags = "S."});
  EXPECT_EQ(peer.answers_half_open({.flags = "S", .seq = 500}), HandshakeStep::kNothing);
  peer.hears({.flags = ".", .seq = 0, .ack = 0});
}

TEST(HalfOpen, ExactResetRemovesIt) {
  Peer peer;
  peer.opens();
  peer.ignores_all();
  EXPECT_EQ(peer.answers_half_open({.flags = "R", .seq = 0}), HandshakeStep::kRemove);
  peer.hears_nothing();
}

TEST(HalfOpen, ResetInsideTheWindowIsChallenged) {
  Peer peer;
  peer.opens();
  peer.ignores_all();
  EXPECT_EQ(peer.answers_half_open({.flags = "R", .seq = 1}), HandshakeStep::kNothing);
  peer.hears({.flags = ".", .seq = 0, .ack = 0});
}

TEST(HalfOpen, ResetOutsideTheWindowIsDropped) {
  Peer peer;
  peer.opens();
  peer.ignores_all();
  EXPECT_EQ(peer.answers_half_open({.flags = "R", .seq = -1}), HandshakeStep::kNothing);
  EXPECT_EQ(peer.answers_half_open({.flags = "R", .seq = 65535}), HandshakeStep::kNothing);
  peer.hears_nothing();
}

TEST(HalfOpen, BadAckIsResetAndTheRecordStays) {
  Peer peer;
  peer.opens();
  peer.ignores_all();
  EXPECT_EQ(peer.answers_half_open({.ack = -1}), HandshakeStep::kNothing);
  peer.hears({.flags = "R", .seq = -1});
  EXPECT_EQ(peer.answers_half_open({.ack = 1}), HandshakeStep::kNothing);
  peer.hears({.flags = "R", .seq = 1});
  EXPECT_EQ(peer.answers_half_open({}), HandshakeStep::kComplete);
}

TEST(HalfOpen, SegmentOutsideTheWindowIsAcknowledged) {
  Peer peer;
  peer.opens();
  peer.ignores_all();
  EXPECT_EQ(peer.answers_half_open({.seq = 70000, .length = 1}), HandshakeStep::kNothing);
  peer.hears({.flags = ".", .seq = 0, .ack = 0});
}

TEST(HalfOpen, ChallengesAreLimitedByTheCoresBudget) {
  Peer peer;
  peer.opens();
  peer.ignores_all();
  peer.context().challenge_budget = 1;
  peer.answers_half_open({.flags = "R", .seq = 1});
  peer.answers_half_open({.flags = "R", .seq = 1});
  EXPECT_EQ(peer.heard(), 1U);
  EXPECT_EQ(peer.counted(Counter::kChallengeAcksLimited), 1U);
}

TEST(HalfOpen, OldTimestampIsChallengedAndMissingOneDropped) {
  Peer peer{{.timestamps = true}};
  peer.opens();
  peer.ignores_all();
  EXPECT_EQ(peer.answers_half_open({.timestamp = peer.half_open.ts_recent - 1}), HandshakeStep::kNothing);
  peer.hears({.flags = ".", .ack = 0, .echo = peer.half_open.ts_recent});
  peer.options.timestamps = false;
  EXPECT_EQ(peer.answers_half_open({}), HandshakeStep::kNothing);
  peer.hears_nothing();
  EXPECT_EQ(peer.counted(Counter::kMissingTimestamp), 1U);
}

TEST(HalfOpen, SynAckTimeoutDoubles) {
  Peer peer;
  peer.opens();
  EXPECT_EQ(tcp::syn_ack_timeout_ms(peer.context(), peer.half_open), 1000U);
  peer.half_open.retries = 3;
  EXPECT_EQ(tcp::syn_ack_timeout_ms(peer.context(), peer.half_open), 8000U);
  peer.half_open.retries = 200;
  EXPECT_EQ(tcp::syn_ack_timeout_ms(peer.context(), peer.half_open), 60000U);
}

TEST(HalfOpen, UsesTheNewestWindowUnsigned) {
  Peer peer{{.window = 0}};
  peer.opens();
  peer.ignores_all();
  peer.answers_half_open({.window = 0x8000});
  EXPECT_EQ(peer.tcb.snd_wnd, 0x8000U);
  peer.sends(1000);
  peer.hears({.flags = "P.", .length = 1000});
}

TEST(HalfOpen, MeasuresTheHandshakeOnce) {
  Peer peer;
  peer.opens();
  peer.ignores_all();
  peer.advance(30);
  peer.answers_half_open({});
  EXPECT_EQ(peer.tcb.srtt_us, 30'000U);
}

TEST(HalfOpen, StartsSmallAfterLostSynAcks) {
  Peer once;
  once.opens();
  once.half_open.retries = 1;
  once.answers_half_open({});
  EXPECT_EQ(once.tcb.cwnd, 3U * 1460);
  EXPECT_EQ(once.tcb.srtt_us, 0U);
  Peer twice;
  twice.opens();
  twice.half_open.retries = 2;
  twice.answers_half_open({});
  EXPECT_EQ(twice.tcb.cwnd, 1460U);
}

TEST(InitialSequenceNumber, GrowsWithTimeAndDiffersByPeer) {
  Peer peer;
  FlowKey key = peer.key();
  const SeqNum first = tcp::initial_sequence_number(peer.context(), key);
  peer.advance(4);
  EXPECT_EQ(tcp::initial_sequence_number(peer.context(), key), first + 1000);  // 4 us a step
  key.remote_port ^= 1;
  const SeqNum other = tcp::initial_sequence_number(peer.context(), key);
  EXPECT_GT(other.since(first + 1000), 100'000U);
}

TEST(InitialSequenceNumber, DiffersByEachPartOfTheFourTuple) {
  Peer peer;
  const FlowKey key = peer.key();
  const auto number = [&](const FlowKey& of) { return tcp::initial_sequence_number(peer.context(), of); };
  FlowKey others[4] = {key, key, key, key};
  others[0].remote_port ^= 1;
  others[1].local_port ^= 1;
  others[2].local_address ^= 1;
  others[3].remote = *IpAddress::parse("203.0.113.77");
  for (const FlowKey& other : others) EXPECT_GT(number(other).since(number(key)), 100'000U);
}

TEST(InitialSequenceNumber, DiffersByEachHalfOfAnIpv6Address) {
  Peer peer{{.family = Family::kIpv6}};
  FlowKey near = peer.key(), far = peer.key();
  near.remote = *IpAddress::parse("2001:db8::77");
  far.remote = *IpAddress::parse("2001:db8:1::77");
  EXPECT_NE(tcp::initial_sequence_number(peer.context(), near), tcp::initial_sequence_number(peer.context(), far));
}

class NoConnection : public ::testing::Test {
 protected:
  Segment answer_to(Say say) {
    peer.set_iss(SeqNum{1000});
    const IpHeader ip{.source = peer.tcb.remote, .destination = *IpAddress::parse("192.0.2.1")};
    tcp::send_reset_for(peer.context(), ip, peer.make(say));
    peer.context().out->flush();
    return peer.heard() == 0 ? Segment{} : peer.next();
  }
  Peer peer;
};

TEST_F(NoConnection, AckIsAnsweredByResetAtItsNumber) {
  const Segment reset = answer_to({.ack = 41, .length = 3});
  EXPECT_EQ(reset.flags, kRst);
  EXPECT_EQ(reset.seq, SeqNum{1042});
}

TEST_F(NoConnection, SynIsAnsweredByResetThatAcknowledgesIt) {
  const Segment reset = answer_to({.flags = "S"});
  EXPECT_EQ(reset.flags, kRst | kAck);
  EXPECT_EQ(reset.seq, SeqNum{0});
  EXPECT_EQ(reset.ack, peer.options.isn + 1);
}

TEST_F(NoConnection, ResetIsNotAnswered) {
  answer_to({.flags = "R"});
  answer_to({.flags = "R."});
  EXPECT_EQ(peer.counted(Counter::kResetsOut), 0U);
}

}  // namespace
}  // namespace weir::test
