#include <weir/nic/huge_pages.h>

#include <fstream>

#include <gtest/gtest.h>

namespace weir::nic {
namespace {

void put(const std::filesystem::path& folder, unsigned free) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "free_hugepages") << free << '\n';
}

TEST(HugePages, AddsUpAllSizes) {
  const std::filesystem::path folder = std::filesystem::path{::testing::TempDir()} / "weir-huge-pages";
  put(folder / "hugepages-2048kB", 3);
  put(folder / "hugepages-1048576kB", 1);
  EXPECT_EQ(free_huge_page_bytes(folder), (3ULL << 21) + (1ULL << 30));
  std::filesystem::remove_all(folder);
}

TEST(HugePages, AreNoneWhereTheKernelHasNone) {
  EXPECT_EQ(free_huge_page_bytes("/nonexistent"), 0U);
}

}  // namespace
}  // namespace weir::nic
