#include <weir/flow/path_mtu.h>

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr Instant kStart{1h};

TEST(PathMtuCache, IsBoundedAndKeepsTheLatest) {
  PathMtuCache cache{16, SipKey{1, 2}};
  EXPECT_EQ(cache.capacity(), 16U);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    cache.learn(IpAddress::v4(be32{i}), 1400, kStart + i * 1s);
    EXPECT_EQ(cache.find(IpAddress::v4(be32{i}), kStart + i * 1s), 1400);
  }
}

TEST(PathMtuCache, KnowsTheMtuOfAPathForTenMinutes) {
  for (const char* text : {"198.51.100.1", "2001:db8:1::1"}) {
    const IpAddress far = *IpAddress::parse(text);
    PathMtuCache cache{16, SipKey{1, 2}};
    EXPECT_TRUE(cache.is_empty(kStart));
    EXPECT_FALSE(cache.find(far, kStart));
    cache.learn(far, 1400, kStart);
    EXPECT_EQ(cache.find(far, kStart), 1400);
    EXPECT_FALSE(cache.find(*IpAddress::parse("198.51.100.2"), kStart));
    cache.learn(far, 1450, kStart);  // ICMP only ever lowers
    EXPECT_EQ(cache.find(far, kStart), 1400);
    EXPECT_FALSE(cache.is_empty(kStart + 10min - 1s));
    EXPECT_FALSE(cache.find(far, kStart + 10min));
    EXPECT_TRUE(cache.is_empty(kStart + 10min));
  }
}

TEST(PathMtuCache, LifetimeMayBeGiven) {
  const IpAddress far = *IpAddress::parse("198.51.100.1");
  PathMtuCache cache{16, SipKey{1, 2}};
  cache.learn(far, 1400, kStart, 5s);
  EXPECT_EQ(cache.find(far, kStart + 4s), 1400);
  EXPECT_FALSE(cache.find(far, kStart + 5s));
}

}  // namespace
}  // namespace weir
