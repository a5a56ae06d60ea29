#include <weir/flow/time_wait_table.h>

#include <cstdint>
#include <set>

#include <gtest/gtest.h>

#include "keys.h"

namespace weir {
namespace {

constexpr std::uint32_t kTwoMsl = 60'000;

class TimeWaitTableTest : public testing::Test {
 protected:
  void insert(std::uint32_t number, std::uint32_t now) {
    TimeWait entry;
    entry.key = test::key(number);
    entry.snd_nxt = SeqNum{number};
    entry.rcv_nxt = SeqNum{number + 1};
    entry.ts_recent = number + 2;
    entry.has_timestamps = number % 4 < 2;
    table_.insert(entry, test::hash(entry.key), Tick{now});
  }
  bool find(std::uint32_t number, std::uint32_t now) {
    return table_.find(test::key(number), test::hash(test::key(number)), Tick{now}, entry_, ref_);
  }
  bool contains(std::uint32_t number) const {
    return table_.contains(test::key(number), test::hash(test::key(number)));
  }
  void advance(std::uint32_t now) {
    while (table_.advance(Tick{now}, 10) == 10) continue;
  }

  TimeWaitTable table_{100, 100, kTwoMsl, test::kSecret};
  TimeWait entry_;
  TimeWaitRef ref_;
};

// Each case for both families: even numbers are IPv4, odd ones IPv6.
class TimeWaitOfFamily : public TimeWaitTableTest, public testing::WithParamInterface<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(BothFamilies, TimeWaitOfFamily, testing::Values(10, 11),
                         [](const auto& family) { return family.param % 2 == 0 ? "Ipv4" : "Ipv6"; });

TEST_P(TimeWaitOfFamily, GivesBackWhatWasInserted) {
  insert(GetParam(), 1000);
  ASSERT_TRUE(find(GetParam(), 1000));
  EXPECT_EQ(entry_.key, test::key(GetParam()));
  EXPECT_EQ(entry_.snd_nxt, SeqNum{GetParam()});
  EXPECT_EQ(entry_.rcv_nxt, SeqNum{GetParam() + 1});
  EXPECT_EQ(entry_.ts_recent, GetParam() + 2);
  EXPECT_EQ(entry_.has_timestamps, GetParam() % 4 < 2);
  EXPECT_EQ(entry_.expires, Tick{1000 + kTwoMsl});
  EXPECT_EQ(ref_.is_v4, GetParam() % 2 == 0);
  EXPECT_FALSE(find(GetParam() + 2, 1000));
}

TEST_P(TimeWaitOfFamily, LastsTwoMslAndNoLonger) {
  insert(GetParam(), 1000);
  advance(1000 + kTwoMsl - 1);
  EXPECT_TRUE(find(GetParam(), 1000 + kTwoMsl - 1));
  EXPECT_FALSE(find(GetParam(), 1000 + kTwoMsl));
  EXPECT_EQ(table_.next_expiry(Tick{}), Tick{1000 + kTwoMsl});
  EXPECT_EQ(table_.size(), 1U);
  advance(1000 + kTwoMsl);
  EXPECT_EQ(table_.size(), 0U);
  EXPECT_FALSE(contains(GetParam()));
  EXPECT_EQ(table_.next_expiry(Tick{77}), Tick{77});
}

TEST_P(TimeWaitOfFamily, StartsAgainAtARepeatedFin) {
  insert(GetParam(), 0);
  insert(GetParam() + 2, 10);
  ASSERT_TRUE(find(GetParam(), 30'000));
  table_.restart(ref_, Tick{30'000});
  advance(kTwoMsl + 10);
  EXPECT_FALSE(find(GetParam() + 2, kTwoMsl + 9)) << "the one behind it leaves in time";
  ASSERT_TRUE(find(GetParam(), 30'000 + kTwoMsl - 1));
  EXPECT_EQ(entry_.snd_nxt, SeqNum{GetParam()});
  EXPECT_EQ(entry_.rcv_nxt, SeqNum{GetParam() + 1});
  EXPECT_EQ(entry_.ts_recent, GetParam() + 2);
  EXPECT_EQ(entry_.has_timestamps, GetParam() % 4 < 2);
  EXPECT_FALSE(find(GetParam(), 30'000 + kTwoMsl));
  advance(30'000 + kTwoMsl);
  EXPECT_EQ(table_.size(), 0U);
}

TEST_P(TimeWaitOfFamily, RemembersANewerTimestamp) {
  insert(GetParam(), 0);
  ASSERT_TRUE(find(GetParam(), 1));
  table_.set_ts_recent(ref_, 4711);
  ASSERT_TRUE(find(GetParam(), 1));
  EXPECT_EQ(entry_.ts_recent, 4711U);
}

TEST_P(TimeWaitOfFamily, MayBeErasedAndComeAgain) {
  for (std::uint32_t i = 0; i < 5; ++i) insert(GetParam() + 2 * i, i);
  ASSERT_TRUE(find(GetParam() + 4, 10));
  table_.erase(ref_);
  EXPECT_FALSE(find(GetParam() + 4, 10));
  EXPECT_FALSE(contains(GetParam() + 4));
  EXPECT_EQ(table_.size(), 4U);
  insert(GetParam() + 4, 20);
  EXPECT_TRUE(find(GetParam() + 4, 20));
  advance(kTwoMsl + 19);
  EXPECT_EQ(table_.size(), 1U);
  EXPECT_TRUE(find(GetParam() + 4, kTwoMsl + 19));
}

TEST_P(TimeWaitOfFamily, MakesRoomByForgettingTheOldest) {
  for (std::uint32_t i = 0; i < 103; ++i) insert(GetParam() + 2 * i, i);
  EXPECT_EQ(table_.size(), 100U);
  EXPECT_EQ(table_.evicted(), 3U);
  for (std::uint32_t i = 0; i < 103; ++i) EXPECT_EQ(find(GetParam() + 2 * i, 103), i >= 3) << i;
}

TEST_P(TimeWaitOfFamily, DoesNotCountAsForgottenWhatIsDueOrErased) {
  for (std::uint32_t i = 0; i < 100; ++i) insert(GetParam() + 2 * i, 0);
  insert(GetParam() + 1000, kTwoMsl);
  EXPECT_EQ(table_.evicted(), 0U);
  ASSERT_FALSE(find(GetParam() + 2, kTwoMsl));
  ASSERT_TRUE(find(GetParam() + 2, kTwoMsl - 1));
  table_.erase(ref_);
  insert(GetParam() + 1002, kTwoMsl - 1);
  EXPECT_EQ(table_.evicted(), 0U);
}

TEST_P(TimeWaitOfFamily, ForgetsTheNextWhenTheOldestWasRestartedAndTheTableIsFull) {
  for (std::uint32_t i = 0; i < 100; ++i) insert(GetParam() + 2 * i, i);
  ASSERT_TRUE(find(GetParam(), 100));
  table_.restart(ref_, Tick{100});
  insert(GetParam() + 1000, 101);
  EXPECT_TRUE(find(GetParam(), 101));
  EXPECT_FALSE(find(GetParam() + 2, 101));
  EXPECT_EQ(table_.evicted(), 1U);
}

TEST_P(TimeWaitOfFamily, GoesOnAcrossTheWrapOfTicks) {
  const std::uint32_t start = 0xffff'fff0;
  insert(GetParam(), start);
  advance(start + kTwoMsl - 1);
  EXPECT_TRUE(find(GetParam(), start + kTwoMsl - 1));
  advance(start + kTwoMsl);
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(TimeWaitTableTest, LooksAtNoMoreThanItsBudgetAndAtBothFamiliesInTurn) {
  for (std::uint32_t i = 0; i < 80; ++i) insert(i, 0);
  EXPECT_EQ(table_.advance(Tick{kTwoMsl}, 15), 15U);
  EXPECT_EQ(table_.size(), 65U);
  EXPECT_EQ(table_.advance(Tick{kTwoMsl}, 15), 15U);
  EXPECT_EQ(table_.size_v4(), 25U);
  EXPECT_EQ(table_.size_v6(), 25U);
}

TEST_F(TimeWaitTableTest, ListsBothFamilies) {
  for (std::uint32_t i = 0; i < 20; ++i) insert(i, 0);
  std::set<std::uint32_t> seen;
  table_.for_each([&](const TimeWait& entry) {
    EXPECT_EQ(entry.key, test::key(entry.snd_nxt.value()));
    seen.insert(entry.snd_nxt.value());
  });
  EXPECT_EQ(seen.size(), 20U);
}

TEST_F(TimeWaitTableTest, RemembersNothingOfAFamilyWithoutCapacity) {
  TimeWaitTable only_v6{0, 10, kTwoMsl, test::kSecret};
  TimeWait entry;
  entry.key = test::key(2);
  only_v6.insert(entry, test::hash(entry.key), Tick{0});
  EXPECT_EQ(only_v6.evicted(), 1U);
  EXPECT_EQ(only_v6.size(), 0U);
  EXPECT_FALSE(only_v6.find(entry.key, test::hash(entry.key), Tick{0}, entry_, ref_));
  EXPECT_EQ(only_v6.advance(Tick{kTwoMsl}, 10), 0U);
}

TEST_F(TimeWaitTableTest, ForecastsItsMemory) {
  EXPECT_EQ(TimeWaitTable::bytes_for(1000, 100), 36'000U + 4'800U);
}

}  // namespace
}  // namespace weir
