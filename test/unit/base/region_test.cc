#include <weir/base/region.h>

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Region, IsZeroFilledAlignedAndWritable) {
  Region region{"test", 100'000};
  EXPECT_EQ(region.bytes(), 100'000U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(region.data()) % 64, 0U);
  const std::string zeros(100'000, '\0');
  EXPECT_EQ(std::memcmp(region.data(), zeros.data(), zeros.size()), 0);
  std::memset(region.data(), 0xab, region.bytes());
}

TEST(Region, CanBeMappedElsewhereThroughItsDescriptor) {
  Region region{"test", 4096};
  static_cast<char*>(region.data())[17] = 'w';
  void* again = mmap(nullptr, 4096, PROT_READ, MAP_SHARED, region.descriptor(), 0);
  ASSERT_NE(again, MAP_FAILED);
  EXPECT_EQ(static_cast<char*>(again)[17], 'w');
  munmap(again, 4096);
}

TEST(Region, FallsBackToNormalPagesWithoutAWord) {
  Region region{"test", std::size_t{8} << 20};  // on huge pages where there are any, else not
  static_cast<char*>(region.data())[(8 << 20) - 1] = 1;
  EXPECT_EQ(region.bytes(), std::size_t{8} << 20);
}

TEST(Region, OfNothingIsStillARegion) {
  Region region{"test", 0};
  EXPECT_NE(region.data(), nullptr);
  EXPECT_EQ(region.bytes(), 0U);
}

TEST(Region, MovesWithItsMemory) {
  Region region{"test", 4096};
  void* data = region.data();
  Region moved{std::move(region)};
  EXPECT_EQ(moved.data(), data);
  static_cast<char*>(moved.data())[0] = 1;
}

TEST(Region, SaysWhatIsMissingAndWhatToType) {
  try {
    Region region{"connections", std::size_t{1} << 46};
    FAIL() << "64 TiB were to be had";
  } catch (const OutOfMemory& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::HasSubstr("'connections' (67108864 MiB)"), testing::HasSubstr("are available"),
                               testing::HasSubstr("sysctl vm.nr_hugepages=33554432")));
  }
}

}  // namespace
}  // namespace weir
