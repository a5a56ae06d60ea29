// What the peer selectively acknowledges: marks, reneging, senseless blocks, and bounds on the work.
#include "loss_fixture.h"

namespace weir::test {
namespace {

using Scoreboard = Flight;

TEST_F(Scoreboard, SenselessBlocksAreCounted) {
  sacks({{20, 30}});
  sacks({{5, 3}});
  sacks({{4, 4}});
  EXPECT_EQ(peer.counted(Counter::kInvalidSackBlocks), 3U);
  EXPECT_EQ(peer.cold().sacked_bytes, 0U);
}

TEST_F(Scoreboard, SenselessBlockDoesNotSpoilItsNeighbours) {
  sacks({{30, 40}, {1, 2}});
  EXPECT_EQ(peer.cold().sacked_bytes, segments(1));
  peer.ignores_all();
}

TEST_F(Scoreboard, ReportWithinTheSecondBlockIsADuplicate) {
  sacks({{3, 4}});
  sacks({{3, 4}, {3, 5}});
  EXPECT_EQ(peer.counted(Counter::kDuplicateReportsIn), 1U);
  EXPECT_EQ(peer.cold().sacked_bytes, segments(2));
  peer.ignores_all();
}

TEST_F(Scoreboard, MarksSurviveATimeout) {
  peer.advance(100);
  sacks({{1, 10}});
  EXPECT_EQ(heard().front(), 0);
  peer.advance(300);
  EXPECT_EQ(peer.counted(Counter::kRetransmitTimeouts), 1U);
  EXPECT_EQ(peer.cold().sacked_bytes, segments(9));
  EXPECT_EQ(heard().front(), 0);
  acks(10);
  for (const std::int64_t segment : heard()) EXPECT_GE(segment, 10);
}

TEST_F(Scoreboard, FirstByteHeldAfterAnAckMeansReneging) {
  peer.advance(100);
  sacks({{1, 4}});
  acks(1);  // and yet it acknowledges no more
  EXPECT_EQ(peer.counted(Counter::kSackReneging), 1U);
  EXPECT_EQ(peer.cold().sacked_bytes, 0U);
  const Segments repeated = heard();
  ASSERT_GE(repeated.size(), 2U);
  EXPECT_EQ(repeated[1], 1);
}

class ScoreboardNoRack : public Flight {
 protected:
  ScoreboardNoRack() : Flight({.settings = {.rack = false}, .sack = true}) {}
};

TEST_F(ScoreboardNoRack, TimeoutForgetsMarks) {
  peer.advance(100);
  sacks({{1, 10}});
  peer.ignores_all();
  peer.advance(300);
  EXPECT_EQ(peer.cold().sacked_bytes, 0U);
  peer.ignores_all();
}

TEST_F(Scoreboard, PartOfAPacketMayBeAcknowledged) {
  peer.advance(100);
  sacks({{2, 9}});
  peer.ignores_all();
  peer.says({.ack = kMss / 2});
  EXPECT_EQ(peer.cold().send.head()->data_len, kMss / 2);
  peer.advance(100);
  peer.ignores_all();
  acks(9);
  EXPECT_EQ(peer.cold().sacked_bytes, 0U);
  EXPECT_EQ(peer.cold().lost_bytes, 0U);
  peer.ignores_all();
}

// Segments of 48 bytes, as many as would fill the buffer.
class TinySegments : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kBuffer = 65536;
  static constexpr std::uint32_t kPacketsMax = 64 + kBuffer / 256;

  TinySegments() {
    peer.establish();
    peer.tcb.cwnd = kBuffer;
    EXPECT_EQ(peer.sends(kBuffer), kBuffer);
    for (int i = 0; i < 40; ++i) peer.connection().want_writable();  // each call sends a bounded number of segments
    peer.context().out->flush();
  }
  Peer peer{{.settings = {.send_buffer = kBuffer}, .mss = 48, .sack = true}};
};

TEST_F(TinySegments, AreBoundedInNumber) {
  EXPECT_LE(peer.cold().send.count(), kPacketsMax + 1);
  EXPECT_GE(peer.heard(), kPacketsMax / 2);
  peer.ignores_all();
}

TEST_F(TinySegments, AreRepairedWhateverTheirHoles) {
  // Every second segment held, told four at a time; then all of it again and again until the stream is through.
  const std::int64_t count = peer.snd_nxt() / 48;
  for (std::int64_t first = 1; first + 8 < count; first += 8) {
    std::vector<Range> blocks;
    for (std::int64_t at = first; at < first + 8; at += 2) blocks.push_back({at * 48, (at + 1) * 48});
    peer.says({.ack = 0, .sack = blocks});
    EXPECT_LE(peer.cold().send.count(), kPacketsMax + 1);
  }
  EXPECT_TRUE(peer.cold().in_recovery);
  for (int i = 0; i < 5000 && peer.snd_una() < kBuffer; ++i) {
    peer.ignores_all();
    peer.advance(20);
    peer.says({});
    if (peer.has_cold()) {
      EXPECT_LE(peer.cold().send.count(), kPacketsMax + 1);
    }
  }
  EXPECT_EQ(peer.snd_una(), kBuffer);
  peer.ignores_all();
}

}  // namespace
}  // namespace weir::test
