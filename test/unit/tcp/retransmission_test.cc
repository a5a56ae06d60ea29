// The retransmission timer and the round-trip estimate (RFC 6298), back-off, R1 and R2, the user timeout.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

TEST(Retransmission, RepeatsTheFirstSegmentWithBackOff) {
  Peer peer;
  peer.establish();
  peer.sends(100);
  peer.hears({.seq = 0, .length = 100});
  for (const int timeout : {200, 400, 800}) {
    peer.advance(static_cast<unsigned>(timeout - 1));
    peer.hears_nothing();
    peer.advance(1);
    peer.hears({.flags = "P.", .seq = 0, .length = 100});
  }
}

TEST(Retransmission, BackOffIsBounded) {
  Peer peer{{.settings = {.rto_max = 500ms}}};
  peer.establish();
  peer.sends(100);
  peer.ignores_all();
  peer.advance(600);
  peer.ignores_all();
  peer.advance(499);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.seq = 0});
  peer.advance(500);
  peer.hears({.seq = 0});
}

TEST(Retransmission, GivesUpAtR2) {
  Peer peer{{.settings = {.data_retries = 3}}};
  peer.establish();
  peer.sends(100);
  peer.ignores_all();
  peer.advance(1400);
  EXPECT_EQ(peer.heard(), 3U);
  peer.ignores_all();
  peer.advance(1599);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.advance(1);
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kTimeout);
  EXPECT_FALSE(peer.has_cold());
}

// They are counted in five bits.
TEST(Retransmission, GivesUpWhateverR2Is) {
  Peer peer{{.settings = {.rto_max = 1000ms, .data_retries = 255}}};
  peer.establish();
  peer.sends(100);
  peer.advance(60'000);
  EXPECT_EQ(peer.heard(), 1U + 31U);
  peer.ignores_all();
  EXPECT_EQ(peer.tcb.state, State::kClosed);
}

TEST(Retransmission, TellsTheApplicationAtR1) {
  Peer peer;
  peer.establish();
  peer.sends(100);
  peer.advance(600);
  EXPECT_EQ(peer.take_events(), 0);
  peer.advance(800);
  EXPECT_EQ(peer.take_events(), tcp::kSoftError);
  peer.ignores_all();
}

TEST(Retransmission, ProgressCountsAnew) {
  Peer peer{{.settings = {.data_retries = 2}, .timestamps = true}};
  peer.establish();
  peer.sends(5000);
  for (int i = 1; i <= 3; ++i) {
    peer.advance(350);
    peer.says({.ack = i * 1000});
  }
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  EXPECT_EQ(peer.tcb.retries, 0);
}

TEST(Retransmission, TimerStopsWhenAllIsAcknowledged) {
  Peer peer;
  peer.establish();
  peer.sends(100);
  peer.hears({.seq = 0});
  peer.advance(100);
  peer.says({});
  EXPECT_FALSE(peer.connection().next_deadline());
}

TEST(Retransmission, TimerStartsAnewWithEachNewAck) {
  Peer peer{{.settings = {.rto_min = 1000ms}}};
  peer.establish();
  peer.sends(2920);
  peer.ignores_all();
  peer.advance(900);
  peer.says({.ack = 1460});
  peer.advance(1013);  // the round trip of 900 ms has made the timeout longer
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.seq = 1460, .length = 1460});
}

TEST(Retransmission, TimeoutRepeatsAllInFlightAsAcksComeIn) {
  Peer peer{{.settings = newreno()}};
  peer.establish();
  peer.sends(5840);
  peer.ignores_all();
  peer.advance(200);
  peer.hears({.seq = 0, .length = 1460});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.cwnd, 1460U);
  EXPECT_EQ(peer.tcb.ssthresh, 2920U);
  peer.says({.ack = 1460});
  peer.hears({.seq = 1460, .length = 1460});
  peer.hears({.seq = 2920, .length = 1460});
  peer.hears_nothing();
}

TEST(Retransmission, WhatIsAcknowledgedIsNotRepeated) {
  Peer peer;
  peer.establish();
  peer.sends(5840);
  peer.ignores_all();
  peer.advance(200);
  peer.ignores_all();
  peer.says({.ack = 4380});
  peer.hears({.seq = 4380, .length = 1460});
  peer.hears_nothing();
}

