// Random segments, calls and times, from printed seeds: no state is left inconsistent, no byte goes astray, every
// packet comes back.
#include <algorithm>

#include "support/tcp_fixture.h"

namespace weir::test {
namespace {

// What must hold of the send queue after every step.
void expect_consistent(Peer& peer) {
  if (!peer.has_cold()) return;
  const tcp::Cold& cold = peer.cold();
  std::uint32_t bytes = 0, sacked = 0, lost = 0;
  bool is_unsent = false;
  for (rte_mbuf* at = cold.send.head(); at != nullptr; at = PacketQueue::next(at)) {
    const PacketMeta& meta = PacketQueue::meta(at);
    if (at == cold.unsent) {
      is_unsent = true;
      EXPECT_EQ(meta.seq, peer.tcb.snd_nxt);
    }
    bytes += at->data_len;
    if ((meta.flags & tcp::kPacketSacked) != 0) sacked += at->data_len;
    if ((meta.flags & tcp::kPacketLost) != 0) lost += at->data_len;
    EXPECT_FALSE(is_unsent && (meta.flags & (tcp::kPacketSacked | tcp::kPacketLost)) != 0);
  }
  EXPECT_EQ(is_unsent, cold.unsent != nullptr);
  EXPECT_EQ(bytes, cold.send.bytes());
  EXPECT_EQ(lost, cold.lost_bytes);
  EXPECT_EQ(sacked, peer.tcb.has(tcp::kSackOk) ? cold.sacked_bytes : 0U);
}

class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : random_(seed), peer_(options()) {}

  void run(unsigned steps) {
    peer_.establish();
    for (unsigned i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      act();
      peer_.ignores_all();
      expect_consistent(peer_);
    }
  }

 private:
  PeerOptions options() {
    PeerOptions wanted;
    wanted.settings.send_buffer = 60'000;
    wanted.settings.receive_buffer = 40'000;
    wanted.mss = static_cast<std::uint16_t>(random_.chance(30) ? 100 + random_.below(400) : 1460);
    wanted.sack = random_.chance(60);
    wanted.timestamps = random_.chance(50);
    wanted.isn = SeqNum{0xffff'ffffU - random_.below(30'000)};
    return wanted;
  }

  void act() {
    switch (random_.below(8)) {
      case 0:
        peer_.sends(random_.below(5000));
        return;
      case 1:
        static_cast<void>(peer_.sends_packet(1 + random_.below(1800)));
        return;
      case 2:
        peer_.reads(random_.below(6000));
        return;
      case 3:
        peer_.advance(random_.below(300));
        return;
      case 4:
        if (random_.chance(20)) peer_.connection().on_path_mtu(static_cast<std::uint16_t>(500 + random_.below(1000)));
        return;
      default:
        peer_.says(random_segment());
    }
  }

  Say random_segment() {
    Say say;
    say.seq = std::max<std::int64_t>(0, peer_.rcv_nxt() + static_cast<std::int64_t>(random_.below(6000)) - 2000);
    if (random_.chance(40)) say.seq = peer_.rcv_nxt();
    say.length = random_.chance(60) ? random_.below(1460) : 0;
    const auto in_flight = static_cast<std::uint32_t>(peer_.snd_nxt() - peer_.snd_una());
    say.ack = peer_.snd_una() + (random_.chance(50) ? random_.below(in_flight + 1) : 0);
    say.window = static_cast<std::uint16_t>(random_.chance(15) ? random_.below(3000) : 20'000 + random_.below(40'000));
    if (random_.chance(10)) say.window = 0;
    for (unsigned i = random_.below(4); peer_.options.sack && i > 0; --i) {
      const std::int64_t left = peer_.snd_una() + random_.below(in_flight + 1500) - 500;
      say.sack.push_back({left, left + random_.below(4000)});
    }
    return say;
  }

  Random random_;
  Peer peer_;
};

TEST(Random, SegmentsAndCallsKeepTheConnectionConsistent) {
  for (std::uint64_t seed = 1; seed <= 150 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chaos{seed}.run(400);
  }
}

TEST(Random, AnyCutAndOrderGivesTheSameStream) {
  for (std::uint64_t seed = 1; seed <= 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random{seed};
    Peer peer{{.isn = SeqNum{0xffff'ffffU - random.below(20'000)}, .sack = true}};
    peer.establish();
    constexpr std::uint32_t kTotal = 20'000;
    for (unsigned i = 0; i < 5000 && peer.rcv_nxt() < kTotal; ++i) {
      const std::uint32_t seq = std::max(1000U, random.below(kTotal + 1000)) - 1000;
      peer.says({.seq = seq, .length = std::min(1 + random.below(3000), kTotal - seq)});
      peer.ignores_all();
    }
    EXPECT_EQ(peer.rcv_nxt(), kTotal);
    EXPECT_EQ(peer.reads(2 * kTotal), kTotal);
    peer.ignores_all();
  }
}

TEST(LongLife, LossIsStillRepairedAfterTwoToTheThirtyOneBytes) {
  Peer peer;
  peer.establish();
  peer.sends(14'600);
  peer.ignores_all();
  peer.says({.ack = 1460});
  peer.ignores_all();
  EXPECT_EQ(peer.cold().recover, peer.tcb.snd_una - 1);  // moves along
}

}  // namespace
}  // namespace weir::test
