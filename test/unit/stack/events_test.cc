// The event that ends a connection says how it ended (MUST-12). rfc_icmp_test.cc has the ends that ICMP brings.
#include "rfc_behaviour.h"

namespace weir::testing {
namespace {

using tcp::CloseReason;

class Ending : public RfcBehaviour {
 protected:
  // The event with tcp::kClosed, which must be the last.
  CloseReason told() {
    std::optional<stack::Event> last;
    while (const auto event = peer.host().next_event()) last = event;
    EXPECT_TRUE(last && (last->what & tcp::kClosed) != 0);
    return last ? last->reason : CloseReason::kNone;
  }
};

INSTANTIATE_TEST_SUITE_P(Families, Ending, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(Ending, NormalWhereItWasClosedFirst) {
  reach(Reach::kTimeWait);
  EXPECT_EQ(told(), CloseReason::kNormal);
}

TEST_P(Ending, NormalWhereItWasClosedLast) {
  reach(Reach::kLastAck);
  ack += 1;
  says(kAck, kOwnPort);
  EXPECT_EQ(told(), CloseReason::kNormal);
}

TEST_P(Ending, Reset) {
  reach(Reach::kClosed);
  EXPECT_EQ(told(), CloseReason::kReset);
}

TEST_P(Ending, Refused) {
  connecting();
  const auto syn = peer.take().at(0);
  Segment reset = segment(kRst | kAck, kOwnPort);
  reset.ack = syn.segment.seq + 1;
  peer.send(reset);
  EXPECT_EQ(told(), CloseReason::kRefused);
}

TEST_P(Ending, Timeout) {
  const auto id = reach(Reach::kEstablished);
  sends(id, 10);
  peer.advance(1000s);
  EXPECT_EQ(told(), CloseReason::kTimeout);
}

TEST_P(Ending, TimeoutOfTheHandshake) {
  reach(Reach::kSynSent);
  peer.advance(200s);
  EXPECT_EQ(told(), CloseReason::kTimeout);
}

TEST_P(Ending, KeepAlive) {
  const auto id = reach(Reach::kEstablished);
  ASSERT_EQ(peer.host().set_options(id, {.keep_alive = true, .keep_alive_idle = 1s, .keep_alive_interval = 1s}),
            CallError::kNone);
  peer.advance(20s);
  EXPECT_EQ(told(), CloseReason::kKeepAlive);
}

TEST_P(Ending, SoftErrorOfR1HasNoOtherName) {
  const auto id = reach(Reach::kEstablished);
  while (peer.host().next_event()) continue;
  sends(id, 10);
  peer.advance(10s);
  const auto event = peer.host().next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->what, tcp::kSoftError);
  EXPECT_EQ(event->reason, CloseReason::kNone);
}

}  // namespace
}  // namespace weir::testing
