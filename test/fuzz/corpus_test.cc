// Runs a fuzzer's corpus once, without libFuzzer: so every build and compiler has it, and test/coverage counts it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace weir::fuzz {
namespace {

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_CORPUS)) found.push_back(entry.path().filename());
  std::ranges::sort(found);
  return found;
}

class Corpus : public ::testing::TestWithParam<std::string> {};

TEST_P(Corpus, FindsNoFault) {
  std::ifstream file{std::filesystem::path{WEIR_CORPUS} / GetParam(), std::ios::binary};
  ASSERT_TRUE(file);
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
}

INSTANTIATE_TEST_SUITE_P(Files, Corpus, ::testing::ValuesIn(names()));

}  // namespace
}  // namespace weir::fuzz
