// Peers that do what no stack does, and clocks that run on: a connection keeps its state and its stream.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

constexpr std::uint64_t kTickWrapMs = 1ULL << 32;  // 49.7 days

TEST(OddPeer, SecondFinElsewhereChangesNothing) {
  Peer peer;
  peer.establish();
  peer.says({.flags = "F.", .length = 100});
  peer.ignores_all();
  for (const std::int64_t seq : {50, 200, 5000}) {
    peer.says({.flags = "F.", .seq = seq});
    peer.ignores_all();
    EXPECT_EQ(peer.rcv_nxt(), 101);
    EXPECT_EQ(peer.tcb.state, State::kCloseWait);
  }
  EXPECT_EQ(peer.reads(200), 100U);
  EXPECT_TRUE(peer.connection().at_end());
}

TEST(OddPeer, RepetitionCutElsewhereAndWithOtherBytesLeavesTheStreamAsItWas) {
  Peer peer;
  peer.establish();
  peer.says({.length = 1000});
  peer.says({.seq = 500, .length = 1000, .fill = 'x'});  // half of it is new
  peer.says({.seq = 0, .length = 700, .fill = 'x'});
  EXPECT_EQ(peer.reads(1000), 1000U);  // as it was first said
  std::vector<std::uint8_t> rest(1000);
  ASSERT_EQ(peer.connection().receive(std::span{rest}), 500U);
  rest.resize(500);
  EXPECT_EQ(rest, std::vector<std::uint8_t>(500, 'x'));
  peer.ignores_all();
}

TEST(LongIdle, ConnectionLivesOnAfterFortyNineDays) {
  for (const bool timestamps : {false, true}) {
    Peer peer{{.timestamps = timestamps}};
    peer.establish();
    peer.sends(100);
    peer.ignores_all();
    peer.says({});
    peer.advance(kTickWrapMs + 5);
    peer.says({.length = 200});
    peer.advance(40);
    peer.hears({.ack = 200});
    EXPECT_EQ(peer.reads(200), 200U);
    peer.sends(100);
    peer.hears({.seq = 100, .length = 100});
    peer.advance(200);
    peer.hears({.seq = 100, .length = 100});
    peer.says({});
    peer.hears_nothing();
    EXPECT_EQ(peer.tcb.state, State::kEstablished);
  }
}

TEST(LongIdle, TimersThatRunAcrossTheWrapOfTicksFireInTime) {
  Peer peer{{.settings = {.keepalive_idle = 10s, .keepalive = true}, .start_ms = kTickWrapMs - 5'000}};
  peer.establish();
  peer.advance(9'999);
  peer.hears_nothing();
  peer.advance(1);
  peer.hears({.flags = ".", .seq = -1, .length = 0});
}

}  // namespace
}  // namespace weir::test
