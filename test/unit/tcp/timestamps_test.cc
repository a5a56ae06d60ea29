// RFC 7323 timestamps and PAWS.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

class TimestampsTest : public ::testing::Test {
 protected:
  TimestampsTest() : peer{{.timestamps = true}} { peer.establish(); }
  std::uint32_t clock() { return peer.tcb.ts_recent; }
  Peer peer;
};

TEST_F(TimestampsTest, EverySegmentCarriesThemAndEchoes) {
  peer.advance(10);
  peer.says({.length = 10, .timestamp = clock() + 10});
  peer.sends(10);
  peer.hears({.flags = "P.", .echo = clock()});
  peer.connection().shutdown();
  peer.context().out->flush();
  peer.hears({.flags = "F.", .echo = clock()});
}

TEST_F(TimestampsTest, OurClockRunsInMillisecondsFromAnOffset) {
  peer.sends(10);
  const std::uint32_t first = peer.next().options.timestamps->value;
  peer.says({});
  peer.advance(123);
  peer.sends(10);
  EXPECT_EQ(peer.next().options.timestamps->value, first + 123);
  EXPECT_NE(first, peer.context().tick().value - 123);
}

TEST_F(TimestampsTest, OlderSegmentIsAcknowledgedAndDropped) {
  const std::uint32_t recent = clock();
  peer.says({.length = 100, .timestamp = recent - 1});
  peer.hears({.flags = ".", .ack = 0, .echo = recent});
  EXPECT_EQ(peer.counted(Counter::kPawsDrops), 1U);
  EXPECT_EQ(clock(), recent);
  EXPECT_EQ(peer.rcv_nxt(), 0);
}

TEST_F(TimestampsTest, OlderResetStillCounts) {
  peer.says({.flags = "R", .timestamp = clock() - 100});
  EXPECT_EQ(peer.tcb.state, State::kClosed);
}

TEST_F(TimestampsTest, SegmentWithoutThemIsDropped) {
  peer.options.timestamps = false;
  peer.says({.length = 100});
  peer.hears_nothing();
  EXPECT_EQ(peer.rcv_nxt(), 0);
  EXPECT_EQ(peer.counted(Counter::kMissingTimestamp), 1U);
  EXPECT_EQ(peer.tcb.state, State::kEstablished);
}

TEST_F(TimestampsTest, ResetWithoutThemCounts) {
  peer.options.timestamps = false;
  peer.says({.flags = "R"});
  EXPECT_EQ(peer.tcb.state, State::kClosed);
}

TEST_F(TimestampsTest, SegmentWithoutThemIsTakenWhereSet) {
  Peer lenient{{.settings = {.drop_missing_timestamps = false}, .timestamps = true}};
  lenient.establish();
  lenient.options.timestamps = false;
  lenient.says({.length = 100});
  EXPECT_EQ(lenient.rcv_nxt(), 100);
}

TEST_F(TimestampsTest, DelayedAckEchoesTheEarliestSegment) {
  const std::uint32_t first = clock() + 5;
  peer.says({.length = 1448, .timestamp = first});
  peer.says({.length = 1448, .timestamp = first + 7});
  peer.hears({.ack = 2896, .echo = first});
}

TEST_F(TimestampsTest, SegmentBeyondAHoleIsNotEchoedButTheFillerIs) {
  const std::uint32_t before = clock();
  peer.says({.seq = 1000, .length = 1000, .timestamp = before + 5});
  peer.hears({.ack = 0, .echo = before});
  peer.says({.seq = 0, .length = 1000, .timestamp = before + 9});
  peer.hears({.ack = 2000, .echo = before + 9});
}

TEST_F(TimestampsTest, RecentOneDiesAfter24Days) {
  const std::uint32_t recent = clock();
  peer.advance(23ULL * 24 * 3600 * 1000);
  peer.says({.length = 10, .timestamp = recent - 1});
  EXPECT_EQ(peer.rcv_nxt(), 0);
  peer.advance(2ULL * 24 * 3600 * 1000);
  peer.says({.seq = 0, .length = 10, .timestamp = recent - 1});
  EXPECT_EQ(peer.rcv_nxt(), 10);
  EXPECT_EQ(clock(), recent - 1);
}

TEST(Paws, SurvivesWrap) {
  Peer peer{{.timestamps = true}};
  peer.open();
  peer.says({.flags = "S.", .timestamp = 0xffff'fff0});
  peer.says({.length = 10, .timestamp = 5});
  EXPECT_EQ(peer.rcv_nxt(), 10);
  peer.ignores_all();
  peer.advance(1000);
  peer.says({.length = 10, .timestamp = 6});
  EXPECT_EQ(peer.rcv_nxt(), 20);
  peer.advance(100);
  peer.says({.length = 10, .timestamp = 0xffff'fff5});
  EXPECT_EQ(peer.rcv_nxt(), 20);
  peer.ignores_all();
}

TEST(TimestampsUnused, WhenThePeerDoesNotOfferThem) {
  Peer peer;
  peer.establish();
  peer.sends(10);
  EXPECT_FALSE(peer.next().options.timestamps);
}

TEST(TimestampOffset, DiffersByPeer) {
  Peer peer;
  FlowKey key = peer.key();
  const std::uint32_t one = tcp::timestamp_offset(peer.context(), key);
  key.remote_port ^= 1;
  EXPECT_NE(tcp::timestamp_offset(peer.context(), key), one);
}

}  // namespace
}  // namespace weir::test
