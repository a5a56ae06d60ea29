#include <weir/flow/bucket.h>

#include <array>
#include <bit>

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Bucket, ComparesAllTenTagsAtOnce) {
  Bucket bucket;
  EXPECT_EQ(bucket.empty(), 0x3ffU);
  for (unsigned i = 0; i < Bucket::kEntries; ++i) bucket.set(i, static_cast<std::uint16_t>(0x8000 + i % 5), 100 + i);
  EXPECT_EQ(bucket.count(), 10U);
  EXPECT_EQ(bucket.with_tag(0x8000), 0b00001'00001U);
  EXPECT_EQ(bucket.with_tag(0x8004), 0b10000'10000U);
  EXPECT_EQ(bucket.with_tag(0x1111), 0U);
  EXPECT_EQ(bucket.index(9), 109U);
}

TEST(Bucket, FreesSingleEntries) {
  Bucket bucket;
  for (unsigned i = 0; i < Bucket::kEntries; ++i) bucket.set(i, 0xffff, i);
  bucket.clear(3);
  bucket.clear(8);
  EXPECT_EQ(bucket.empty(), 1U << 3 | 1U << 8);
  EXPECT_EQ(bucket.with_tag(0xffff), 0x3ffU & ~(1U << 3 | 1U << 8));
}

TEST(Bucket, RemembersThatEntriesSpilledUntilTheLastIsGone) {
  Bucket bucket;
  EXPECT_FALSE(bucket.has_spilled());
  bucket.note_spilled();
  bucket.note_spilled();
  bucket.set(0, 1, 1);  // its version moves beside the count
  bucket.note_unspilled();
  EXPECT_TRUE(bucket.has_spilled());
  bucket.note_unspilled();
  EXPECT_FALSE(bucket.has_spilled());
}

TEST(Bucket, NeverForgetsSpilledEntriesThatItCouldNotCount) {
  Bucket bucket;
  for (int i = 0; i < 300; ++i) bucket.note_spilled();
  for (int i = 0; i < 299; ++i) bucket.note_unspilled();
  EXPECT_TRUE(bucket.has_spilled());
}

TEST(Bucket, ListsWhatItHolds) {
  Bucket bucket;
  bucket.set(2, 7, 22);
  bucket.set(9, 7, 99);
  std::array<std::uint32_t, Bucket::kEntries> held{};
  bool is_exact = true;
  ASSERT_EQ(bucket.read(held, is_exact), 2U);
  EXPECT_TRUE(is_exact);
  EXPECT_EQ(held[0], 22U);
  EXPECT_EQ(held[1], 99U);
}

}  // namespace
}  // namespace weir