TEST(Retransmission, SecondTimeoutKeepsTheThreshold) {
  Peer peer{{.settings = newreno()}};
  peer.establish();
  peer.sends(14600);
  peer.advance(200);
  EXPECT_EQ(peer.tcb.ssthresh, 7300U);
  peer.advance(400);
  EXPECT_EQ(peer.tcb.ssthresh, 7300U);
  peer.ignores_all();
}

TEST(Retransmission, CollapsesSmallSegments) {
  Peer peer;
  peer.establish();
  peer.connection().set_no_delay(true);
  for (int i = 0; i < 3; ++i) peer.sends(100);
  EXPECT_EQ(peer.heard(), 3U);
  peer.ignores_all();
  peer.advance(200);
  peer.hears({.seq = 0, .length = 300});
}

TEST(Retransmission, RepeatsOnlyWhatAPartialAckLeaves) {
  Peer peer;
  peer.establish();
  peer.sends(1000);
  peer.ignores_all();
  peer.says({.ack = 300});
  peer.advance(200);
  peer.hears({.seq = 300, .length = 700});
}

TEST(Retransmission, RepeatsAFin) {
  Peer peer;
  peer.establish();
  peer.connection().shutdown();
  peer.context().out->flush();
  peer.hears({.flags = "F.", .seq = 0});
  peer.advance(200);
  peer.hears({.flags = "F.", .seq = 0});
  peer.advance(400);
  peer.hears({.flags = "F.", .seq = 0});
}

TEST(Retransmission, FinRidesOnTheLastRepeatedSegment) {
  Peer peer;
  peer.establish();
  peer.sends(100);
  peer.connection().shutdown();
  peer.context().out->flush();
  peer.hears({.flags = "P.", .seq = 0});
  peer.hears({.flags = "F.", .seq = 100});
  peer.advance(200);
  peer.hears({.flags = "FP.", .seq = 0, .length = 100});
}

TEST(Retransmission, AckOfTextAloneDoesNotRepeatTheFin) {
  Peer peer;
  peer.establish();
  peer.sends(100);
  peer.connection().shutdown();
  peer.context().out->flush();
  peer.ignores_all();
  peer.says({.ack = 100});
  peer.hears_nothing();
  EXPECT_EQ(peer.tcb.state, State::kFinWait1);
  peer.advance(200);
  peer.hears({.flags = "F.", .seq = 100, .length = 0});
}

TEST(Retransmission, SurvivesTickWrap) {
  Peer peer{{.start_ms = 0xffff'ffffULL - 100}};
  peer.establish();
  peer.sends(100);
  peer.ignores_all();
  peer.advance(199);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.seq = 0});
}

