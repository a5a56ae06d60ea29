// OPEN and SYN-SENT (RFC 9293 §3.10.7.3), and the SYN-RECEIVED of simultaneous opens.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

TEST(SynSent, OffersEveryOption) {
  Peer peer;
  peer.open();
  const Segment syn = peer.next();
  EXPECT_EQ(syn.flags, kSyn);
  EXPECT_EQ(syn.options.mss, 1460);
  EXPECT_TRUE(syn.options.sack_permitted);
  EXPECT_EQ(syn.options.window_scale, WindowScale{7});  // the least that announces 4 MiB
  ASSERT_TRUE(syn.options.timestamps);
  EXPECT_EQ(syn.options.timestamps->echo, 0U);
  EXPECT_EQ(syn.window.value(), 65535);
}

TEST(SynSent, OffersNothingThatIsSwitchedOff) {
  Peer peer{{.settings = {.timestamps = false, .sack = false, .window_scale = false}}};
  peer.open();
  const Segment syn = peer.next();
  EXPECT_FALSE(syn.options.timestamps);
  EXPECT_FALSE(syn.options.sack_permitted);
  EXPECT_FALSE(syn.options.window_scale);
}

TEST(SynSent, AnnouncesMssOfItsFamilyAndMtu) {
  Peer peer{{.family = Family::kIpv6, .mtu = 9000}};
  peer.open();
  EXPECT_EQ(peer.next().options.mss, 8940);
}

TEST(SynSent, BecomesEstablishedBySynAck) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = "S."});
  peer.hears({.flags = ".", .seq = 0, .ack = 0, .length = 0});
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  EXPECT_EQ(peer.take_events(), tcp::kOpened);
  EXPECT_FALSE(peer.has_cold());
}

TEST(SynSent, OpensOverIpv6) {
  Peer peer{{.family = Family::kIpv6}};
  peer.establish();
  EXPECT_EQ(peer.tcb.mss, 1440);
}

TEST(SynSent, DoublesTimeoutForEachSynRetransmission) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S", .seq = -1});
  peer.advance(999);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.flags = "S", .seq = -1});
  peer.advance(1999);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.flags = "S", .seq = -1});
  peer.advance(4000);
  peer.hears({.flags = "S", .seq = -1});
}

TEST(SynSent, GivesUpAfterItsRetries) {
  Peer peer{{.settings = {.syn_retries = 2}}};
  peer.open();
  peer.advance(6999);
  EXPECT_EQ(peer.heard(), 3U);
  EXPECT_EQ(peer.tcb.state, State::kSynSent);
  peer.ignores_all();
  peer.advance(1);
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kTimeout);
  EXPECT_EQ(peer.take_events(), tcp::kClosed);
  EXPECT_EQ(peer.counted(Counter::kAttemptFails), 1U);
}

TEST(SynSent, IsRefusedByResetWithGoodAck) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = "R.", .seq = -1});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kRefused);
}

TEST(SynSent, IgnoresResetWithoutAck) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = "R", .seq = -1});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kSynSent);
}

TEST(SynSent, IgnoresResetWithBadAck) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = "R.", .seq = -1, .ack = 1});
  peer.says({.flags = "R.", .seq = -1, .ack = -1});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kSynSent);
}

TEST(SynSent, ResetsOldDuplicateSynAck) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = "S.", .ack = -1});
  peer.hears({.flags = "R", .seq = -1, .length = 0});
  peer.says({.flags = "S.", .ack = 1});
  peer.hears({.flags = "R", .seq = 1, .length = 0});
  EXPECT_EQ(peer.tcb.state, State::kSynSent);
}

TEST(SynSent, ResetsStrayAckAndDropsGoodOneWithoutSyn) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = ".", .ack = 77});
  peer.hears({.flags = "R", .seq = 77});
  peer.says({.flags = ".", .ack = 0});
  peer.says({.flags = "F.", .ack = 0});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kSynSent);
}

TEST(SynSent, TakesTextThatComesWithSynAck) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = "S.", .length = 100});
  peer.hears({.flags = ".", .seq = 0, .ack = 100});
  EXPECT_EQ(peer.reads(200), 100U);
}

TEST(SynSent, TakesFinThatComesWithSynAck) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = "SF."});
  peer.hears({.flags = ".", .seq = 0, .ack = 1});
  EXPECT_EQ(peer.tcb.state, State::kCloseWait);
  EXPECT_TRUE(peer.connection().at_end());
}

TEST(SynSent, HoldsTextUntilEstablished) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  EXPECT_EQ(peer.sends(100), 100U);
  peer.hears_nothing();
  peer.says({.flags = "S."});
  peer.hears({.flags = "P.", .seq = 0, .ack = 0, .length = 100});
  peer.hears_nothing();
}

TEST(SynSent, IsDeletedByClose) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.sends(100);
  peer.connection().close();
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_FALSE(peer.connection().next_deadline());
}

TEST(SynSent, IsDeletedSilentlyByAbort) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.connection().abort();
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kAborted);
}

TEST(SynSent, ChoosesSequenceNumberAfterReusedTimeWait) {
  Peer peer;
  const SeqNum usual = tcp::initial_sequence_number(peer.context(), peer.key());
  peer.connection().open_active(usual + 1000);
  EXPECT_TRUE(peer.tcb.snd_una.after(usual + 1000));
}

TEST(SynSent, UsesDefaultMssWhenNoneIsSaid) {
  Peer v4{{.mss = {}}};
  v4.establish();
  EXPECT_EQ(v4.tcb.mss, 536);
  Peer v6{{.family = Family::kIpv6, .mss = {}}};
  v6.establish();
  EXPECT_EQ(v6.tcb.mss, 1220);
}

