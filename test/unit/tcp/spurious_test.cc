// Reductions taken back: Eifel (RFC 3522, RFC 4015), D-SACK (RFC 2883), F-RTO (RFC 5682).
#include "loss_fixture.h"

namespace weir::test {
namespace {

class SpuriousByReport : public Flight {
 protected:
  explicit SpuriousByReport(PeerOptions options = {.sack = true}) : Flight(options) {
    peer.advance(100);
    sacks({{2, 7}});
    EXPECT_EQ(heard(), (Segments{0, 1}));
    EXPECT_EQ(peer.tcb.ssthresh, segments(5));
    peer.advance(5);
    acks(7);  // both came by themselves
    peer.ignores_all();
  }
};

TEST_F(SpuriousByReport, UndoesARecoveryOfWhichAllCameTwice) {
  sacks({{0, 1}}, 7);
  EXPECT_EQ(peer.counted(Counter::kSpuriousRecoveriesUndone), 0U);
  sacks({{1, 2}}, 7);
  EXPECT_EQ(peer.counted(Counter::kSpuriousRecoveriesUndone), 1U);
  EXPECT_FALSE(peer.cold().in_recovery);
  EXPECT_GE(peer.tcb.cwnd, segments(10));
  EXPECT_EQ(peer.tcb.ssthresh, 0xffff'ffffU);
  EXPECT_TRUE(peer.tcb.has_reordering);
  peer.ignores_all();
}

TEST_F(SpuriousByReport, OneLossAmongThemIsALoss) {
  sacks({{0, 1}}, 7);
  acks(peer.snd_nxt() / mss);
  EXPECT_EQ(peer.counted(Counter::kSpuriousRecoveriesUndone), 0U);
  EXPECT_EQ(peer.tcb.ssthresh, segments(5));
  peer.ignores_all();
}

TEST_F(SpuriousByReport, ReportAfterTheRecoveryCountsToo) {
  acks(10);
  peer.advance(50);
  ASSERT_FALSE(peer.cold().in_recovery);
  peer.ignores_all();
  sacks({{0, 1}}, 10);
  sacks({{1, 2}}, 10);
  EXPECT_EQ(peer.counted(Counter::kSpuriousRecoveriesUndone), 1U);
  EXPECT_EQ(peer.tcb.ssthresh, 0xffff'ffffU);
  peer.ignores_all();
}

TEST_F(SpuriousByReport, ReportOfWhatLiesBeforeIsNone) {
  sacks({{-2000, -1998}}, 7);
  EXPECT_EQ(peer.counted(Counter::kSpuriousRecoveriesUndone), 0U);
  peer.ignores_all();
}

class ReportIgnored : public SpuriousByReport {
 protected:
  ReportIgnored() : SpuriousByReport({.settings = {.undo_spurious = false}, .sack = true}) {}
};

TEST_F(ReportIgnored, WhereSwitchedOff) {
  sacks({{0, 1}}, 7);
  sacks({{1, 2}}, 7);
  EXPECT_EQ(peer.counted(Counter::kSpuriousRecoveriesUndone), 0U);
  EXPECT_EQ(peer.tcb.ssthresh, segments(5));
  peer.ignores_all();
}

class Eifel : public Flight {
 protected:
  Eifel() : Flight({.timestamps = true, .sack = true}), stamp(peer.context().tick().value + peer.tcb.ts_offset) {}
  void acks_with(std::uint32_t echo, std::int64_t segments) { peer.says({.ack = segments * mss, .echo = echo}); }
  std::uint32_t stamp;  // of the ten
};

TEST_F(Eifel, UndoesARecoveryWhoseFirstCopyCame) {
  peer.advance(100);
  sacks({{1, 4}});
  EXPECT_EQ(heard(), (Segments{0}));
  peer.advance(5);
  acks_with(stamp, 4);
  EXPECT_EQ(peer.counted(Counter::kSpuriousRecoveriesUndone), 1U);
  EXPECT_FALSE(peer.cold().in_recovery);
  EXPECT_GE(peer.tcb.cwnd, segments(10));
  EXPECT_EQ(peer.tcb.ssthresh, 0xffff'ffffU);
  peer.ignores_all();
}

TEST_F(Eifel, SecondCopyMeansThatItWasLost) {
  peer.advance(100);
  sacks({{1, 4}});
  peer.ignores_all();
  peer.advance(100);
  acks_with(stamp + 100, 4);
  EXPECT_EQ(peer.counted(Counter::kSpuriousRecoveriesUndone), 0U);
  acks_with(stamp, 6);  // only the first ACK that advances tells
  EXPECT_EQ(peer.counted(Counter::kSpuriousRecoveriesUndone), 0U);
  EXPECT_EQ(peer.tcb.ssthresh, segments(5));
  peer.ignores_all();
}

TEST_F(Eifel, UndoesATimeoutAndRepeatsNothingMore) {
  peer.advance(201);
  hears(10);  // the probe
  peer.advance(300);
  hears(0);
  EXPECT_EQ(peer.tcb.cwnd, segments(1));
  peer.advance(10);
  acks_with(stamp, 2);
  EXPECT_EQ(peer.counted(Counter::kSpuriousTimeoutsUndone), 1U);
  EXPECT_GE(peer.tcb.cwnd, segments(10));
  EXPECT_EQ(peer.tcb.ssthresh, 0xffff'ffffU);
  EXPECT_EQ(peer.cold().lost_bytes, 0U);
  for (const std::int64_t segment : heard()) EXPECT_GT(segment, 10);
}

TEST_F(Eifel, TimeoutOfALossStays) {
  peer.advance(501);
  peer.ignores_all();
  peer.advance(100);
  acks_with(stamp + 501, 1);
  EXPECT_EQ(peer.counted(Counter::kSpuriousTimeoutsUndone), 0U);
  EXPECT_EQ(heard(), (Segments{1, 2}));
}

// No timestamps; the timeout comes at 501 ms, 300 ms after the probe.
class ForwardRto : public Flight {
 protected:
  explicit ForwardRto(PeerOptions options = {.sack = true}, std::int64_t queued = 40) : Flight(options, queued) {
    peer.advance(501);
    EXPECT_EQ(heard().back(), 0);
    EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 1U);
  }
};

TEST_F(ForwardRto, SendsNewTextAfterTheFirstAckAndUndoesAtTheSecond) {
  acks(1);
  EXPECT_EQ(heard(), (Segments{11, 12}));
  acks(2);  // sent once, before the timeout
  EXPECT_EQ(peer.counted(Counter::kSpuriousTimeoutsUndone), 1U);
  EXPECT_GE(peer.tcb.cwnd, segments(10));
  EXPECT_EQ(peer.tcb.ssthresh, 0xffff'ffffU);
  for (const std::int64_t segment : heard()) EXPECT_GT(segment, 12);
}

TEST_F(ForwardRto, NewTextThatComesAloneMeansThatTheRestWasLost) {
  acks(1);
  EXPECT_EQ(heard(), (Segments{11, 12}));
  sacks({{11, 12}}, 1);
  EXPECT_EQ(heard().front(), 1);
  EXPECT_EQ(peer.counted(Counter::kSpuriousTimeoutsUndone), 0U);
  EXPECT_EQ(peer.tcb.ssthresh, segments(11) / 2);
}

TEST_F(ForwardRto, DuplicateAsFirstAckMeansALoss) {
  sacks({{4, 5}});
  acks(1);
  for (const std::int64_t segment : heard()) EXPECT_LT(segment, 11);
  EXPECT_EQ(peer.counted(Counter::kSpuriousTimeoutsUndone), 0U);
}

TEST_F(ForwardRto, AckOfAllEndsTheQuestion) {
  acks(11);
  EXPECT_EQ(peer.counted(Counter::kSpuriousTimeoutsUndone), 0U);
  peer.ignores_all();
}

using TimeoutWithinARecovery = Flight;

TEST_F(TimeoutWithinARecovery, IsNotDoubted) {
  peer.advance(100);
  sacks({{1, 4}});
  hears(0);
  peer.advance(300);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 1U);
  EXPECT_EQ(heard().back(), 0);
  acks(4);
  EXPECT_EQ(heard(), (Segments{4, 5, 6}));
}

class ForwardRtoWithoutMore : public ForwardRto {
 protected:
  ForwardRtoWithoutMore() : ForwardRto({.sack = true}, 10) {}
};

TEST_F(ForwardRtoWithoutMore, RepeatsAsAlwaysWhenThereIsNothingNew) {
  acks(1);
  EXPECT_EQ(heard(), (Segments{1, 2}));
}

class NoForwardRto : public ForwardRto {
 protected:
  NoForwardRto() : ForwardRto({.settings = {.undo_spurious = false}, .sack = true}) {}
};

TEST_F(NoForwardRto, WhereSwitchedOff) {
  acks(1);
  EXPECT_EQ(heard(), (Segments{1, 2}));
}

TEST(SpuriousTimeout, WithoutSackIsToldByTimestampsToo) {
  Peer peer{{.timestamps = true}};
  peer.establish();
  peer.sends(20 * 1448);
  const std::uint32_t stamp = peer.next().options.timestamps->value;
  peer.advance(201);
  peer.ignores_all();
  peer.says({.ack = 1448, .echo = stamp});
  EXPECT_EQ(peer.counted(Counter::kSpuriousTimeoutsUndone), 1U);
  EXPECT_GE(peer.tcb.cwnd, 10U * 1448);
  peer.ignores_all();
}

}  // namespace
}  // namespace weir::test
