#include <gtest/gtest.h>

#include <weir/base/pace.h>
#include <weir/flow/source_table.h>

namespace weir {
namespace {

constexpr Instant kNow{1000s};

SourceKey key(std::uint32_t number, std::uint16_t group = 0, std::uint8_t length = 32) {
  return {.prefix = IpAddress::v4(be32{number}), .group = group, .length = length};
}

class SourceTableTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kCapacity = 1500;
  SourceTable table{kCapacity, SipKey{1, 2}};

  // Whether it found room.
  bool opens(std::uint32_t number) {
    const std::uint32_t index = table.find_or_make(key(number), kNow);
    if (index != kNoIndex) table.open_one(index);
    return index != kNoIndex;
  }
};

TEST_F(SourceTableTest, TellsSourcesGroupsAndLengthsApart) {
  const std::uint32_t first = table.find_or_make(key(1), kNow);
  table.open_one(first);
  for (const SourceKey& other : {key(2), key(1, 1), key(1, 0, 24)}) {
    EXPECT_EQ(table.find(other), kNoIndex);
    EXPECT_NE(table.find_or_make(other, kNow), first);
  }
  EXPECT_EQ(table.find(key(1)), first);
  EXPECT_EQ(table.find_or_make(key(1), kNow), first);
  EXPECT_EQ(table[first].open, 1U);
}

TEST(SourceTable, TellsThoseOfOneBucketApart) {
  SourceTable table{1, SipKey{1, 2}};
  table.open_one(table.find_or_make(key(1), kNow));
  for (const SourceKey& other : {key(2), key(1, 1), key(1, 2), key(1, 3), key(1, 0, 24), key(1, 0, 16)})
    EXPECT_EQ(table.find(other), kNoIndex);
}

TEST_F(SourceTableTest, KeepsWhoHasAConnectionAndWhosePaceIsNotAtRest) {
  const std::uint32_t open = table.find_or_make(key(1), kNow);
  table.open_one(open);
  const std::uint32_t hasty = table.find_or_make(key(2), kNow);
  table.book(hasty, kNow + 1s);
  for (std::uint32_t i = 10; i < 5000; ++i) opens(i);
  EXPECT_EQ(table.find(key(1)), open);
  EXPECT_EQ(table.find(key(2)), hasty);
  EXPECT_EQ(table[open].open, 1U);
  EXPECT_EQ(table[hasty].booked, kNow + 1s);
}

TEST_F(SourceTableTest, TakesTheRoomOfThoseAtRest) {
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const std::uint32_t index = table.find_or_make(key(i), kNow + i * 1ms);
    ASSERT_NE(index, kNoIndex);
    EXPECT_EQ(table[index].open, 0U);
    table.open_one(index);
    table.close_one(index);
    table.book(index, kNow + i * 1ms + 100ms);
  }
  EXPECT_EQ(table.in_use(), 0U);
}

TEST_F(SourceTableTest, HasRoomForItsCapacityAndNotForEndlesslyMany) {
  for (std::uint32_t i = 0; i < kCapacity; ++i) EXPECT_TRUE(opens(i)) << i;
  EXPECT_EQ(table.in_use(), kCapacity);
  for (std::uint32_t i = kCapacity; i < 100'000; ++i) opens(i);
  EXPECT_EQ(table.in_use(), table.places());
  EXPECT_FALSE(opens(100'000));
}

TEST_F(SourceTableTest, HasAThirdMorePlacesThanItsCapacity) {
  EXPECT_EQ(SourceTable::bytes_for(3 * 1024), 4096U * 32);
  EXPECT_EQ(SourceTable(3 * 1024, SipKey{}).places(), 4096U);
}

// --- Pace ---

std::uint32_t allowed_in(const Pace& pace, Instant& booked, Instant from, Duration time, Duration between) {
  std::uint32_t allowed = 0;
  for (Instant now = from; now < from + time; now += between) {
    if (!pace.allows(booked, now)) continue;
    booked = pace.after_one_more(booked, now);
    ++allowed;
  }
  return allowed;
}

TEST(Pace, AllowsASecondsWorthAtOnceAndThenItsRate) {
  const Pace pace(10, 1);
  Instant booked{};
  EXPECT_EQ(allowed_in(pace, booked, kNow, 1us, 10ns), 10U);
  EXPECT_FALSE(pace.allows(booked, kNow + 99ms));
  EXPECT_TRUE(pace.allows(booked, kNow + 101ms));
  EXPECT_EQ(allowed_in(pace, booked, kNow + 1us, 10s + 1ms, 1ms), 100U);
}

TEST(Pace, RestsBackToASecondsWorthAndNoMore) {
  const Pace pace(10, 1);
  Instant booked{};
  allowed_in(pace, booked, kNow, 5s, 1ms);
  EXPECT_EQ(allowed_in(pace, booked, kNow + 100s, 1us, 10ns), 10U);
}

TEST(Pace, SharesKeepTheRateTogether) {
  const Pace pace(1, 4);
  Instant booked{};
  EXPECT_EQ(allowed_in(pace, booked, kNow, 100s, 10ms), 25U);
  EXPECT_EQ(allowed_in(Pace(1000, 4), booked, kNow + 200s, 10s + 1ms, 100us), 250U + 2500U);
}

TEST(Pace, WithoutARateIsNoLimit) {
  EXPECT_FALSE(Pace{}.is_limited());
  EXPECT_FALSE(Pace(0, 2).is_limited());
  EXPECT_TRUE(Pace(100'000'000, 1).is_limited());
}

}  // namespace
}  // namespace weir
