// Segments that meet a TIME_WAIT record.
#include <weir/tcp/time_wait.h>

#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

using tcp::TimeWaitStep;

class TimeWaitTest : public ::testing::Test {
 protected:
  TimeWaitTest() : peer{{.timestamps = true}} {
    peer.set_iss(SeqNum{1000});
    record.key = peer.key();
    record.snd_nxt = SeqNum{1001 + 50};  // relative 50
    record.rcv_nxt = peer.options.isn + 1 + 30;
    record.has_timestamps = true;
    record.ts_recent = peer.context().tick().value;
  }
  TimeWaitStep meets(Say say) {
    const auto step = tcp::on_segment_in_time_wait(peer.context(), record, peer.options.settings, peer.make(say));
    peer.context().out->flush();
    return step;
  }
  void without_timestamps() { peer.options.timestamps = record.has_timestamps = false; }

  Peer peer;
  TimeWait record;
};

TEST_F(TimeWaitTest, RepeatedFinIsAcknowledgedAndRestartsTheWait) {
  EXPECT_EQ(meets({.flags = "F.", .seq = 29, .ack = 50}), TimeWaitStep::kRestart);
  peer.hears({.flags = ".", .seq = 50, .ack = 30, .length = 0, .echo = record.ts_recent});
}

TEST_F(TimeWaitTest, RepeatedTextAndFinIsAcknowledgedToo) {
  EXPECT_EQ(meets({.flags = "F.", .seq = 19, .ack = 50, .length = 10}), TimeWaitStep::kRestart);
  peer.hears({.flags = ".", .ack = 30});
}

TEST_F(TimeWaitTest, ResetIsIgnored) {
  EXPECT_EQ(meets({.flags = "R", .seq = 30}), TimeWaitStep::kNothing);
  EXPECT_EQ(meets({.flags = "R.", .seq = 30, .ack = 50}), TimeWaitStep::kNothing);
  peer.hears_nothing();
}

TEST_F(TimeWaitTest, ResetRemovesWhereRfc1337IsOff) {
  peer.options.settings.rfc1337 = false;
  EXPECT_EQ(meets({.flags = "R", .seq = 31}), TimeWaitStep::kNothing);
  EXPECT_EQ(meets({.flags = "R", .seq = 30}), TimeWaitStep::kRemove);
}

TEST_F(TimeWaitTest, PureAckIsSilent) {
  EXPECT_EQ(meets({.seq = 30, .ack = 50}), TimeWaitStep::kNothing);
  peer.hears_nothing();
}

TEST_F(TimeWaitTest, OldTextIsAcknowledged) {
  EXPECT_EQ(meets({.seq = 0, .ack = 50, .length = 10}), TimeWaitStep::kNothing);
  peer.hears({.flags = ".", .seq = 50, .ack = 30});
}

TEST_F(TimeWaitTest, OutOfOrderTextIsAcknowledged) {
  EXPECT_EQ(meets({.seq = 100, .ack = 50, .length = 10}), TimeWaitStep::kNothing);
  peer.hears({.flags = ".", .seq = 50, .ack = 30});
}

TEST_F(TimeWaitTest, SynWithNewerTimestampReusesWhateverItsNumber) {
  EXPECT_EQ(meets({.flags = "S", .seq = -9000, .timestamp = record.ts_recent + 1}), TimeWaitStep::kReuse);
  peer.hears_nothing();
}

TEST_F(TimeWaitTest, SynWithEqualTimestampNeedsALaterNumber) {
  EXPECT_EQ(meets({.flags = "S", .seq = 30, .timestamp = record.ts_recent}), TimeWaitStep::kReuse);
  EXPECT_EQ(meets({.flags = "S", .seq = 29, .timestamp = record.ts_recent}), TimeWaitStep::kNothing);
  peer.hears({.flags = ".", .seq = 50, .ack = 30});
}

TEST_F(TimeWaitTest, SynWithOlderTimestampIsAnswered) {
  EXPECT_EQ(meets({.flags = "S", .seq = 100, .timestamp = record.ts_recent - 1}), TimeWaitStep::kNothing);
  peer.hears({.flags = ".", .seq = 50, .ack = 30});
}

TEST_F(TimeWaitTest, SynWithoutTimestampsNeedsALaterNumber) {
  without_timestamps();
  EXPECT_EQ(meets({.flags = "S", .seq = 30}), TimeWaitStep::kReuse);  // the FIN had 29
  EXPECT_EQ(meets({.flags = "S", .seq = 29}), TimeWaitStep::kNothing);
  peer.hears({.flags = "."});
}

TEST_F(TimeWaitTest, SynThatLeavesTimestampsOutNeedsALaterNumber) {
  peer.options.timestamps = false;
  EXPECT_EQ(meets({.flags = "S", .seq = 30}), TimeWaitStep::kReuse);
  EXPECT_EQ(meets({.flags = "S", .seq = 29}), TimeWaitStep::kNothing);
}

TEST_F(TimeWaitTest, SynThatBringsTimestampsAnewReusesWhateverItsNumber) {
  record.has_timestamps = false;
  EXPECT_EQ(meets({.flags = "S", .seq = -9000, .timestamp = 1}), TimeWaitStep::kReuse);
  peer.options.settings.timestamps = false;  // it would not be answered with any
  EXPECT_EQ(meets({.flags = "S", .seq = -9000, .timestamp = 1}), TimeWaitStep::kNothing);
}

TEST_F(TimeWaitTest, SynAckNeverReuses) {
  EXPECT_EQ(meets({.flags = "S.", .seq = 100, .ack = 50, .timestamp = record.ts_recent + 1}), TimeWaitStep::kNothing);
  peer.hears({.flags = "."});
}

TEST_F(TimeWaitTest, AnswersToEmptySegmentsAreLimited) {
  peer.context().challenge_budget = 1;
  for (int i = 0; i < 5; ++i) meets({.seq = -5, .ack = 50});
  EXPECT_EQ(peer.heard(), 1U);
}

TEST_F(TimeWaitTest, SequenceNumbersMayWrap) {
  without_timestamps();
  record.rcv_nxt = SeqNum{0xffff'ff00};
  Segment syn = peer.make({.flags = "S"});
  syn.seq = SeqNum{5};
  EXPECT_EQ(tcp::on_segment_in_time_wait(peer.context(), record, peer.options.settings, syn), TimeWaitStep::kReuse);
}

}  // namespace
}  // namespace weir::test
