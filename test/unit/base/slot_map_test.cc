#include <weir/base/slot_map.h>

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(SlotMap, FindsTheFirstOccupiedSlotFromAnyOther) {
  SlotMap map;
  EXPECT_EQ(map.first_from(0), SlotMap::kSlots);
  for (std::uint32_t slot : {0U, 63U, 64U, 200U, 255U}) map.set(slot);
  EXPECT_EQ(map.first_from(0), 0U);
  EXPECT_EQ(map.first_from(1), 63U);
  EXPECT_EQ(map.first_from(64), 64U);
  EXPECT_EQ(map.first_from(65), 200U);
  EXPECT_EQ(map.first_from(201), 255U);
  EXPECT_EQ(map.first_from(256), SlotMap::kSlots);
}

TEST(SlotMap, GoesRoundOnce) {
  SlotMap map;
  EXPECT_EQ(map.first_around(100), SlotMap::kSlots);
  map.set(5);
  EXPECT_EQ(map.first_around(6), 5U);
  EXPECT_EQ(map.first_around(256), 5U);
  map.clear(5);
  EXPECT_FALSE(map.has(5));
  EXPECT_EQ(map.first_around(6), SlotMap::kSlots);
}

}  // namespace
}  // namespace weir
