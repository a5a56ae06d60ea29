#include <gtest/gtest.h>

#include "chains.h"
#include "support/eal.h"

namespace weir {
namespace {

using test::bytes_of;
using test::chain;
using test::counting;

class PacketTest : public ::testing::Test {
 protected:
  test::TestPool pool;
};

// A chain's own bookkeeping, as a driver would read it.
void expect_consistent(const Packet& packet) {
  std::uint32_t length = 0;
  unsigned segments = 0;
  for (const rte_mbuf* at = packet.get(); at != nullptr; at = at->next) length += at->data_len, ++segments;
  EXPECT_EQ(packet.get()->pkt_len, length);
  EXPECT_EQ(packet.get()->nb_segs, segments);
}

TEST_F(PacketTest, IsFreedWhenItsHandleGoes) {
  {
    const Packet packet = pool->allocate();
    EXPECT_EQ(pool->available(), pool->capacity() - 1);
  }
  EXPECT_EQ(pool->available(), pool->capacity());
}

TEST_F(PacketTest, MovesWithoutBeingFreed) {
  Packet first = pool->copy(counting(10));
  Packet second = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(bytes_of(second), counting(10));
  second = pool->copy(counting(5));
  EXPECT_EQ(pool->available(), pool->capacity() - 1);
}

TEST_F(PacketTest, TrimsAtEveryOffsetOfEveryChain) {
  const auto whole = counting(40);
  const std::vector<std::vector<std::size_t>> shapes{{40},    {1, 39}, {20, 20}, {10, 0, 10, 20},
                                                     {0, 40}, {39, 1}, {40, 0}};
  for (const auto& shape : shapes) {
    for (std::uint32_t n = 0; n <= 40; ++n) {
      Packet front = chain(*pool, whole, shape);
      front.trim_front(n);
      EXPECT_EQ(bytes_of(front), test::Bytes(whole.begin() + n, whole.end()));
      expect_consistent(front);
      Packet back = chain(*pool, whole, shape);
      back.trim_back(n);
      EXPECT_EQ(bytes_of(back), test::Bytes(whole.begin(), whole.end() - n));
      expect_consistent(back);
    }
  }
}

TEST_F(PacketTest, FreesSegmentsThatTrimmingEmpties) {
  Packet packet = chain(*pool, counting(30), {10, 10, 10});
  packet.trim_front(10);
  EXPECT_EQ(pool->available(), pool->capacity() - 2);
  packet.trim_back(10);
  EXPECT_EQ(pool->available(), pool->capacity() - 1);
  packet.trim_back(10);
  EXPECT_EQ(packet.length(), 0U);
  EXPECT_EQ(pool->available(), pool->capacity() - 1);
}

TEST_F(PacketTest, KeepsItsMetaWhenTheFirstSegmentIsTrimmedAway) {
  Packet packet = chain(*pool, counting(20), {10, 10});
  packet.meta() = PacketMeta{.seq = SeqNum{7}, .flags = 3};
  packet.trim_front(15);
  EXPECT_EQ(packet.meta().seq, SeqNum{7});
  EXPECT_EQ(packet.meta().flags, 3);
}

TEST_F(PacketTest, GrowsWithinItsRoomOnly) {
  Packet packet = pool->copy(counting(4));
  EXPECT_NE(packet.prepend(RTE_PKTMBUF_HEADROOM), nullptr);
  EXPECT_EQ(packet.prepend(1), nullptr);
  EXPECT_NE(packet.append(PacketPool::kDataRoom - 4), nullptr);
  EXPECT_EQ(packet.append(1), nullptr);
}

TEST_F(PacketTest, CarriesAnotherPacketBehindItsOwnBytes) {
  Packet payload = chain(*pool, counting(20), {5, 15});
  Packet packet = pool->copy(counting(3, 100));
  packet.append_chain(std::move(payload));
  expect_consistent(packet);
  EXPECT_EQ(packet.length(), 23U);
  packet.trim_front(3);
  EXPECT_EQ(bytes_of(packet), counting(20));
}

}  // namespace
}  // namespace weir
