// Urgent data (RFC 9293 §3.8.5, MUST-30 to -33 and -62): delivered in its place, its end told.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

TEST(Urgent, EndIsToldAndReadingComesNearer) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "U.", .length = 10, .urgent = 10});
  EXPECT_EQ(peer.take_events(), tcp::kUrgent | tcp::kReadable);
  EXPECT_EQ(peer.connection().urgent_bytes(), 10U);
  peer.reads(4);
  EXPECT_EQ(peer.connection().urgent_bytes(), 6U);
  peer.reads(6);
  EXPECT_EQ(peer.connection().urgent_bytes(), 0U);
  peer.advance(40);
  peer.ignores_all();
  EXPECT_FALSE(peer.has_cold());
}

TEST(Urgent, PointerMeansTheByteAfter) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "U.", .length = 3, .urgent = 1});
  EXPECT_EQ(peer.connection().urgent_bytes(), 1U);
  peer.reads(1);
  EXPECT_EQ(peer.connection().urgent_bytes(), 0U);
  peer.reads(2);
}

TEST(Urgent, MayBeAnnouncedLongBeforeItsEndComes) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "U.", .length = 10, .urgent = 65535});
  EXPECT_EQ(peer.connection().urgent_bytes(), 65535U);
  peer.reads(10);
  EXPECT_EQ(peer.connection().urgent_bytes(), 65525U);
  EXPECT_EQ(peer.connection().readable(), 0U);
}

TEST(Urgent, IsToldOncePerMark) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "U.", .length = 10, .urgent = 100});
  EXPECT_TRUE(peer.take_events() & tcp::kUrgent);
  peer.says({.flags = "U.", .length = 10, .urgent = 90});  // the same mark
  EXPECT_FALSE(peer.take_events() & tcp::kUrgent);
  peer.says({.flags = "U.", .length = 10, .urgent = 200});
  EXPECT_TRUE(peer.take_events() & tcp::kUrgent);
  EXPECT_EQ(peer.connection().urgent_bytes(), 220U);
  peer.reads(30);
  peer.ignores_all();
}

TEST(Urgent, CountsAtAClosedWindow) {
  Peer peer{{.settings = {.receive_buffer = 4096}}};
  peer.establish();
  for (const std::uint32_t length : {1460U, 1460U, 1176U}) peer.says({.length = length});
  peer.ignores_all();
  peer.take_events();
  peer.says({.flags = "U.", .length = 1, .urgent = 1});
  EXPECT_EQ(peer.take_events(), tcp::kUrgent);
  EXPECT_EQ(peer.connection().urgent_bytes(), 4097U);
  peer.reads(4096);
  peer.ignores_all();
}

TEST(Urgent, WithoutTheFlagThePointerMeansNothing) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "P.", .length = 10, .urgent = 10});
  EXPECT_EQ(peer.take_events(), tcp::kReadable);
  EXPECT_EQ(peer.connection().urgent_bytes(), 0U);
  peer.reads(10);
}

TEST(Urgent, OldOneIsNotToldAgain) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "U.", .length = 10, .urgent = 10});
  peer.reads(10);
  peer.take_events();
  peer.says({.flags = "U.", .seq = 0, .length = 10, .urgent = 10});  // repeated
  EXPECT_EQ(peer.take_events(), 0);
  peer.ignores_all();
}

TEST(Urgent, IsSentWithThePointerBehindItsLastByte) {
  Peer peer;
  peer.establish();
  EXPECT_EQ(peer.sends_urgent(5), 5U);
  peer.hears({.flags = "U.", .seq = 0, .length = 5, .urgent = 5});
  peer.says({});
  peer.sends(5);
  peer.hears({.flags = ".", .seq = 5, .length = 5, .urgent = 0});
}

TEST(Urgent, EndThatIsFurtherThanThePointerReachesComesNearer) {
  Peer peer;
  peer.establish();
  EXPECT_EQ(peer.sends_urgent(66'000), 66'000U);
  peer.hears({.flags = "U.", .seq = 0, .urgent = 65'535});
  peer.hears({.flags = "U.", .seq = 1460, .urgent = 66'000 - 1460});
  peer.ignores_all();
}

TEST(Urgent, IsSaidByEverySegmentBeforeItsEndAndRepeated) {
  Peer peer{{.settings = {.nagle = false}}};
  peer.establish();
  EXPECT_EQ(peer.sends_urgent(3000), 3000U);
  peer.hears({.flags = "U.", .seq = 0, .length = 1460, .urgent = 3000});
  peer.hears({.flags = "U.", .seq = 1460, .length = 1460, .urgent = 1540});
  peer.hears({.flags = "U.", .seq = 2920, .length = 80, .urgent = 80});
  peer.advance(200);
  peer.hears({.flags = "U.", .seq = 0, .length = 1460, .urgent = 3000});
}

}  // namespace
}  // namespace weir::test
