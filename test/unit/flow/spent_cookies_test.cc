#include <gtest/gtest.h>

#include <weir/base/random.h>
#include <weir/flow/spent_cookies.h>

namespace weir {
namespace {

TEST(SpentCookies, KnowsWhatWasSpent) {
  SpentCookies spent{1000};
  Random random{1};
  std::vector<std::uint64_t> cookies(500);
  for (auto& cookie : cookies) cookie = random.next();
  EXPECT_FALSE(spent.contains(cookies[0]));
  for (const auto cookie : cookies) spent.insert(cookie);
  for (const auto cookie : cookies) EXPECT_TRUE(spent.contains(cookie));
  for (int i = 0; i < 100'000; ++i) EXPECT_FALSE(spent.contains(random.next()));
}

TEST(SpentCookies, OldestOfABucketGivesWay) {
  SpentCookies spent{1};
  for (std::uint64_t i = 1; i <= 15; ++i) EXPECT_FALSE(spent.insert(2 * i));
  EXPECT_TRUE(spent.insert(2 * 16));
  EXPECT_FALSE(spent.contains(2));
  for (std::uint64_t i = 2; i <= 16; ++i) EXPECT_TRUE(spent.contains(2 * i));
}

// Every bucket is used: as many as promised are kept, but for those whose buckets overflow.
TEST(SpentCookies, KeepsNearlyAsManyAsItsCapacity) {
  constexpr unsigned kCapacity = 15'000;
  SpentCookies spent{kCapacity};
  Random random{2};
  std::vector<std::uint64_t> cookies(kCapacity);
  for (auto& cookie : cookies) spent.insert(cookie = random.next());
  unsigned kept = 0;
  for (const auto cookie : cookies) kept += spent.contains(cookie) ? 1 : 0;
  EXPECT_GT(kept, kCapacity * 85 / 100);
}

TEST(SpentCookies, TakesALineForFifteen) {
  EXPECT_EQ(SpentCookies::bytes_for(1), 64U);
  EXPECT_EQ(SpentCookies::bytes_for(15), 64U);
  EXPECT_EQ(SpentCookies::bytes_for(16), 128U);
}

}  // namespace
}  // namespace weir
