#include <weir/base/index_pool.h>

#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "support/seed.h"

namespace weir {
namespace {

struct Thing {
  std::uint64_t value = 7;
};

TEST(IndexPool, HandsOutEachIndexOnceAndThenNone) {
  IndexPool<Thing> pool{100};
  std::set<std::uint32_t> taken;
  for (int i = 0; i < 100; ++i) taken.insert(pool.allocate());
  EXPECT_EQ(taken.size(), 100U);
  EXPECT_EQ(*taken.rbegin(), 99U);
  EXPECT_EQ(pool.allocate(), kNoIndex);
  EXPECT_EQ(pool.available(), 0U);
}

TEST(IndexPool, InitialisesAReusedSlotAgain) {
  IndexPool<Thing> pool{1};
  const std::uint32_t index = pool.allocate();
  pool[index].value = 99;
  pool.free(index);
  EXPECT_EQ(pool[pool.allocate()].value, 7U);
  pool.free(index);
  EXPECT_EQ(pool[pool.allocate(Thing{5})].value, 5U);
}

// Takes and returns at random, returns all but `leaked`, and tells whether the pool is full again.
bool is_full_after_random_use(std::uint64_t seed, std::size_t leaked) {
  Random random{seed};
  IndexPool<Thing> pool{64};
  std::vector<std::uint32_t> held;
  for (int i = 0; i < 10'000; ++i) {
    if (random.chance(50)) {
      const std::uint32_t index = pool.allocate();
      EXPECT_EQ(index == kNoIndex, held.size() == 64);
      if (index != kNoIndex) held.push_back(index);
    } else if (held.size() > leaked) {
      std::swap(held[random.below(static_cast<std::uint32_t>(held.size()))], held.back());
      pool.free(held.back());
      held.pop_back();
    }
    EXPECT_EQ(pool.in_use(), held.size());
  }
  for (; held.size() > leaked; held.pop_back()) pool.free(held.back());
  return pool.available() == pool.capacity();
}

TEST(IndexPool, IsFullAgainAfterRandomUse) {
  WEIR_SEEDED(seed);
  EXPECT_TRUE(is_full_after_random_use(seed, 0));
}

TEST(IndexPool, IsNotFullAgainWhenOneObjectLeaks) {
  WEIR_SEEDED(seed);
  EXPECT_FALSE(is_full_after_random_use(seed, 1));
}

TEST(IndexPool, CountsItsFreeListIntoTheForecast) {
  EXPECT_EQ(IndexPool<Thing>::bytes_each(), 12U);
}

}  // namespace
}  // namespace weir
