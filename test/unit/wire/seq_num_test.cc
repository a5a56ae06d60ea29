#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <weir/wire/seq_num.h>

namespace weir {
namespace {

// Where arithmetic modulo 2^32 goes wrong first: both sides of 2^31 and 2^32.
constexpr std::uint32_t kEdges[] = {0,           1,           2,           0x7fff'fffe, 0x7fff'ffff,
                                    0x8000'0000, 0x8000'0001, 0xffff'fffe, 0xffff'ffff};

TEST(SeqNum, IsBeforeWhatLiesLessThanHalfTheCircleAhead) {
  for (const std::uint32_t start : kEdges) {
    const SeqNum seq{start};
    for (const std::uint32_t distance : {1U, 2U, 0x1000U, 0x7fff'fffeU, 0x7fff'ffffU}) {
      EXPECT_TRUE(seq.before(seq + distance)) << start << '+' << distance;
      EXPECT_TRUE((seq + distance).after(seq)) << start << '+' << distance;
      EXPECT_FALSE((seq + distance).before(seq)) << start << '+' << distance;
      EXPECT_EQ((seq + distance).since(seq), distance);
    }
  }
}

TEST(SeqNum, IsNeitherBeforeNorAfterItself) {
  for (const std::uint32_t start : kEdges) {
    const SeqNum seq{start};
    EXPECT_FALSE(seq.before(seq));
    EXPECT_FALSE(seq.after(seq));
    EXPECT_TRUE(seq.at_or_before(seq));
    EXPECT_TRUE(seq.at_or_after(seq));
  }
}

TEST(SeqNum, WrapsAt32Bits) {
  EXPECT_EQ(SeqNum{0xffff'ffff} + 1, SeqNum{0});
  EXPECT_EQ(SeqNum{0} - 1, SeqNum{0xffff'ffff});
  EXPECT_TRUE(SeqNum{0xffff'ffff}.before(SeqNum{0}));
  EXPECT_TRUE(SeqNum{0x7fff'ffff}.before(SeqNum{0x8000'0000}));
  EXPECT_EQ(SeqNum{4}.since(SeqNum{0xffff'fffc}), 8U);
}

TEST(SeqNum, EarliestAndLatestAreThoseOfTheCircle) {
  for (const std::uint32_t start : kEdges) {
    const SeqNum first{start};
    for (const std::uint32_t distance : {0U, 1U, 2U, 0x7fff'ffffU}) {
      const SeqNum second = first + distance;
      EXPECT_EQ(SeqNum::latest(first, second), second) << start << '+' << distance;
      EXPECT_EQ(SeqNum::latest(second, first), second) << start << '+' << distance;
      EXPECT_EQ(SeqNum::earliest(first, second), first) << start << '+' << distance;
      EXPECT_EQ(SeqNum::earliest(second, first), first) << start << '+' << distance;
    }
  }
}

TEST(SeqNum, OrderIsTheSameWhereverTheCircleBegins) {
  EXPECT_TRUE(rc::check("order survives a shift", [](std::uint32_t a, std::uint32_t b, std::uint32_t shift) {
    RC_ASSERT(SeqNum{a}.before(SeqNum{b}) == (SeqNum{a} + shift).before(SeqNum{b} + shift));
  }));
}

TEST(SeqNum, OfTwoNumbersWithinAWindowOneIsFirst) {
  EXPECT_TRUE(rc::check("antisymmetric and total within half the circle", [](std::uint32_t start) {
    const auto a = *rc::gen::inRange<std::uint32_t>(0, 1U << 30);
    const auto b = *rc::gen::inRange<std::uint32_t>(0, 1U << 30);
    const SeqNum x = SeqNum{start} + a;
    const SeqNum y = SeqNum{start} + b;
    RC_ASSERT(x.before(y) == (a < b));
    RC_ASSERT(x.at_or_before(y) == (a <= b));
    RC_ASSERT(SeqNum::earliest(x, y) == SeqNum{start} + std::min(a, b));
    RC_ASSERT(SeqNum::latest(x, y) == SeqNum{start} + std::max(a, b));
  }));
}

TEST(WindowScale, AboveFourteenIsFourteen) {
  EXPECT_EQ(WindowScale{14}.shift(), 14);
  EXPECT_EQ(WindowScale{15}.shift(), 14);
  EXPECT_EQ(WindowScale{255}.shift(), 14);
}

TEST(WindowSize, IsTheFieldShifted) {
  EXPECT_EQ((UnscaledWindow{0xffff} << WindowScale{14}).bytes(), 0xffffU << 14);
  EXPECT_EQ((UnscaledWindow{1} << WindowScale{0}).bytes(), 1U);
}

TEST(WindowSize, RoundsDownToTheFieldAndStaysWithinIt) {
  EXPECT_EQ((WindowSize{255} >> WindowScale{7}).value(), 1);
  EXPECT_EQ((WindowSize{127} >> WindowScale{7}).value(), 0);
  EXPECT_EQ((WindowSize{1'000'000} >> WindowScale{0}).value(), 0xffff);
  EXPECT_EQ(WindowSize{0xffff'ffff}.bytes(), WindowSize::kMaxBytes);
}

}  // namespace
}  // namespace weir
