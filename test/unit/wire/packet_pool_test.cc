#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <weir/base/region.h>

#include "chains.h"
#include "support/eal.h"

namespace weir {
namespace {

using test::bytes_of;
using test::counting;

TEST(PacketPool, GivesEmptyPacketsWithFullHeadroom) {
  test::TestPool pool;
  const Packet packet = pool->allocate();
  EXPECT_EQ(packet.length(), 0U);
  EXPECT_EQ(rte_pktmbuf_headroom(packet.get()), RTE_PKTMBUF_HEADROOM);
  EXPECT_EQ(rte_pktmbuf_tailroom(packet.get()), PacketPool::kDataRoom);
  EXPECT_TRUE(packet.is_writable());
}

TEST(PacketPool, GivesNothingWhenExhaustedAndRecovers) {
  test::TestPool pool{7};
  std::vector<Packet> held;
  for (int i = 0; i < 7; ++i) held.push_back(pool->allocate());
  for (const Packet& packet : held) EXPECT_TRUE(packet);
  EXPECT_FALSE(pool->allocate());
  EXPECT_FALSE(pool->copy(counting(1)));
  EXPECT_FALSE(pool->reference(held[0].get(), 0, 0));
  held.pop_back();
  EXPECT_TRUE(pool->allocate());
}

TEST(PacketPool, GivesABulkWholeOrNotAtAll) {
  test::TestPool pool{7};
  std::array<rte_mbuf*, 8> packets{};
  EXPECT_FALSE(pool->allocate(packets));
  EXPECT_EQ(pool->available(), 7U);
  ASSERT_TRUE(pool->allocate(std::span{packets}.first(7)));
  EXPECT_EQ(pool->available(), 0U);
  PacketPool::free(std::span{packets}.first(7));
}

TEST(PacketPool, ReferencesBytesWithoutCopying) {
  test::TestPool pool;
  Packet whole = pool->copy(counting(100));
  const Packet part = pool->reference(whole.get(), 10, 20);
  EXPECT_EQ(bytes_of(part), counting(20, 10));
  EXPECT_EQ(part.data().data(), whole.data().data() + 10);
  EXPECT_FALSE(part.is_writable());
  EXPECT_FALSE(whole.is_writable());
}

TEST(PacketPool, ReferenceOutlivesTheOriginal) {
  test::TestPool pool;
  Packet whole = pool->copy(counting(100));
  Packet part = pool->reference(whole.get(), 90, 10);
  whole.reset();
  EXPECT_EQ(bytes_of(part), counting(10, 90));
  EXPECT_EQ(pool->available(), pool->capacity() - 2);
  part.reset();
  EXPECT_EQ(pool->available(), pool->capacity());
}

TEST(PacketPool, ReferencesAReference) {
  test::TestPool pool;
  Packet whole = pool->copy(counting(100));
  Packet part = pool->reference(whole.get(), 10, 50);
  const Packet piece = pool->reference(part.get(), 5, 5);
  whole.reset();
  part.reset();
  EXPECT_EQ(bytes_of(piece), counting(5, 15));
}

TEST(PacketPool, ReferenceStartsWithoutOffloadRequests) {
  test::TestPool pool;
  Packet whole = pool->copy(counting(100));
  whole.get()->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_IPV4;
  whole.get()->l4_len = 20;
  const Packet part = pool->reference(whole.get(), 0, 100);
  EXPECT_EQ(part.get()->ol_flags, std::uint64_t{RTE_MBUF_F_INDIRECT});
  EXPECT_EQ(part.get()->tx_offload, 0U);
}

TEST(PacketPool, SaysWhatToTypeWhenMemoryIsShort) {
  try {
    PacketPool pool{"huge", 10'000'000};
    FAIL() << "24 GB were found in 256 MB";
  } catch (const OutOfMemory& error) {
    EXPECT_NE(std::string{error.what()}.find("vm.nr_hugepages="), std::string::npos) << error.what();
  }
}

TEST(PacketPool, NamesTheReasonWhenItIsNotMemory) {
  const PacketPool first{"twice", 7};
  EXPECT_THROW((PacketPool{"twice", 7}), std::runtime_error);
}

// The twin of every test that ends with its pool full: one packet kept back must be noticed.
TEST(PacketPool, NoticesOnePacketNotGivenBack) {
  PacketPool pool{"leaky", 7};
  Packet kept = pool.allocate();
  EXPECT_NONFATAL_FAILURE(test::expect_all_back(pool, "leaky"), "leaky: 1 packets were not given back");
  kept.reset();
  test::expect_all_back(pool, "leaky");
}

}  // namespace
}  // namespace weir
