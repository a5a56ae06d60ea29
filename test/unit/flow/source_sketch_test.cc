#include <gtest/gtest.h>

#include <weir/base/random.h>
#include <weir/flow/source_sketch.h>

namespace weir {
namespace {

constexpr SipKey kSecret{3, 4};

IpAddress v4(std::uint32_t address) {
  return IpAddress::v4(be32{address});
}

class SourceSketchTest : public ::testing::Test {
 protected:
  IpAddress any() { return v4(static_cast<std::uint32_t>(random.next())); }
  void add(const IpAddress& source, unsigned times) {
    for (unsigned i = 0; i < times; ++i) sketch.add(source);
  }
  std::string first() const { return sketch.top().empty() ? "" : sketch.top().front().prefix.to_string(); }

  SourceSketch sketch{kSecret};
  Random random{1};
};

TEST_F(SourceSketchTest, NamesWhatMostComeFromInBothFamilies) {
  const IpAddress six = IpAddress::parse("2001:db8:7:ffff::1").value();
  for (unsigned i = 0; i < SourceSketch::kLookAtAll / 2; ++i) {
    sketch.add(any());
    if (i % 2 == 0) sketch.add(v4(0xcb007100 + random.below(256)));
    if (i % 4 == 0) sketch.add(six);
  }
  sketch.review();
  const auto top = sketch.top();
  ASSERT_EQ(top.size(), 2U);
  EXPECT_EQ(top[0].prefix.to_string(), "203.0.113.0/24");
  EXPECT_EQ(top[1].prefix.to_string(), "2001:db8:7::/48");
  EXPECT_NEAR(top[0].permille, 2000 / 7, 10);
  EXPECT_NEAR(top[1].permille, 1000 / 7, 10);
}

TEST_F(SourceSketchTest, DoesNotMissWhatIsAboveItsShareAmongAMillionOthers) {
  for (unsigned i = 0; i < 1'000'000; ++i) sketch.add(i % 40 == 0 ? v4(0xc6336400) : any());
  sketch.review();
  const auto top = sketch.top();
  ASSERT_EQ(top.size(), 1U) << "none of the others stands out";
  EXPECT_EQ(top[0].prefix.to_string(), "198.51.100.0/24");
  EXPECT_GE(top[0].permille, 15U);
  EXPECT_LE(top[0].permille, 27U) << "2.5 %, and what chance there is in looking at one in 16";
}

// Were it every 16th packet that is looked at, a single prefix would be all that is seen.
TEST_F(SourceSketchTest, NoOrderOfSourcesHidesOne) {
  const unsigned sources = SourceSketch::kTop;
  for (unsigned i = 0; i < 200'000; ++i) sketch.add(v4((1 + i % sources) << 8));
  sketch.review();
  const auto top = sketch.top();
  ASSERT_EQ(top.size(), sources);
  for (const TopSource& source : top) EXPECT_NEAR(source.permille, 1000 / sources, 10);
}

// What comes late in a window counts as much as what comes first.
TEST_F(SourceSketchTest, OneInSixteenStandsForSixteen) {
  add(v4(0x0a000000), SourceSketch::kLookAtAll);
  add(v4(0x0b000000), 20 * SourceSketch::kLookAtAll);
  sketch.review();
  EXPECT_EQ(first(), "11.0.0.0/24");
  EXPECT_NEAR(sketch.top().at(0).permille, 20'000 / 21, 10);
}

// Each window begins with a look at all that comes, whatever came in the last one.
TEST_F(SourceSketchTest, WindowsOfFewPacketsAreLookedAtWhole) {
  add(v4(0x0a000000), 2 * SourceSketch::kLookAtAll);
  for (unsigned window = 0; window < 30; ++window) {
    add(v4(0x0a000000), 190);
    add(v4(0x0b000000), 10);
    sketch.review();
    if (window < 20) continue;
    EXPECT_NEAR(sketch.top().at(1).permille, 50, 3);
  }
}

// Prefixes alike in any bits of their own share no set more often than others do.
TEST_F(SourceSketchTest, ChosenSourcesHideNoOther) {
  for (unsigned i = 0; i < 200'000; ++i)
    sketch.add(v4((i % 50 == 0 ? 0 : 1 + static_cast<std::uint32_t>(random.below(2000))) * SourceSketch::kSets << 8));
  sketch.review();
  EXPECT_EQ(first(), "0.0.0.0/24");
}

TEST_F(SourceSketchTest, NetworksOfAnIpv6PrefixAreOneSource) {
  for (unsigned i = 0; i < SourceSketch::kPacketsTold; ++i)
    sketch.add(IpAddress::parse("2001:db8:7:" + std::to_string(i) + "::1").value());
  sketch.review();
  EXPECT_EQ(first(), "2001:db8:7::/48");
  EXPECT_EQ(sketch.top().at(0).permille, 1000U);
}

TEST_F(SourceSketchTest, TellsTheLargestFirst) {
  for (unsigned i = 1; i <= 20; ++i) add(v4(i << 8), i * 2);
  sketch.review();
  const auto top = sketch.top();
  ASSERT_EQ(top.size(), SourceSketch::kTop);
  for (unsigned i = 0; i < top.size(); ++i)
    EXPECT_EQ(top[i].prefix, (Prefix{v4((20 - i) << 8), SourceSketch::kLengthV4}));
}

TEST_F(SourceSketchTest, AFewPacketsAreNoNews) {
  add(v4(1), SourceSketch::kPacketsTold - 1);
  sketch.review();
  EXPECT_TRUE(sketch.top().empty());
  add(v4(1), 1);
  EXPECT_TRUE(sketch.top().empty()) << "told at the next review";
  sketch.review();
  EXPECT_EQ(sketch.top().at(0).permille, 1000U);
}

// What had a place before is not counted for who has it now.
TEST_F(SourceSketchTest, TellsNoMoreThanItKnows) {
  for (unsigned round = 0; round < 50; ++round) {
    for (unsigned i = 0; i < 400; ++i) sketch.add(any());
    sketch.review();
    EXPECT_TRUE(sketch.top().empty());
  }
}

TEST_F(SourceSketchTest, WhoComesLastIsToldWithItsOwnPacketsOnly) {
  for (unsigned i = 0; i < 480; ++i) sketch.add(any());
  add(v4(0xc6336400), 20);
  sketch.review();
  EXPECT_EQ(first(), "198.51.100.0/24");
  EXPECT_EQ(sketch.top().at(0).permille, 20'000U / 500);
}

TEST_F(SourceSketchTest, ForgetsWhatIsOver) {
  add(v4(0x0a000000), 100'000);
  unsigned reviews = 0;
  for (; first() != "11.0.0.0/24"; ++reviews) {
    add(v4(0x0b000000), 100'000);
    sketch.review();
  }
  EXPECT_LE(reviews, 2U);
  for (unsigned i = 0; i < 10; ++i) add(v4(0x0b000000), 100'000), sketch.review();
  EXPECT_EQ(sketch.top().size(), 1U);
}

TEST_F(SourceSketchTest, FewPacketsAreKeptFromReviewToReview) {
  for (unsigned i = 0; i < SourceSketch::kPacketsTold; ++i) add(v4(0x0a000000), 1), sketch.review();
  EXPECT_EQ(first(), "10.0.0.0/24");
}

TEST_F(SourceSketchTest, ClearedItKnowsNothing) {
  add(v4(0x0a000000), 1000);
  sketch.review();
  sketch.clear();
  EXPECT_TRUE(sketch.top().empty());
  add(v4(0x0b000000), SourceSketch::kPacketsTold);
  sketch.review();
  EXPECT_EQ(sketch.top().at(0).permille, 1000U);
}

}  // namespace
}  // namespace weir
