// Zero-window probes (RFC 9293 §3.8.6.1).
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

TEST(Persist, ProbesWithOneNewByteAfterTheTimeoutAndBacksOff) {
  Peer peer{{.window = 0}};
  peer.establish();
  peer.sends(100);
  peer.advance(199);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.flags = ".", .seq = 0, .length = 1});
  peer.advance(399);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.flags = ".", .seq = 0, .length = 1});
  peer.advance(800);
  peer.hears({.flags = ".", .seq = 0, .length = 1});
}

// The RTO that probing had doubled is not that of the text which then flows.
TEST(Persist, BackOffEndsWhenTheWindowOpens) {
  Peer peer{{.window = 0}};
  peer.establish();
  const auto timeout = peer.connection().retransmit_timeout();
  peer.sends(100);
  peer.advance(200 + 400 + 800);
  EXPECT_EQ(peer.connection().retransmit_timeout(), 8 * timeout);
  peer.ignores_all();
  peer.says({.ack = 0, .window = 1000});
  peer.hears({.seq = 0, .length = 100});
  EXPECT_EQ(peer.connection().retransmit_timeout(), timeout);
}

TEST(Persist, DoesNotProbeWithoutAReason) {
  Peer peer{{.window = 0}};
  peer.establish();
  EXPECT_FALSE(peer.connection().next_deadline());
}

TEST(Persist, ProbesWithAnOldByteWhereSet) {
  Peer peer{{.settings = {.probe_with_data = false}, .window = 0}};
  peer.establish();
  peer.sends(100);
  peer.advance(200);
  peer.hears({.flags = ".", .seq = -1, .length = 0});
  peer.advance(400);
  peer.hears({.flags = ".", .seq = -1, .length = 0});
}

TEST(Persist, NeverGivesUpWhileAnswered) {
  Peer peer{{.settings = {.data_retries = 2}, .window = 0}};
  peer.establish();
  peer.sends(100);
  for (int i = 0; i < 100; ++i) {
    for (int wait = 0; wait < 700 && peer.heard() == 0; ++wait) peer.advance(100);
    peer.hears({.seq = 0, .length = 1});
    peer.says({.ack = 0, .window = 0});
  }
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.ignores_all();
}

TEST(Persist, GivesUpWhenUnanswered) {
  Peer peer{{.settings = {.data_retries = 2}, .window = 0}};
  peer.establish();
  peer.sends(100);
  peer.advance(200 + 400 + 800);
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  peer.ignores_all();
}

TEST(Persist, BackOffGoesOnThoughAnswered) {
  Peer peer{{.window = 0}};
  peer.establish();
  peer.sends(100);
  for (const int timeout : {200, 400, 800, 1600}) {
    peer.advance(static_cast<unsigned>(timeout));
    peer.hears({.seq = 0, .length = 1});
    peer.says({.ack = 0, .window = 0});
    peer.hears_nothing();
  }
}

TEST(Persist, OpenedWindowIsUsedAtOnceFromTheProbedByteOn) {
  Peer peer{{.window = 0}};
  peer.establish();
  peer.sends(3000);
  peer.advance(200);
  peer.hears({.seq = 0, .length = 1});
  peer.says({.ack = 0, .window = 65535});
  peer.hears({.seq = 0, .length = 1460});
  peer.hears({.seq = 1460, .length = 1460});
  peer.hears({.flags = "P.", .seq = 2920, .length = 80});
  EXPECT_EQ(peer.tcb.retries, 0);
}

TEST(Persist, ByteThatWasTakenIsNotRepeated) {
  Peer peer{{.window = 0}};
  peer.establish();
  peer.sends(100);
  peer.advance(200);
  peer.hears({.seq = 0, .length = 1});
  peer.says({.ack = 1, .window = 0});
  peer.hears_nothing();
  peer.says({.ack = 1, .window = 65535});
  peer.hears({.flags = "P.", .seq = 1, .length = 99});
}

TEST(Persist, ProbedByteMayBeAcknowledgedLate) {
  Peer peer{{.window = 0}};
  peer.establish();
  peer.sends(100);
  peer.advance(200);
  peer.ignores_all();
  peer.says({.ack = 0, .window = 65535});
  peer.says({.ack = 1, .window = 65535});
  EXPECT_EQ(peer.snd_una(), 1);
  peer.says({.ack = 100, .window = 65535});
  EXPECT_FALSE(peer.has_cold());
  peer.ignores_all();
}

// Beyond it, a peer whose window is closed too would not look at them, and both sides would wait for each other.
TEST(Persist, AcknowledgesFromWithinThePeersWindowWhileAProbeLiesBeyond) {
  Peer peer{{.window = 0}};
  peer.establish();
  peer.sends(100);
  peer.advance(200);
  peer.hears({.seq = 0, .length = 1});
  peer.says({.ack = 0, .length = 1000, .window = 0});
  peer.says({.ack = 0, .length = 1000, .window = 0});
  peer.hears({.flags = ".", .seq = 0, .ack = 2000, .length = 0});
}

