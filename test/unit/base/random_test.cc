#include <weir/base/random.h>

#include <array>

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Random, RepeatsItselfFromTheSameSeed) {
  Random one{42}, other{42}, different{43};
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t word = one.next();
    EXPECT_EQ(word, other.next());
    EXPECT_NE(word, different.next());
  }
}

TEST(Random, StaysBelowItsBoundAndReachesEveryValue) {
  Random random{1};
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) ++seen.at(random.below(7));
  for (int count : seen) EXPECT_NEAR(count, 1000, 200);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.below(1), 0U);
}

TEST(Random, ChanceMeansPercent) {
  Random random{2};
  int hits = 0;
  for (int i = 0; i < 10000; ++i) {
    EXPECT_FALSE(random.chance(0));
    EXPECT_TRUE(random.chance(100));
    hits += random.chance(5);
  }
  EXPECT_NEAR(hits, 500, 120);
}

TEST(Random, SecretsFromTheKernelDiffer) {
  const SipKey one = secret_key(), other = secret_key();
  EXPECT_NE(one.k0, other.k0);
  EXPECT_NE(one.k0, one.k1);
  EXPECT_NE(secret_seed(), secret_seed());
}

}  // namespace
}  // namespace weir
