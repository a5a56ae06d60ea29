#include <weir/base/siphash.h>

#include <cstdint>

#include <gtest/gtest.h>

namespace weir {
namespace {

// The paper's key 00 01 .. 0f, and its messages 00 01 02 .. as little-endian words.
constexpr SipKey kKey{.k0 = 0x0706050403020100, .k1 = 0x0f0e0d0c0b0a0908};
constexpr std::uint64_t kFirst = 0x0706050403020100, kSecond = 0x0f0e0d0c0b0a0908, kThird = 0x1716151413121110;

TEST(SipHash, TwoFourMatchesTheReferenceVectors) {
  EXPECT_EQ(siphash24(kKey), 0x726fdb47dd0e0e31);
  EXPECT_EQ(siphash24(kKey, kFirst), 0x93f5f5799a932462);
  EXPECT_EQ(siphash24(kKey, kFirst, kSecond), 0x3f2acc7f57c29bdb);
  EXPECT_EQ(siphash24(kKey, kFirst, kSecond, kThird), 0xb8ad50c6f649af94);
}

TEST(SipHash, OneThreeMatchesTheReferenceVector) {
  EXPECT_EQ(siphash13(kKey), 0xabac0158050fc4dc);
}

// The paper's own example has fifteen bytes (appendix A).
TEST(SipHash, TailMatchesTheReferenceVectors) {
  EXPECT_EQ(siphash24(kKey, SipTail{0x0e0d0c0b0a0908, 7}, kFirst), 0xa129ca6149be45e5);
  EXPECT_EQ(siphash24(kKey, SipTail{}, kFirst), siphash24(kKey, kFirst));
  EXPECT_EQ(siphash13(kKey, SipTail{}, kFirst, kSecond), siphash13(kKey, kFirst, kSecond));
  EXPECT_EQ(SipPrefix24(kKey, kFirst).hash({0x0e0d0c0b0a0908, 7}), 0xa129ca6149be45e5);
  EXPECT_EQ(SipPrefix24(kKey, kFirst).hash({}, kSecond), siphash24(kKey, kFirst, kSecond));
}

TEST(SipHash, BindsTheLength) {
  EXPECT_NE(siphash13(kKey, SipTail{0, 1}, kFirst), siphash13(kKey, SipTail{0, 2}, kFirst));
  EXPECT_NE(siphash13(kKey, kFirst), siphash13(kKey, kFirst, std::uint64_t{0}));
}

TEST(SipHash, DependsOnBothHalvesOfTheKey) {
  EXPECT_NE(siphash13(SipKey{1, 2}, kFirst), siphash13(SipKey{1, 3}, kFirst));
  EXPECT_NE(siphash13(SipKey{1, 2}, kFirst), siphash13(SipKey{0, 2}, kFirst));
}

}  // namespace
}  // namespace weir