TEST(Persist, FinAloneIsProbed) {
  Peer peer{{.window = 0}};
  peer.establish();
  peer.connection().shutdown();
  peer.context().out->flush();
  peer.hears_nothing();
  peer.advance(200);
  peer.hears({.flags = "F.", .seq = 0, .length = 0});
  peer.advance(400);
  peer.hears({.flags = "F.", .seq = 0, .length = 0});
}

TEST(Persist, WindowThatClosesOverWhatIsInFlightIsProbedWithIt) {
  Peer peer;
  peer.establish();
  peer.sends(2 * 1460);
  peer.ignores_all();
  peer.says({.ack = 1460, .window = 0});
  peer.advance(200);
  peer.hears({.seq = 1460, .length = 1460});
  EXPECT_EQ(peer.tcb.cwnd, 14600U);  // no sign of congestion
  peer.says({.ack = 1460, .window = 65535});
  peer.hears({.seq = 1460, .length = 1460});
}

TEST(Persist, CongestionWindowDoesNotHoldTheProbe) {
  Peer peer{{.window = 0}};
  peer.establish();
  peer.tcb.cwnd = 0;
  peer.sends(100);
  peer.advance(200);
  peer.hears({.seq = 0, .length = 1});
}

TEST(Persist, ClosedAndReopenedWindowSendsTheRest) {
  Peer peer{{.window = 2920}};
  peer.establish();
  peer.sends(5000);
  peer.hears({.seq = 0, .length = 1460});
  peer.hears({.seq = 1460, .length = 1460});
  peer.says({.window = 0});
  peer.hears_nothing();
  peer.says({.window = 2920});
  peer.hears({.seq = 2920, .length = 1460});
  peer.hears({.flags = "P.", .seq = 4380, .length = 620});
}

TEST(ZeroWindow, OfSetLimitEndsThoughProbesAreAnswered) {
  Peer peer{{.settings = {.zero_window_limit = 5000ms}, .window = 0}};
  peer.establish();
  peer.sends(100);
  for (int i = 0; i < 100 && peer.tcb.state == State::kEstablished; ++i) {
    peer.advance(100);
    const bool is_probed = peer.heard() > 0;
    peer.ignores_all();
    if (is_probed && peer.tcb.state == State::kEstablished) peer.says({.ack = 0, .window = 0});
  }
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kTimeout);
  EXPECT_EQ(peer.counted(Counter::kZeroWindowsGivenUp), 1U);
}

TEST(ZeroWindow, WhilePacketsRunOutEndsAfterAMinute) {
  Peer peer{{.settings = {.persist_max = 1000ms}, .window = 0}};
  peer.establish();
  peer.sends(100);
  const auto hold_for = [&](int seconds) {
    for (int i = 0; i < seconds && peer.tcb.state == State::kEstablished; ++i) {
      peer.advance(1000);
      peer.ignores_all();
      if (peer.tcb.state == State::kEstablished) peer.says({.ack = 0, .window = 0});
    }
  };
  hold_for(300);
  EXPECT_EQ(peer.tcb.state, State::kEstablished) << "there is no need";
  peer.drain_pool(peer.options.packets / 10);
  hold_for(3);
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.counted(Counter::kZeroWindowsGivenUp), 1U);
}

TEST(ZeroWindow, OfSetLimitEndsACloseThatIsNeverTaken) {
  Peer peer{{.settings = {.persist_max = 500ms, .zero_window_limit = 5000ms}, .window = 0}};
  peer.establish();
  peer.connection().close();
  for (int i = 0; i < 100 && peer.tcb.state == State::kFinWait1; ++i) {
    peer.advance(100);
    const bool is_probed = peer.heard() > 0;
    peer.ignores_all();
    if (is_probed && peer.tcb.state == State::kFinWait1) peer.says({.ack = 0, .window = 0});
  }
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.counted(Counter::kZeroWindowsGivenUp), 1U);
}

TEST(ZeroWindow, ThatOpensInBetweenCountsAnew) {
  Peer peer{{.settings = {.persist_max = 500ms, .zero_window_limit = 3000ms}, .window = 0}};
  peer.establish();
  peer.sends(10'000);
  for (int i = 0; i < 6; ++i) {
    peer.advance(2000);
    peer.ignores_all();
    peer.says({.ack = peer.snd_una(), .window = 100});
    peer.ignores_all();
    peer.says({.window = 0});
  }
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
  peer.ignores_all();
}

}  // namespace
}  // namespace weir::test
