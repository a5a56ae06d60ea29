#include <gtest/gtest.h>

#include "raw_packets.h"

namespace weir {
namespace {

using test::Bytes;
using test::operator+;

struct Parsed {
  WireError error;
  TcpOptions options;
};

Parsed parse(const Bytes& bytes) {
  const test::ExactBytes exact{bytes};
  Parsed parsed{};
  parsed.error = wire::parse_tcp_options(exact.span(), parsed.options);
  return parsed;
}

bool is_empty(const TcpOptions& options) {
  return !options.mss && !options.window_scale && !options.timestamps && !options.sack_permitted &&
         options.sack_count == 0;
}

Bytes sack(unsigned blocks) {
  Bytes option{5, static_cast<std::uint8_t>(2 + 8 * blocks)};
  for (unsigned i = 0; i < blocks; ++i) {
    const auto n = static_cast<std::uint8_t>(i);
    option = option + Bytes{0xff, 0xff, 0xff, n, 0, 0, 0, n};
  }
  return option;
}

TEST(TcpOptions, ReadsAllOfASyn) {
  const auto [error, options] = parse({2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7});
  ASSERT_EQ(error, WireError::kNone);
  EXPECT_EQ(options.mss, 1460);
  EXPECT_TRUE(options.sack_permitted);
  EXPECT_EQ(options.timestamps, (Timestamps{0x0102'0304, 0}));
  EXPECT_EQ(options.window_scale, WindowScale{7});
}

// As long as most SYNs, and beginning as they do.
TEST(TcpOptions, ReadsASynThatEndsInAnotherWay) {
  const Bytes beginning{2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0};
  EXPECT_EQ(parse(beginning + Bytes{3, 3, 9, 1}).options.window_scale, WindowScale{9});
  EXPECT_EQ(parse(beginning + Bytes{1, 1, 1, 1}).options.window_scale, std::nullopt);
  EXPECT_EQ(parse(beginning + Bytes{1, 3, 9, 7}).error, WireError::kTcpOptionLength);
  EXPECT_EQ(parse(beginning + Bytes{1, 3, 3, 15}).options.window_scale, WindowScale{14});
}

TEST(TcpOptions, ReadsTimestampsOfAnEstablishedConnectionInEveryLayout) {
  const Bytes value{8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
  for (const Bytes& bytes : {Bytes{1, 1} + value, value + Bytes{1, 1}, Bytes{1} + value + Bytes{0}, value}) {
    EXPECT_EQ(parse(bytes).options.timestamps, (Timestamps{1, 2}));
  }
}

TEST(TcpOptions, NoneAtAllIsFine) {
  const auto [error, options] = parse({});
  EXPECT_EQ(error, WireError::kNone);
  EXPECT_TRUE(is_empty(options));
}

TEST(TcpOptions, FortyBytesOfNopMeanNothing) {
  const auto [error, options] = parse(Bytes(40, 1));
  EXPECT_EQ(error, WireError::kNone);
  EXPECT_TRUE(is_empty(options));
}

TEST(TcpOptions, EndAtTheEndOfTheList) {
  const auto [error, options] = parse({0, 2, 4, 5, 0xb4, 9, 0, 1});
  EXPECT_EQ(error, WireError::kNone);
  EXPECT_TRUE(is_empty(options));
}

TEST(TcpOptions, RefusesLengthZeroAndOne) {
  for (const std::uint8_t kind : Bytes{2, 3, 4, 5, 8, 19, 253}) {
    EXPECT_EQ(parse({kind, 0, 0, 0}).error, WireError::kTcpOptionLength) << int{kind};
    EXPECT_EQ(parse({kind, 1, 0, 0}).error, WireError::kTcpOptionLength) << int{kind};
  }
}

TEST(TcpOptions, RefusesLengthPastTheHeader) {
  for (const std::uint8_t kind : Bytes{2, 3, 4, 5, 8, 253}) {
    EXPECT_EQ(parse({1, kind, 4, 0}).error, WireError::kTcpOptionLength) << int{kind};
    EXPECT_EQ(parse({kind, 255, 0, 0}).error, WireError::kTcpOptionLength) << int{kind};
  }
}

TEST(TcpOptions, RefusesAKindWithoutItsLength) {
  EXPECT_EQ(parse({1, 1, 1, 2}).error, WireError::kTcpOptionLength);
  EXPECT_EQ(parse({8}).error, WireError::kTcpOptionLength);
}

TEST(TcpOptions, SkipsUnknownKinds) {
  const auto [error, options] = parse({253, 6, 1, 2, 3, 4, 254, 2, 2, 4, 5, 0xb4, 30, 4, 0, 0});
  EXPECT_EQ(error, WireError::kNone);
  EXPECT_EQ(options.mss, 1460);
}

TEST(TcpOptions, SkipsKnownKindsOfAnotherLength) {
  const auto [error, options] = parse({2, 3, 5, 2, 5, 5, 0xb4, 0, 3, 4, 7, 7, 4, 3, 0, 8, 6, 1, 2, 3, 4});
  EXPECT_EQ(error, WireError::kNone);
  EXPECT_TRUE(is_empty(options));
}

TEST(TcpOptions, OfDuplicatesTheFirstCounts) {
  EXPECT_EQ(parse({2, 4, 5, 0xb4, 2, 4, 0, 1}).options.mss, 1460);
  EXPECT_EQ(parse({3, 3, 7, 3, 3, 1}).options.window_scale, WindowScale{7});
  EXPECT_TRUE(parse({4, 2, 4, 2}).options.sack_permitted);
  const Bytes twice{8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 8, 10, 0, 0, 0, 3, 0, 0, 0, 4};
  EXPECT_EQ(parse(twice).options.timestamps, (Timestamps{1, 2}));
  EXPECT_EQ(parse(sack(1) + sack(2)).options.sack_count, 1);
}

TEST(TcpOptions, GivesTheMssAsItCame) {
  for (const unsigned mss : {0U, 1U, 12U, 536U, 65535U}) {
    EXPECT_EQ(parse({2, 4, static_cast<std::uint8_t>(mss >> 8), static_cast<std::uint8_t>(mss)}).options.mss, mss);
  }
}

TEST(TcpOptions, TreatsWindowScaleAboveFourteenAsFourteen) {
  for (const std::uint8_t shift : Bytes{14, 15, 16, 255}) {
    EXPECT_EQ(parse({3, 3, shift, 1}).options.window_scale, WindowScale{14});
  }
}

TEST(TcpOptions, ReadsOneToFourSackBlocks) {
  for (unsigned blocks = 1; blocks <= 4; ++blocks) {
    const auto [error, options] = parse(Bytes{1, 1} + sack(blocks));
    EXPECT_EQ(error, WireError::kNone);
    ASSERT_EQ(options.sack_count, blocks);
    EXPECT_EQ(options.sack[blocks - 1], (SackBlock{SeqNum{0xffff'ff00 + blocks - 1}, SeqNum{blocks - 1}}));
  }
}

TEST(TcpOptions, SkipsSackOfOddLengthOrWithoutBlocks) {
  for (unsigned length = 2; length < 34; ++length) {
    if (length % 8 == 2 && length != 2) continue;
    Bytes option(length);
    option[0] = 5, option[1] = static_cast<std::uint8_t>(length);
    const auto [error, options] = parse(option);
    EXPECT_EQ(error, WireError::kNone);
    EXPECT_EQ(options.sack_count, 0) << length;
  }
}

// No header has room for these; the function itself must hold, too.
TEST(TcpOptions, SkipsSackWithMoreBlocksThanAHeaderHolds) {
  for (unsigned blocks = 5; blocks <= 31; ++blocks) EXPECT_EQ(parse(sack(blocks)).options.sack_count, 0);
}

}  // namespace
}  // namespace weir
