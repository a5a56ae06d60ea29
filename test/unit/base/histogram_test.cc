#include <weir/base/histogram.h>

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "support/seed.h"

namespace weir {
namespace {

TEST(Histogram, IsZeroWhenEmpty) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.percentile(99), 0ns);
  EXPECT_EQ(histogram.smallest(), 0ns);
  EXPECT_EQ(histogram.largest(), 0ns);
  EXPECT_EQ(histogram.mean(), 0ns);
}

TEST(Histogram, IsExactForSmallValuesAndForTheEnds) {
  Histogram histogram;
  for (int i = 1; i <= 60; ++i) histogram.record(Duration{i});
  histogram.record(123'456'789ns);
  EXPECT_EQ(histogram.percentile(0), 1ns);
  EXPECT_EQ(histogram.percentile(50), 31ns);
  EXPECT_EQ(histogram.percentile(100), 123'456'789ns);
  EXPECT_EQ(histogram.smallest(), 1ns);
  EXPECT_EQ(histogram.largest(), 123'456'789ns);
  EXPECT_EQ(histogram.sum(), 123'456'789ns + 1830ns);
}

TEST(Histogram, TakesNegativeValuesAsZeroAndHugeOnesAsTheLargest) {
  Histogram histogram;
  histogram.record(-5ns);
  histogram.record(24h);
  EXPECT_EQ(histogram.smallest(), 0ns);
  EXPECT_EQ(histogram.largest(), Duration{static_cast<Duration::rep>(Histogram::kLargest)});
  EXPECT_EQ(histogram.percentile(100), histogram.largest());
}

TEST(Histogram, PercentilesAreWithinOneSixtyFourthOfTheSortedValues) {
  WEIR_SEEDED(seed);
  Random random{seed};
  Histogram histogram;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::int64_t>(random.next() >> (24 + random.below(40))));
    histogram.record(Duration{values.back()});
  }
  std::sort(values.begin(), values.end());
  for (double percent : {1.0, 25.0, 50.0, 90.0, 99.0, 99.9}) {
    const std::int64_t exact = values[static_cast<std::size_t>(percent / 100 * 20'000) - 1];
    const std::int64_t got = histogram.percentile(percent).count();
    EXPECT_GE(got, exact) << percent;
    EXPECT_LE(got, exact + exact / 64) << percent;
  }
}

TEST(Histogram, MergedIsAsIfRecordedTogether) {
  Histogram one, other, both;
  for (int i = 0; i < 1000; ++i) {
    Histogram& part = i % 3 == 0 ? one : other;
    part.record(Duration{i * 977});
    both.record(Duration{i * 977});
  }
  one.merge(other);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.sum(), both.sum());
  EXPECT_EQ(one.smallest(), both.smallest());
  EXPECT_EQ(one.largest(), both.largest());
  for (int percent = 0; percent <= 100; ++percent) EXPECT_EQ(one.percentile(percent), both.percentile(percent));
  one.merge(Histogram{});
  EXPECT_EQ(one.smallest(), both.smallest());
}

TEST(Histogram, CountsUpToALimit) {
  Histogram histogram;
  for (int i = 1; i <= 10; ++i) histogram.record(i * 1ms);
  EXPECT_EQ(histogram.count_up_to(-1ns), 0U);
  EXPECT_EQ(histogram.count_up_to(999us), 0U);
  EXPECT_EQ(histogram.count_up_to(5200us), 5U);
  EXPECT_EQ(histogram.count_up_to(1s), 10U);
}

TEST(Histogram, StartsAnewWhenCleared) {
  Histogram histogram;
  histogram.record(5ms);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0U);
  histogram.record(7ns);
  EXPECT_EQ(histogram.smallest(), 7ns);
  EXPECT_EQ(histogram.largest(), 7ns);
}

}  // namespace
}  // namespace weir
