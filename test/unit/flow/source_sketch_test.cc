#include <gtest/gtest.h>

#include <weir/base/random.h>
#include <weir/flow/source_sketch.h>

namespace weir {
namespace {

IpAddress v4(std::uint32_t address) {
  return IpAddress::v4(be32{address});
}
IpAddress any_v4(Random& random) {
  return v4(static_cast<std::uint32_t>(random.next()));
}

TEST(SourceSketch, NamesWhatMostComeFrom) {
  SourceSketch sketch(SipKey{3, 4});
  Random random{1};
  const IpAddress six = IpAddress::parse("2001:db8:7::1").value();
  for (int i = 0; i < 10'000; ++i) {
    sketch.add(any_v4(random));
    if (i % 2 == 0) sketch.add(v4(0xcb007100 + random.below(256)));
    if (i % 5 == 0) sketch.add(six);
  }
  sketch.fade();
  const auto top = sketch.top();
  ASSERT_EQ(top.size(), SourceSketch::kTop);
  EXPECT_EQ(top[0].prefix.to_string(), "203.0.113.0/24");
  EXPECT_EQ(top[1].prefix.to_string(), "2001:db8:7::/48");
  EXPECT_NEAR(top[0].permille, 5000 * 1000 / 17'000, 10);
  EXPECT_NEAR(top[1].permille, 2000 * 1000 / 17'000, 10);
  EXPECT_LT(top[2].permille, 20U);
}

// The promise of the algorithm: more than an eighth of a set's packets, 1/256 of all, cannot be missed.
TEST(SourceSketch, DoesNotMissWhatIsAboveItsShareAmongAMillionOthers) {
  SourceSketch sketch(SipKey{5, 6});
  Random random{2};
  for (int i = 0; i < 1'000'000; ++i) sketch.add(i % 40 == 0 ? v4(0xc6336400) : any_v4(random));
  ASSERT_FALSE(sketch.top().empty());
  EXPECT_EQ(sketch.top()[0].prefix.to_string(), "198.51.100.0/24");
}

TEST(SourceSketch, TellsTheLargestFirstAndTheWholeWhereItIsOne) {
  SourceSketch sketch(SipKey{7, 8});
  for (unsigned i = 1; i <= 20; ++i)
    for (unsigned n = 0; n < i * 10; ++n) sketch.add(v4(i << 8));
  sketch.fade();
  const auto top = sketch.top();
  ASSERT_EQ(top.size(), SourceSketch::kTop);
  for (unsigned i = 0; i < top.size(); ++i)
    EXPECT_EQ(top[i].prefix, (Prefix{v4((20 - i) << 8), SourceSketch::kLengthV4}));
  SourceSketch alone(SipKey{7, 8});
  alone.add(v4(1));
  EXPECT_TRUE(alone.top().empty());
  alone.fade();
  EXPECT_EQ(alone.top().at(0).permille, 1000U);
}

TEST(SourceSketch, ForgetsWhatIsOver) {
  SourceSketch sketch(SipKey{9, 10});
  for (int i = 0; i < 1000; ++i) sketch.add(v4(0x0a000000));
  for (int window = 0; window < 12; ++window) {
    sketch.fade();
    for (int i = 0; i < 100; ++i) sketch.add(v4(0x0b000000));
  }
  sketch.fade();
  const auto top = sketch.top();
  EXPECT_EQ(top.at(0).prefix.to_string(), "11.0.0.0/24");
  EXPECT_GT(top[0].permille, 970U);
  sketch.clear();
  EXPECT_TRUE(sketch.top().empty());
}

TEST(SourceSketch, IsSeenBeforeItFades) {
  SourceSketch sketch(SipKey{11, 12});
  for (unsigned i = 0; i < SourceSketch::kPublishEvery; ++i) sketch.add(v4(0x0a000000));
  EXPECT_EQ(sketch.top().at(0).prefix.to_string(), "10.0.0.0/24");
}

}  // namespace
}  // namespace weir