TEST(SynSent, BoundsTheMssThatThePeerSays) {
  Peer tiny{{.mss = 12, .timestamps = true}};
  tiny.establish();
  EXPECT_EQ(tiny.tcb.mss, 36);
  Peer none{{.mss = 0}};
  none.establish();
  EXPECT_EQ(none.tcb.mss, 536);
  Peer huge{{.mss = 65535}};
  huge.establish();
  EXPECT_EQ(huge.tcb.mss, 1460);
}

TEST(SynSent, TakesTimestampsOffTheMss) {
  Peer peer{{.timestamps = true}};
  peer.establish();
  EXPECT_EQ(peer.tcb.mss, 1448);
}

TEST(SynSent, ScalesWindowsOnlyWhenBothDo) {
  Peer plain;
  plain.establish();
  EXPECT_EQ(plain.tcb.rcv_scale, 0);
  Peer scaled{{.scale = 9}};
  scaled.establish();
  EXPECT_EQ(scaled.tcb.rcv_scale, 7);
  EXPECT_EQ(scaled.tcb.snd_scale, 9);
  EXPECT_EQ(scaled.tcb.snd_wnd, 65535U);  // a SYN's window never is
  scaled.says({.window = 100});
  EXPECT_EQ(scaled.tcb.snd_wnd, 51200U);
}

TEST(SynSent, TreatsScalesAbove14As14) {
  Peer peer{{.scale = 15}};
  peer.establish();
  EXPECT_EQ(peer.tcb.snd_scale, 14);
}

TEST(SynSent, MeasuresTheHandshake) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.advance(80);
  peer.says({.flags = "S."});
  EXPECT_EQ(peer.tcb.srtt_us, 80'000U);
  EXPECT_EQ(peer.connection().retransmit_timeout(), 240ms);
  EXPECT_EQ(peer.tcb.cwnd, 14600U);
}

TEST(SynSent, DoesNotMeasureRepeatedSynWithoutTimestamps) {
  Peer peer;
  peer.open();
  peer.advance(1080);
  peer.ignores_all();
  peer.says({.flags = "S."});
  EXPECT_EQ(peer.tcb.srtt_us, 0U);
  EXPECT_EQ(peer.connection().retransmit_timeout(), 3s);  // RFC 6298 (5.7)
  EXPECT_EQ(peer.tcb.cwnd, 3U * 1460);
}

TEST(SynSent, MeasuresRepeatedSynByItsTimestamp) {
  Peer peer{{.timestamps = true}};
  peer.open();
  peer.advance(1080);
  peer.says({.flags = "S."});
  EXPECT_EQ(peer.tcb.srtt_us, 80'000U);
}

TEST(SimultaneousOpen, AnswersSynBySynAckAndIsEstablishedByThePeers) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = "S"});
  peer.hears({.flags = "S.", .seq = -1, .ack = 0});
  EXPECT_EQ(peer.tcb.state, State::kSynReceived);
  peer.says({.flags = "S.", .seq = -1, .ack = 0});
  peer.hears({.flags = ".", .seq = 0, .ack = 0});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  EXPECT_EQ(peer.take_events(), tcp::kOpened);
}

TEST(SimultaneousOpen, IsEstablishedByPlainAck) {
  Peer peer{{.scale = 7, .timestamps = true, .sack = true}};
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = "S"});
  const Segment answer = peer.next();
  EXPECT_TRUE(answer.options.timestamps && answer.options.window_scale && answer.options.sack_permitted);
  peer.says({.flags = ".", .seq = 0, .ack = 0, .window = 10});
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  EXPECT_EQ(peer.tcb.snd_wnd, 1280U);
}

TEST(SimultaneousOpen, OffersOnlyWhatThePeerOffered) {
  Peer peer;
  peer.open();
  peer.hears({.flags = "S"});
  peer.says({.flags = "S"});
  const Segment answer = peer.next();
  EXPECT_FALSE(answer.options.timestamps || answer.options.window_scale || answer.options.sack_permitted);
}

TEST(SimultaneousOpen, IsRefusedByReset) {
  Peer peer;
  peer.open();
  peer.says({.flags = "S"});
  peer.ignores_all();
  peer.says({.flags = "R", .seq = 0});
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kRefused);
}

TEST(SimultaneousOpen, ResetsBadAck) {
  Peer peer;
  peer.open();
  peer.says({.flags = "S"});
  peer.ignores_all();
  peer.says({.flags = ".", .seq = 0, .ack = 5});
  peer.hears({.flags = "R", .seq = 5});
  EXPECT_EQ(peer.tcb.state, State::kSynReceived);
}

TEST(SimultaneousOpen, RepeatsSynAckAndGivesUp) {
  Peer peer{{.settings = {.syn_ack_retries = 1}}};
  peer.open();
  peer.says({.flags = "S"});
  peer.ignores_all();
  peer.advance(1000);
  peer.hears({.flags = "S.", .seq = -1, .ack = 0});
  peer.advance(2000);
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kTimeout);
}

TEST(SimultaneousOpen, SendsFinOfAnEarlyCloseOnceEstablished) {
  Peer peer;
  peer.open();
  peer.says({.flags = "S"});
  peer.ignores_all();
  peer.connection().shutdown();
  peer.hears_nothing();
  peer.says({.flags = ".", .seq = 0, .ack = 0});
  peer.hears({.flags = "F.", .seq = 0, .ack = 0});
  EXPECT_EQ(peer.tcb.state, State::kFinWait1);
}

TEST(SimultaneousOpen, AbortSendsReset) {
  Peer peer;
  peer.open();
  peer.says({.flags = "S"});
  peer.ignores_all();
  peer.connection().abort();
  peer.context().out->flush();
  peer.hears({.flags = "R.", .seq = 0, .ack = 0});
}

}  // namespace
}  // namespace weir::test
