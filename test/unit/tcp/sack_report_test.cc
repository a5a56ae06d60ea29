// The SACK blocks that our ACKs carry: the examples of RFC 2018 §7 and RFC 2883 §4.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

class SackReport : public ::testing::Test {
 protected:
  explicit SackReport(bool timestamps = false) : peer{{.timestamps = timestamps, .sack = true}} { peer.establish(); }
  void segment(std::int64_t seq, std::uint32_t length = 500) { peer.says({.seq = seq, .length = length}); }
  void hears(std::int64_t ack, std::vector<Range> sack) { peer.hears({.flags = ".", .ack = ack, .sack = sack}); }
  Peer peer;
};

TEST_F(SackReport, SaysNothingWithoutAHole) {
  segment(0);
  segment(500);
  hears(1000, {});
}

TEST_F(SackReport, FirstSegmentLost) {  // RFC 2018 §7, case 2
  segment(500);
  hears(0, {{500, 1000}});
  segment(1000);
  hears(0, {{500, 1500}});
  segment(1500);
  hears(0, {{500, 2000}});
}

TEST_F(SackReport, WhatWasDeliveredIsReportedNoMore) {
  segment(500);
  hears(0, {{500, 1000}});
  segment(2000);
  hears(0, {{2000, 2500}, {500, 1000}});
  segment(0);
  hears(1000, {{2000, 2500}});
}

TEST_F(SackReport, EverySecondSegmentLost) {  // RFC 2018 §7, case 3
  segment(0);
  segment(1000);
  hears(500, {{1000, 1500}});
  segment(2000);
  hears(500, {{2000, 2500}, {1000, 1500}});
  segment(3000);
  hears(500, {{3000, 3500}, {2000, 2500}, {1000, 1500}});
  segment(1500);
  hears(500, {{1000, 2500}, {3000, 3500}});
  segment(500);
  hears(2500, {{3000, 3500}});
}

TEST_F(SackReport, TellsAtMostFourBlocks) {
  for (int i = 1; i <= 6; ++i) segment(i * 1000);
  for (int i = 0; i < 5; ++i) peer.next();
  hears(0, {{6000, 6500}, {5000, 5500}, {4000, 4500}, {3000, 3500}});
}

TEST_F(SackReport, TellsTheWholeRunEvenWhenItWasForgotten) {
  for (int i = 1; i <= 6; ++i) segment(i * 1000);
  peer.ignores_all();
  segment(1500);
  hears(0, {{1000, 2500}, {6000, 6500}, {5000, 5500}, {4000, 4500}});
}

TEST_F(SackReport, IsCarriedByTextAsWell) {
  segment(1000);
  peer.ignores_all();
  peer.sends(2000);
  peer.hears({.flags = ".", .length = 1460 - 12, .sack = {{{1000, 1500}}}});  // MUST-16: the option takes room
}

TEST_F(SackReport, DuplicateBelowTheAckIsReportedFirst) {  // RFC 2883 §4.1.1
  segment(0);
  segment(500);
  peer.ignores_all();
  segment(0);
  hears(1000, {{0, 500}});
  segment(2000);
  hears(1000, {{2000, 2500}});  // once only
}

TEST_F(SackReport, DuplicateOfHeldTextIsReportedFirst) {  // RFC 2883 §4.1.2
  segment(1000);
  peer.ignores_all();
  segment(1000);
  hears(0, {{1000, 1500}, {1000, 1500}});
}

TEST_F(SackReport, PartialDuplicateIsReported) {  // RFC 2883 §4.2
  segment(1000);
  peer.ignores_all();
  segment(500, 800);
  hears(0, {{1000, 1300}, {500, 1500}});
}

TEST_F(SackReport, SurvivesSequenceWrap) {
  Peer wrapping{{.isn = SeqNum{0xffff'ff00}, .sack = true}};
  wrapping.establish();
  wrapping.says({.seq = 200, .length = 500});
  wrapping.hears({.ack = 0, .sack = {{{200, 700}}}});
  wrapping.says({.seq = 0, .length = 200});
  wrapping.hears({.ack = 700, .sack = std::vector<Range>{}});
}

TEST_F(SackReport, IsNotUsedUnlessAgreed) {
  Peer plain;
  plain.establish();
  plain.says({.seq = 500, .length = 500});
  plain.hears({.ack = 0, .sack = std::vector<Range>{}});
}

class SackReportBesideTimestamps : public SackReport {
 protected:
  SackReportBesideTimestamps() : SackReport(true) {}
};

TEST_F(SackReportBesideTimestamps, TellsAtMostThreeBlocks) {
  for (int i = 1; i <= 5; ++i) segment(i * 1000);
  for (int i = 0; i < 4; ++i) peer.next();
  hears(0, {{5000, 5500}, {4000, 4500}, {3000, 3500}});
}

}  // namespace
}  // namespace weir::test
