#include <cstdio>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <weir/load/pattern.h>

namespace weir::load {
namespace {

using Fill = void (*)(std::span<std::uint8_t>, std::uint64_t);

std::string filled(Fill fill, std::size_t size, std::uint64_t at) {
  std::vector<std::uint8_t> out(size);
  fill(out, at);
  return {out.begin(), out.end()};
}

TEST(Pattern, NumbersLines) {
  EXPECT_EQ(filled(fill_numbered_lines, 24, 0), "0000000\n0000001\n0000002\n");
  EXPECT_EQ(filled(fill_numbered_lines, 8, 8ull * 0xabcdef0), "abcdef0\n");
  std::string expected;
  for (std::uint32_t n = 0xffff'f00; n != 0x1000'0100; ++n) {
    char line[9];
    std::snprintf(line, sizeof line, "%07x\n", n & 0xfff'ffff);
    expected += line;
  }
  EXPECT_EQ(filled(fill_numbered_lines, expected.size(), 8ull * 0xffff'f00), expected);
}

TEST(Pattern, DependsOnThePlaceAlone) {
  for (const Fill fill : {fill_numbered_lines, fill_chargen}) {
    const std::string whole = filled(fill, 3000, 0);
    for (const std::size_t at : {1u, 7u, 74u, 1448u}) {
      EXPECT_EQ(filled(fill, 1000, at), whole.substr(at, 1000));
    }
  }
}

TEST(Pattern, ChargenTurnsByOneCharacterEachLine) {
  const std::string text = filled(fill_chargen, 74 * 96, 0);
  EXPECT_EQ(text.substr(0, 74), " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg\r\n");
  EXPECT_EQ(text.substr(74, 4), "!\"#$");
  EXPECT_EQ(text.substr(74 * 95, 74), text.substr(0, 74));
}

}  // namespace
}  // namespace weir::load
