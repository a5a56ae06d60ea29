#include <gtest/gtest.h>

#include "chains.h"
#include "support/eal.h"

namespace weir {
namespace {

using test::Bytes;
using test::bytes_of;
using test::chain;
using test::counting;

class PacketQueueTest : public ::testing::Test {
 protected:
  Packet packet_at(SeqNum seq, const Bytes& bytes) {
    Packet packet = pool->copy(bytes);
    packet.meta() = PacketMeta{.seq = seq};
    return packet;
  }
  // What the queue holds, from its head, checked against its counters.
  Bytes content() {
    Bytes all;
    std::uint32_t count = 0;
    rte_mbuf* last = nullptr;
    for (rte_mbuf* at = queue.head(); at != nullptr; at = PacketQueue::next(at)) {
      const auto* bytes = rte_pktmbuf_mtod(at, const std::uint8_t*);
      all.insert(all.end(), bytes, bytes + at->data_len);
      last = at;
      ++count;
    }
    EXPECT_EQ(queue.bytes(), all.size());
    EXPECT_EQ(queue.count(), count);
    EXPECT_EQ(queue.tail(), last);
    return all;
  }

  test::TestPool pool;
  PacketQueue queue;
};

TEST_F(PacketQueueTest, GivesPacketsInTheOrderOfTheirArrival) {
  for (std::uint8_t i = 0; i < 3; ++i) queue.push_back(pool->copy(counting(1, i)));
  EXPECT_EQ(content(), counting(3));
  for (std::uint8_t i = 0; i < 3; ++i) EXPECT_EQ(bytes_of(queue.pop_front()), counting(1, i));
  EXPECT_TRUE(queue.is_empty());
  EXPECT_FALSE(queue.pop_front());
  EXPECT_TRUE(content().empty());
}

TEST_F(PacketQueueTest, TakesChainsApartNumberingTheirPieces) {
  Packet packet = chain(*pool, counting(30), {0, 10, 0, 15, 5, 0});
  packet.meta() = PacketMeta{.seq = SeqNum{0xffff'fff6}, .flags = 9};
  queue.push_back(std::move(packet));
  EXPECT_EQ(content(), counting(30));
  ASSERT_EQ(queue.count(), 3U);
  const Packet first = queue.pop_front();
  EXPECT_FALSE(first.is_chain());
  EXPECT_EQ(first.meta().seq, SeqNum{0xffff'fff6});
  const Packet second = queue.pop_front();
  EXPECT_EQ(second.meta().seq, SeqNum{0});
  EXPECT_EQ(second.meta().flags, 9);
  EXPECT_EQ(queue.pop_front().meta().seq, SeqNum{15});
}

TEST_F(PacketQueueTest, DropsEmptyPackets) {
  queue.push_back(pool->allocate());
  EXPECT_TRUE(queue.is_empty());
  EXPECT_EQ(pool->available(), pool->capacity());
}

TEST_F(PacketQueueTest, InsertsAtFrontMiddleAndEnd) {
  queue.insert_after(nullptr, pool->copy(counting(1, 1)));
  queue.insert_after(queue.tail(), pool->copy(counting(1, 3)));
  queue.insert_after(queue.head(), pool->copy(counting(1, 2)));
  queue.insert_after(nullptr, pool->copy(counting(1, 0)));
  EXPECT_EQ(content(), counting(4));
}

TEST_F(PacketQueueTest, RemovesFromFrontMiddleAndEnd) {
  for (std::uint8_t i = 0; i < 4; ++i) queue.push_back(pool->copy(counting(1, i)));
  rte_mbuf* second = PacketQueue::next(queue.head());
  EXPECT_EQ(bytes_of(queue.remove_after(second)), counting(1, 2));
  EXPECT_EQ(bytes_of(queue.remove_after(second)), counting(1, 3));
  EXPECT_EQ(bytes_of(queue.remove_after(nullptr)), counting(1, 0));
  EXPECT_EQ(content(), counting(1, 1));
  EXPECT_FALSE(queue.remove_after(queue.tail()));
}

TEST_F(PacketQueueTest, ConsumesBytesAcrossPacketsAndTheSequenceWrap) {
  const auto whole = counting(30);
  for (std::uint32_t n = 0; n <= 30; ++n) {
    SeqNum seq{0xffff'fff0};
    for (std::uint8_t at = 0; at < 30; at = static_cast<std::uint8_t>(at + 10)) {
      queue.push_back(packet_at(seq + at, counting(10, at)));
    }
    queue.consume(n);
    EXPECT_EQ(content(), Bytes(whole.begin() + n, whole.end()));
    if (!queue.is_empty()) {
      EXPECT_EQ(PacketQueue::meta(queue.head()).seq, seq + n);
    }
    queue.clear();
  }
}

TEST_F(PacketQueueTest, CountsBytesAddedAndCutInPlace) {
  queue.push_back(pool->copy(counting(10)));
  rte_pktmbuf_append(queue.tail(), 5);
  queue.grew(5);
  EXPECT_EQ(queue.bytes(), 15U);
  rte_pktmbuf_trim(queue.head(), 3);
  queue.shrank(3);
  EXPECT_EQ(content().size(), 12U);
}

}  // namespace
}  // namespace weir