TEST(RoundTrip, FollowsRfc6298) {
  Peer peer;
  peer.open();
  peer.advance(100);
  peer.says({.flags = "S."});
  EXPECT_EQ(peer.tcb.srtt_us, 100'000U);
  EXPECT_EQ(peer.tcb.rttvar_us, 50'000U);
  EXPECT_EQ(peer.connection().retransmit_timeout(), 300ms);
  peer.sends(10);
  peer.advance(180);
  peer.says({.ack = 10});
  EXPECT_EQ(peer.tcb.rttvar_us, 50'000U * 3 / 4 + 80'000U / 4);
  EXPECT_EQ(peer.tcb.srtt_us, 110'000U);
  peer.ignores_all();
}

TEST(RoundTrip, VarianceIsAClocksStepAtLeast) {
  Peer peer{{.settings = {.rto_min = 5ms}}};
  peer.open();
  peer.advance(100);
  peer.says({.flags = "S."});
  for (int i = 1; i <= 40; ++i) {
    peer.sends(10);
    peer.advance(100);
    peer.says({.ack = 10 * i});
  }
  EXPECT_LT(peer.tcb.rttvar_us, 250U);
  EXPECT_EQ(peer.connection().retransmit_timeout(), 101ms);
  peer.ignores_all();
}

TEST(RoundTrip, TimeoutHasAFloor) {
  Peer peer{{.settings = {.rto_min = 1000ms}}};
  peer.establish();
  EXPECT_EQ(peer.connection().retransmit_timeout(), 1000ms);
}

TEST(RoundTrip, IsNotTakenFromWhatWasSentTwice) {  // Karn
  Peer peer;
  peer.establish();
  const std::uint32_t before = peer.tcb.srtt_us;
  peer.sends(100);
  peer.advance(350);
  peer.says({});
  EXPECT_EQ(peer.tcb.srtt_us, before);
  EXPECT_EQ(peer.connection().retransmit_timeout(), 400ms);  // the back-off stays until a new sample
  peer.sends(100);
  peer.says({});
  EXPECT_EQ(peer.connection().retransmit_timeout(), 200ms);
  peer.ignores_all();
}

TEST(RoundTrip, IsNotTakenFromWhatWaitedBehindAHole) {
  Peer peer;
  peer.establish();
  const std::uint32_t before = peer.tcb.srtt_us;
  peer.sends(4 * 1460);
  for (int i = 0; i < 3; ++i) peer.says({.ack = 0});
  EXPECT_EQ(peer.counted(Counter::kFastRetransmits), 1U);
  peer.advance(100);
  peer.says({});
  EXPECT_EQ(peer.tcb.srtt_us, before);
  peer.ignores_all();
}

TEST(RoundTrip, IsTakenFromTheEchoOfWhatWasSentTwice) {
  Peer peer{{.timestamps = true}};
  peer.establish();
  peer.sends(100);
  peer.advance(250);  // repeated at 200
  peer.says({});
  EXPECT_EQ(peer.tcb.backoff, 0);
  EXPECT_LT(peer.tcb.srtt_us, 10'000U);
  peer.ignores_all();
}

TEST(RoundTrip, SenselessEchoIsIgnored) {
  Peer peer{{.timestamps = true}};
  peer.establish();
  peer.sends(100);
  peer.advance(250);
  const std::uint32_t before = peer.tcb.srtt_us;
  peer.says({.echo = 0x12345678});
  EXPECT_EQ(peer.tcb.srtt_us, before);
  peer.ignores_all();
}

TEST(UserTimeout, EndsTheConnectionInTime) {
  Peer peer{{.settings = {.user_timeout = 1000ms}}};
  peer.establish();
  peer.sends(100);
  peer.advance(999);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.advance(1);
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kTimeout);
  peer.ignores_all();
}

TEST(UserTimeout, CountsFromTheLastProgress) {
  Peer peer{{.settings = {.user_timeout = 1000ms}}};
  peer.establish();
  peer.sends(2920);
  peer.advance(900);
  peer.says({.ack = 1460});
  peer.advance(900);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.advance(100);
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  peer.ignores_all();
}

TEST(UserTimeout, IsQuietWhenAllIsAcknowledged) {
  Peer peer{{.settings = {.user_timeout = 1000ms}}};
  peer.establish();
  peer.sends(100);
  peer.says({});
  EXPECT_FALSE(peer.has_cold());
  peer.advance(5000);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.ignores_all();
}

TEST(UserTimeout, AppliesToSynFinAndProbes) {
  Peer syn{{.settings = {.user_timeout = 2500ms}}};
  syn.open();
  syn.advance(2500);
  EXPECT_EQ(syn.tcb.state, State::kClosed);
  syn.ignores_all();
  Peer fin{{.settings = {.user_timeout = 2500ms}}};
  fin.establish();
  fin.connection().shutdown();
  fin.advance(2500);
  EXPECT_EQ(fin.tcb.state, State::kClosed);
  fin.ignores_all();
  Peer probe{{.settings = {.user_timeout = 2500ms}, .window = 0}};
  probe.establish();
  probe.sends(10);
  for (int i = 0; i < 5; ++i) {
    probe.advance(500);
    probe.says({.ack = 0, .window = 0});
  }
  EXPECT_EQ(probe.tcb.state, State::kClosed);
  probe.ignores_all();
}

}  // namespace
}  // namespace weir::test
