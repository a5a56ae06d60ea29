// close() with a bound on how long the peer may take to acknowledge everything.
#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

TEST(Linger, OfZeroResetsAtOnce) {
  Peer peer{{.settings = {.linger = 0ms}}};
  peer.establish();
  peer.sends(100);
  peer.ignores_all();
  peer.connection().close();
  peer.context().out->flush();
  peer.hears({.flags = "R.", .seq = 100});
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.tcb.reason, CloseReason::kAborted);
}

TEST(Linger, MayBeSaidAtTheClose) {
  Peer peer;
  peer.establish();
  peer.connection().close(0ms);
  peer.context().out->flush();
  peer.hears({.flags = "R.", .seq = 0});
}

TEST(Linger, ResetsWhatIsNotAcknowledgedInTime) {
  Peer peer{{.settings = {.linger = 3000ms}}};
  peer.establish();
  peer.sends(100);
  peer.connection().close();
  peer.context().out->flush();
  peer.says({.ack = 100});  // the text, not the FIN
  peer.advance(2999);
  EXPECT_EQ(peer.tcb.state, State::kFinWait1);
  peer.ignores_all();
  peer.advance(1);
  peer.hears({.flags = "R.", .seq = 101});
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  EXPECT_EQ(peer.counted(Counter::kLingersOver), 1U);
}

TEST(Linger, IsOverWhenAllIsAcknowledged) {
  Peer peer{{.settings = {.linger = 3000ms}}};
  peer.establish();
  peer.sends(100);
  peer.connection().close();
  peer.context().out->flush();
  peer.says({.ack = 101});
  peer.ignores_all();
  EXPECT_EQ(peer.tcb.state, State::kFinWait2);
  EXPECT_FALSE(peer.has_cold());
  peer.advance(10'000);
  EXPECT_EQ(peer.tcb.state, State::kFinWait2);
  peer.says({.flags = "F."});
  EXPECT_EQ(peer.tcb.state, State::kTimeWait);
  peer.ignores_all();
}

TEST(Linger, AsymmetricCloseEndsSilentlyInLastAck) {
  Peer peer{{.settings = {.linger = 500ms}}};
  peer.establish();
  peer.says({.flags = "F."});
  peer.connection().close();
  peer.context().out->flush();
  EXPECT_EQ(peer.tcb.state, State::kLastAck);
  peer.advance(500);
  EXPECT_EQ(peer.tcb.state, State::kClosed);
  peer.ignores_all();
}

TEST(Linger, IsWithoutBoundByDefault) {
  Peer peer;
  peer.establish();
  peer.sends(100);
  peer.connection().close();
  peer.advance(100'000);
  EXPECT_EQ(peer.tcb.state, State::kFinWait1);
  peer.ignores_all();
}

}  // namespace
}  // namespace weir::test
