// RFC 9937: how fast a recovery sends.
#include "loss_fixture.h"

namespace weir::test {
namespace {

// Twenty segments in flight, more to come.
class ProportionalRate : public Flight {
 protected:
  ProportionalRate() : Flight({.sack = true}, 60) {
    peer.tcb.cwnd = segments(20);
    peer.advance(100);
    peer.sends(1);
    EXPECT_EQ(heard().size(), 10U);
    peer.advance(99);
  }
};

TEST_F(ProportionalRate, SendsOneSegmentForTwoDeliveredAndEndsAtTheThreshold) {
  sacks({{1, 2}});
  sacks({{1, 3}});
  peer.ignores_all();  // limited transmit: 20 and 21
  sacks({{1, 4}});
  EXPECT_EQ(heard(), (Segments{0}));  // one segment at least
  EXPECT_EQ(peer.tcb.ssthresh, segments(10));
  std::size_t sent = 1;
  for (std::int64_t held = 5; held <= 20; ++held) {
    sacks({{1, held}});
    const std::size_t now = heard().size();
    EXPECT_LE(now, 1U) << "at " << held;
    sent += now;
    // Of the twenty that were to cause ACKs, held - 3 have come.
    EXPECT_NEAR(static_cast<double>(sent), static_cast<double>(held - 3) / 2, 1) << "at " << held;
  }
  acks(20);
  EXPECT_LE(heard().size(), 3U);  // no burst
  EXPECT_NEAR(peer.tcb.cwnd, segments(10), segments(1));
}

TEST_F(ProportionalRate, EndsWithTheThresholdAsWindow) {
  sacks({{1, 20}});
  peer.ignores_all();
  peer.advance(50);
  acks(20);
  EXPECT_FALSE(peer.cold().in_recovery);
  EXPECT_EQ(peer.tcb.cwnd, segments(10));
  EXPECT_EQ(heard().size(), 1U);  // nine are in the network
}

TEST_F(ProportionalRate, EndsWithTheThresholdThoughMoreWasInTheNetwork) {
  sacks({{1, 4}});
  peer.ignores_all();
  EXPECT_GT(peer.tcb.cwnd, segments(15));
  acks(20);
  EXPECT_FALSE(peer.cold().in_recovery);
  EXPECT_EQ(peer.tcb.cwnd, segments(10));
  peer.ignores_all();
}

TEST_F(ProportionalRate, BelowTheThresholdGoesNoFurtherThanThat) {
  sacks({{1, 12}});  // eleven delivered, eight in the network
  EXPECT_EQ(heard(), (Segments{0, 20}));
}

TEST_F(ProportionalRate, HeavyLossIsRepairedByWhatIsDeliveredAndASegmentMore) {
  sacks({{17, 20}});  // seventeen lost, nothing in the network
  EXPECT_EQ(heard(), (Segments{0, 1, 2}));
  peer.advance(99);
  sacks({{17, 20}}, 1);
  EXPECT_EQ(heard(), (Segments{3, 4}));
  sacks({{17, 20}}, 2);
  EXPECT_EQ(heard(), (Segments{5, 6}));
}

TEST_F(ProportionalRate, WithoutProgressNoMoreThanWhatIsDelivered) {
  sacks({{17, 20}});
  EXPECT_EQ(heard(), (Segments{0, 1, 2}));
  peer.advance(99);
  sacks({{1, 2}, {17, 20}});  // 0 was lost again
  EXPECT_EQ(heard(), (Segments{0}));
}

TEST_F(ProportionalRate, NewLossTakesTheSegmentMoreAway) {
  sacks({{17, 20}});
  EXPECT_EQ(heard(), (Segments{0, 1, 2}));
  peer.advance(99);
  sacks({{2, 3}, {17, 20}}, 1);  // 1 was lost again; two delivered
  EXPECT_EQ(heard(), (Segments{1, 3}));
}

TEST_F(ProportionalRate, AckWithoutNewsSendsNothing) {
  sacks({{1, 20}});
  peer.ignores_all();
  sacks({{1, 20}});
  sacks({{1, 20}});
  peer.hears_nothing();
}

TEST_F(ProportionalRate, FirstSegmentOfARecoveryNeedsNoAck) {
  sacks({{1, 2}});
  peer.ignores_all();
  peer.advance(51);
  EXPECT_EQ(heard(), (Segments{0}));  // by the reordering timer
}

}  // namespace
}  // namespace weir::test
