#include <gtest/gtest.h>

#include <weir/stack/routes.h>

#include "link.h"

namespace weir::test {

namespace {

TEST(Routes, TakeTheLongestPrefixOfTheFamily) {
  Routes routes;
  ASSERT_TRUE(routes.add({prefix("0.0.0.0/0"), 0, ip("192.0.2.254")}));
  ASSERT_TRUE(routes.add({prefix("10.1.0.0/16"), 2, std::nullopt}));
  ASSERT_TRUE(routes.add({prefix("10.0.0.0/8"), 1, std::nullopt}));
  ASSERT_TRUE(routes.add({prefix("::/0"), 3, ip("2001:db8::fe")}));
  ASSERT_TRUE(routes.add({prefix("2001:db8::/32"), 4, std::nullopt}));
  EXPECT_EQ(routes.find(ip("10.1.2.3"))->interface, 2);
  EXPECT_EQ(routes.find(ip("10.2.2.3"))->interface, 1);
  EXPECT_EQ(routes.find(ip("11.2.2.3"))->interface, 0);
  EXPECT_EQ(routes.find(ip("2001:db8::5"))->interface, 4);
  EXPECT_EQ(routes.find(ip("2001:db9::5"))->interface, 3);
}

TEST(Routes, ADefaultOfOneFamilyIsNoneOfTheOther) {
  Routes routes;
  ASSERT_TRUE(routes.add({prefix("::/0"), 0, ip("2001:db8::fe")}));
  EXPECT_EQ(routes.find(ip("10.1.2.3")), nullptr);
}

TEST(Routes, HoldEveryPrefixLength) {
  for (std::uint8_t length = 0; length <= 32; ++length) {
    Routes routes;
    ASSERT_TRUE(routes.add({Prefix{ip("255.255.255.255"), length}, 0, std::nullopt}));
    const IpAddress inside = IpAddress::v4(be32{length == 32 ? 0xffff'ffff : ~(0xffff'ffffU >> length)});
    EXPECT_NE(routes.find(inside), nullptr) << unsigned{length};
    if (length > 0) {
      EXPECT_EQ(routes.find(IpAddress::v4(be32{0x7fff'ffff})), nullptr) << unsigned{length};
    }
  }
}

TEST(Routes, TheSamePrefixIsReplaced) {
  Routes routes;
  ASSERT_TRUE(routes.add({prefix("10.0.0.0/8"), 0, ip("192.0.2.1")}));
  ASSERT_TRUE(routes.add({prefix("10.9.9.9/8"), 0, ip("192.0.2.2")}));
  EXPECT_EQ(routes.size(), 1U);
  EXPECT_EQ(routes.find(ip("10.1.1.1"))->via, ip("192.0.2.2"));
}

TEST(Routes, AreBounded) {
  Routes routes;
  for (unsigned i = 0; i < Routes::kRoutesMax; ++i) {
    ASSERT_TRUE(routes.add({Prefix{IpAddress::v4(be32{i << 8}), 24}, 0, std::nullopt}));
  }
  EXPECT_FALSE(routes.add({prefix("2001:db8::/32"), 0, std::nullopt}));
}

TEST(Routes, KnowTheBroadcastAddressesOfConnectedNetworks) {
  Routes routes;
  ASSERT_TRUE(routes.add({prefix("192.0.2.1/24"), 0, std::nullopt}));
  ASSERT_TRUE(routes.add({prefix("198.51.100.0/31"), 0, std::nullopt}));
  EXPECT_TRUE(routes.is_subnet_broadcast(ip("192.0.2.255")));
  EXPECT_FALSE(routes.is_subnet_broadcast(ip("192.0.2.127")));
  EXPECT_FALSE(routes.is_subnet_broadcast(ip("198.51.100.1")));
  EXPECT_FALSE(routes.is_subnet_broadcast(ip("203.0.113.255")));
}

}  // namespace

}  // namespace weir::test
