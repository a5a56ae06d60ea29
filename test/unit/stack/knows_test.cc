// What another core asks when a packet of a connection comes to it. Run with -Db_sanitize=thread too.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/raw_peer.h"
#include "support/simulation.h"

namespace weir::testing {
namespace {

// One 4-tuple, opened, closed, and opened again out of its TIME_WAIT.
class Flow {
 public:
  Flow() {
    const stack::ListenOptions options{.address = peer_.host_address(), .port = RawPeer::kHostPort};
    EXPECT_EQ(peer_.host().listen(options, listener_), stack::CallError::kNone);
  }

  const stack::Host& host() { return peer_.host(); }
  FlowKey key() const {
    return {.remote = peer_.peer_address(), .remote_port = kPort, .local_port = RawPeer::kHostPort, .local_address = 0};
  }
  std::uint64_t hash() const { return flow_hash(key(), config_.flow_secret); }

  void begin() {
    last_ = segment(kSyn, SeqNum{0});
    peer_.send(last_);
    SeqNum iss = peer_.take().at(0).segment.seq;
    last_ = segment(kAck, iss + 1);
    seq_ = seq_ + 1;
  }
  void establish() {
    peer_.send(segment(kAck, last_.ack));
    id_ = peer_.host().accept(listener_).value();
  }
  // Ours is the first FIN, so that TIME_WAIT is here.
  void close() {
    peer_.host().close(id_);
    peer_.collect();
    peer_.send(segment(kFin | kAck, last_.ack + 1));
    peer_.take();
    seq_ = seq_ + 100'000;
  }

 private:
  static constexpr std::uint16_t kPort = 4000;

  Segment segment(std::uint8_t flags, SeqNum ack) const {
    return {.source_port = kPort,
            .destination_port = RawPeer::kHostPort,
            .seq = seq_,
            .ack = ack,
            .flags = flags,
            .window = UnscaledWindow{20000}};
  }

  stack::HostConfig config_ = small_host(5);
  RawPeer peer_{config_, Family::kIpv4};
  stack::ListenerId listener_ = stack::kNoListener;
  stack::ConnectionId id_{};
  SeqNum seq_{1000};
  Segment last_{};
};

TEST(Knows, EveryStateOfAFlow) {
  Flow flow;
  EXPECT_FALSE(flow.host().knows(flow.key(), flow.hash()));
  for (int round = 0; round < 2; ++round) {
    flow.begin();
    EXPECT_EQ(flow.host().connections_in(tcp::State::kSynReceived), 1U);
    EXPECT_TRUE(flow.host().knows(flow.key(), flow.hash()));
    flow.establish();
    EXPECT_EQ(flow.host().connections_in(tcp::State::kEstablished), 1U);
    EXPECT_TRUE(flow.host().knows(flow.key(), flow.hash()));
    flow.close();
    EXPECT_EQ(flow.host().connections_in(tcp::State::kTimeWait), 1U);
    EXPECT_TRUE(flow.host().knows(flow.key(), flow.hash()));
  }
}

// A packet that is taken for a stranger's between two states is answered by a reset. Judged is what is asked during no
// more than one step: a round trip lies between two, unless the system takes the processor away in mid-question.
TEST(Knows, AFlowWhileItGoesFromStateToState) {
  constexpr int kSideBySide = 50'000;  // questions during which a step ended: both threads ran at once
  constexpr int kRoundsMax = 1'000'000;
  Flow flow;
  flow.begin();
  std::atomic<int> steps{0}, side_by_side{0};
  std::atomic<bool> is_done{false};
  std::uint64_t judged = 0, unknown = 0;
  std::thread reader{[&] {
    const FlowKey key = flow.key();
    const std::uint64_t hash = flow.hash();
    while (!is_done) {
      const int before = steps;
      const bool known = flow.host().knows(key, hash);
      if (steps != before) {
        ++side_by_side;
      } else {
        ++judged;
        if (!known) ++unknown;
      }
    }
  }};
  for (int round = 0; round < kRoundsMax && side_by_side < kSideBySide && !HasFailure(); ++round) {
    flow.establish();
    ++steps;
    flow.close();
    ++steps;
    flow.begin();
    ++steps;
  }
  is_done = true;
  reader.join();
  EXPECT_EQ(unknown, 0U) << "of " << judged;
  EXPECT_GT(judged, 0U);
}

}  // namespace
}  // namespace weir::testing
