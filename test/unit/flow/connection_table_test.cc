#include <weir/flow/connection_table.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <vector>

#include <gtest/gtest.h>

#include "keys.h"
#include "support/seed.h"

namespace weir {
namespace {

constexpr auto kAny = [](std::uint32_t) { return true; };

TEST(ConnectionTable, FindsWhatWasInsertedUntilItIsErased) {
  ConnectionTable table{100};
  EXPECT_EQ(table.find(test::hash(test::key(1)), kAny), kNoIndex);
  ASSERT_TRUE(table.insert(test::hash(test::key(1)), 42));
  EXPECT_EQ(table.find(test::hash(test::key(1)), kAny), 42U);
  EXPECT_EQ(table.guess(test::hash(test::key(1))), 42U);
  EXPECT_EQ(table.size(), 1U);
  table.erase(test::hash(test::key(1)), 42);
  EXPECT_EQ(table.find(test::hash(test::key(1)), kAny), kNoIndex);
  EXPECT_EQ(table.size(), 0U);
}

TEST(ConnectionTable, LeavesTheComparisonOfKeysToTheCaller) {
  ConnectionTable table{100};
  const std::uint64_t same = 0xabcd'0000'1234'5678;
  for (std::uint32_t i = 0; i < 5; ++i) ASSERT_TRUE(table.insert(same, i));
  for (std::uint32_t i = 0; i < 5; ++i) {
    EXPECT_EQ(table.find(same, [&](std::uint32_t index) { return index == i; }), i);
  }
  EXPECT_EQ(table.find(same, [](std::uint32_t) { return false; }), kNoIndex);
  table.erase(same, 3);
  EXPECT_EQ(table.find(same, [](std::uint32_t index) { return index == 3; }), kNoIndex);
}

TEST(ConnectionTable, RefusesTheTwentyFirstEntryOfOneHashAndForgetsNone) {
  ConnectionTable table{1000};
  const std::uint64_t same = 0x1111'2222'3333'4444;
  for (std::uint32_t i = 0; i < 20; ++i) ASSERT_TRUE(table.insert(same, i)) << i;
  EXPECT_FALSE(table.insert(same, 20));
  for (std::uint32_t i = 0; i < 20; ++i) {
    EXPECT_EQ(table.find(same, [&](std::uint32_t index) { return index == i; }), i);
    table.erase(same, i);
  }
  EXPECT_EQ(table.size(), 0U);
  EXPECT_TRUE(table.insert(same, 20));
}

TEST(ConnectionTable, TakesATagOfZeroAsAnyOther) {
  ConnectionTable table{10};
  const std::uint64_t zero_tag = 0x0000'1234'5678'9abc;
  ASSERT_TRUE(table.insert(zero_tag, 5));
  EXPECT_EQ(table.find(zero_tag, kAny), 5U);
  table.erase(zero_tag, 5);
  EXPECT_EQ(table.find(zero_tag, kAny), kNoIndex);
}

TEST(ConnectionTable, HoldsAsManyAsItPromisesThroughLongChurn) {
  WEIR_SEEDED(seed);
  Random random{seed};
  for (std::uint32_t capacity : {1U, 20U, 1000U, 100'000U}) {
    ConnectionTable table{capacity};
    std::vector<std::uint64_t> hashes(capacity);
    for (std::uint32_t i = 0; i < capacity; ++i) ASSERT_TRUE(table.insert(hashes[i] = random.next(), i)) << capacity;
    for (int i = 0; i < 200'000; ++i) {
      const std::uint32_t index = random.below(capacity);
      table.erase(hashes[index], index);
      ASSERT_TRUE(table.insert(hashes[index] = random.next(), index)) << capacity;
    }
  }
}

TEST(ConnectionTable, BehavesAsAMap) {
  WEIR_SEEDED(seed);
  Random random{seed};
  constexpr std::uint32_t kKeys = 3000;
  ConnectionTable table{2000};
  std::unordered_map<std::uint32_t, std::uint32_t> model;  // key number -> index
  const auto hash_of = [](std::uint32_t number) { return test::hash(test::key(number)); };
  for (int i = 0; i < 200'000; ++i) {
    const std::uint32_t number = random.below(kKeys);
    // The number lies in the index, as a connection holds its key.
    const auto is_same = [&](std::uint32_t index) { return index % kKeys == number; };
    const auto known = model.find(number);
    ASSERT_EQ(table.find(hash_of(number), is_same), known == model.end() ? kNoIndex : known->second);
    if (known != model.end()) {
      table.erase(hash_of(number), known->second);
      model.erase(known);
    } else if (model.size() < 2000) {
      const std::uint32_t index = number + kKeys * random.below(1000);
      ASSERT_TRUE(table.insert(hash_of(number), index));
      model.emplace(number, index);
    }
    ASSERT_EQ(table.size(), model.size());
  }
}

TEST(ConnectionTable, VisitsEachEntryOnce) {
  ConnectionTable table{5000};
  for (std::uint32_t i = 0; i < 5000; ++i) ASSERT_TRUE(table.insert(test::hash(test::key(i)), i));
  std::multiset<std::uint32_t> seen;
  for (std::uint32_t i = 0; i < table.buckets(); ++i) {
    EXPECT_TRUE(table.visit_bucket(i, [&](std::uint32_t index) { seen.insert(index); }));
  }
  EXPECT_EQ(seen.size(), 5000U);
  for (std::uint32_t i = 0; i < 5000; ++i) EXPECT_EQ(seen.count(i), 1U);
}

TEST(ConnectionTable, ForecastsItsMemory) {
  EXPECT_EQ(ConnectionTable::bytes_for(10'000'000), (10'000'000ULL / 5 + 2) * 64);
}

}  // namespace
}  // namespace weir
