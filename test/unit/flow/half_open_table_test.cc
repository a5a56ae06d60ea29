#include <weir/flow/half_open_table.h>

#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "keys.h"
#include "support/seed.h"

namespace weir {
namespace {

HalfOpen record(std::uint32_t number) {
  const FlowKey key = test::key(number);
  HalfOpen record{};
  record.remote = key.remote;
  record.remote_port = key.remote_port;
  record.local_port = key.local_port;
  record.local_address = key.local_address;
  record.irs = SeqNum{number};
  return record;
}

std::uint32_t insert(HalfOpenTable& table, std::uint32_t number) {
  return table.insert(record(number), test::hash(test::key(number)));
}
std::uint32_t find(const HalfOpenTable& table, std::uint32_t number) {
  return table.find(test::key(number), test::hash(test::key(number)));
}

TEST(HalfOpenTable, FindsARecordByItsTupleUntilErased) {
  HalfOpenTable table{8, test::kSecret, Tick{0}};
  const std::uint32_t v4 = insert(table, 0), v6 = insert(table, 1);
  EXPECT_EQ(find(table, 0), v4);
  EXPECT_EQ(find(table, 1), v6);
  EXPECT_EQ(table[v6].irs, SeqNum{1});
  EXPECT_EQ(find(table, 2), kNoIndex);
  table.erase(v4);
  EXPECT_EQ(find(table, 0), kNoIndex);
  EXPECT_EQ(find(table, 1), v6);
}

TEST(HalfOpenTable, RefusesBeyondItsCapacity) {
  HalfOpenTable table{8, test::kSecret, Tick{0}};
  for (std::uint32_t i = 0; i < 8; ++i) EXPECT_NE(insert(table, i), kNoIndex);
  EXPECT_EQ(insert(table, 8), kNoIndex);
  EXPECT_EQ(table.size(), 8U);
  EXPECT_EQ(table.capacity(), 8U);
}

TEST(HalfOpenTable, TellsWhichRecordIsDue) {
  HalfOpenTable table{8, test::kSecret, Tick{0}};
  const std::uint32_t one = insert(table, 1), other = insert(table, 2);
  table.arm(one, Tick{1000});
  table.arm(other, Tick{500});
  std::vector<std::uint32_t> due;
  const auto note = [&](std::uint32_t index) { due.push_back(index); };
  table.advance(Tick{499}, 10, note);
  EXPECT_TRUE(due.empty());
  table.advance(Tick{500}, 10, note);
  EXPECT_EQ(due, std::vector{other});
  EXPECT_FALSE(table.next_expiry(Tick{}).after(Tick{1000}));
}

TEST(HalfOpenTable, ForgetsTheTimerOfAnErasedRecord) {
  HalfOpenTable table{1, test::kSecret, Tick{0}};
  const std::uint32_t index = insert(table, 1);
  table.arm(index, Tick{10});
  HalfOpen copy = table[index];  // with links that mean nothing elsewhere
  table.erase(index);
  EXPECT_EQ(table.next_expiry(Tick{99}), Tick{99});
  EXPECT_EQ(table.insert(copy, test::hash(copy.key())), index);
  EXPECT_FALSE(table[index].timer.is_armed());
}

TEST(HalfOpenTable, ListsAllRecords) {
  HalfOpenTable table{100, test::kSecret, Tick{0}};
  for (std::uint32_t i = 0; i < 100; ++i) ASSERT_NE(insert(table, i), kNoIndex);
  std::set<std::uint32_t> seen;
  table.for_each([&](const HalfOpen& record) { seen.insert(record.irs.value()); });
  EXPECT_EQ(seen.size(), 100U);
}

// Opens and closes at random, then closes all but `leaked`; returns how many records are still held.
std::uint32_t held_after_random_use(std::uint64_t seed, std::uint32_t leaked) {
  Random random{seed};
  HalfOpenTable table{500, test::kSecret, Tick{0}};
  for (std::uint32_t now = 0; now < 20'000; ++now) {
    const std::uint32_t number = random.below(800), index = find(table, number);
    if (index != kNoIndex) {
      table.erase(index);
    } else if (const std::uint32_t fresh = insert(table, number); fresh != kNoIndex) {
      table.arm(fresh, Tick{now + 1 + random.below(3000)});
    }
    table.advance(Tick{now}, 100, [&](std::uint32_t due) { table.erase(due); });
  }
  for (std::uint32_t number = 0; number < 800; ++number) {
    const std::uint32_t index = find(table, number);
    if (index != kNoIndex && table.size() > leaked) table.erase(index);
  }
  return table.size();
}

TEST(HalfOpenTable, IsEmptyAgainAfterRandomUse) {
  WEIR_SEEDED(seed);
  EXPECT_EQ(held_after_random_use(seed, 0), 0U);
}

TEST(HalfOpenTable, IsNotEmptyAgainWhenOneRecordLeaks) {
  WEIR_SEEDED(seed);
  EXPECT_NE(held_after_random_use(seed, 1), 0U);
}

}  // namespace
}  // namespace weir
