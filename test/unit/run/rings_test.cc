#include <weir/run/rings.h>

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/eal.h"

namespace weir::run {
namespace {

TEST(Rings, KeepTheOrderOfAPairAndKeepPairsApart) {
  test::TestPool pool;
  Rings rings(3);
  rte_mbuf* in[] = {pool->allocate().release(), pool->allocate().release(), pool->allocate().release()};
  EXPECT_EQ(rings.put(0, 1, std::span{in}.first(2)), 2U);
  EXPECT_EQ(rings.put(0, 2, std::span{in}.last(1)), 1U);
  rte_mbuf* out[4];
  EXPECT_EQ(rings.take(1, 0, out), 0U);
  ASSERT_EQ(rings.take(0, 1, out), 2U);
  EXPECT_EQ(out[0], in[0]);
  EXPECT_EQ(out[1], in[1]);
  ASSERT_EQ(rings.take(0, 2, out), 1U);
  EXPECT_EQ(out[0], in[2]);
  rte_pktmbuf_free_bulk(in, 3);
}

TEST(Rings, FreeWhatNobodyTook) {
  test::TestPool pool;
  Rings rings(2);
  rte_mbuf* packet[] = {pool->allocate().release()};
  rte_mbuf* frame[] = {pool->allocate().release()};
  EXPECT_EQ(rings.put(0, 1, packet), 1U);
  EXPECT_EQ(rings.put_neighbour_frames(1, 0, frame), 1U);
}

TEST(Rings, TakeNoMoreThanTheirBound) {
  test::TestPool pool{8191};
  Rings rings(2);
  std::vector<rte_mbuf*> packets(Rings::kPacketsMax + 7);
  for (auto& packet : packets) packet = pool->allocate().release();
  EXPECT_EQ(rings.put(0, 1, packets), Rings::kPacketsMax);
  rte_pktmbuf_free_bulk(packets.data() + Rings::kPacketsMax, 7);
}

TEST(Rings, CarryPacketsBetweenTwoThreads) {
  test::TestPool pool;
  Rings rings(2);
  constexpr std::size_t kPackets = 512;
  std::vector<rte_mbuf*> packets(kPackets);
  for (auto& packet : packets) packet = pool->allocate().release();
  std::thread sender([&] {
    for (std::size_t sent = 0; sent < kPackets;)
      sent += rings.put(0, 1, std::span{packets}.subspan(sent, std::min<std::size_t>(7, kPackets - sent)));
  });
  std::vector<rte_mbuf*> arrived;
  rte_mbuf* out[32];
  while (arrived.size() < kPackets)
    for (std::size_t i = 0, count = rings.take(0, 1, out); i < count; ++i) arrived.push_back(out[i]);
  sender.join();
  EXPECT_EQ(arrived, packets);
  rte_pktmbuf_free_bulk(arrived.data(), kPackets);
}

}  // namespace
}  // namespace weir::run
