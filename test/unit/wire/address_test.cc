#include <weir/wire/address.h>

#include <gtest/gtest.h>

namespace weir {
namespace {

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

TEST(IpAddress, IsReadAndWrittenAsText) {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1:2"}) {
    EXPECT_EQ(address(text).to_string(), text);
  }
}

TEST(IpAddress, RefusesWhatIsNotAnAddress) {
  for (const char* text : {"", "192.0.2", "192.0.2.256", "192.0.2.1 ", "2001:db8::1::2", "example.org", "fe80::1%eth0",
                           "192.0.2.1/24", "1111:2222:3333:4444:5555:6666:7777:8888:9999"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(IpAddress, RefusesAnIpv4AddressInIpv6Clothing) {
  EXPECT_FALSE(IpAddress::parse("::ffff:192.0.2.1"));
}

TEST(IpAddress, KnowsItsFamily) {
  EXPECT_EQ(address("192.0.2.1").family(), Family::kIpv4);
  EXPECT_EQ(address("2001:db8::1").family(), Family::kIpv6);
  EXPECT_EQ(address("192.0.2.1").as_v4().value(), 0xc0000201);
  EXPECT_EQ(IpAddress::v4(be32{0xc0000201}), address("192.0.2.1"));
}

TEST(IpAddress, IsNoSourceWhenUnspecifiedMulticastBroadcastOrLoopback) {
  for (const char* text :
       {"0.0.0.0", "::", "224.0.0.1", "239.1.2.3", "ff02::1", "255.255.255.255", "127.0.0.1", "127.255.0.9", "::1"}) {
    EXPECT_FALSE(address(text).is_valid_source()) << text;
  }
  for (const char* text : {"192.0.2.1", "2001:db8::1", "fe80::1", "169.254.1.1"}) {
    EXPECT_TRUE(address(text).is_valid_source()) << text;
  }
}

TEST(IpAddress, KnowsLinkLocal) {
  EXPECT_TRUE(address("169.254.3.4").is_link_local());
  EXPECT_TRUE(address("fe80::1").is_link_local());
  EXPECT_TRUE(address("febf::1").is_link_local());
  EXPECT_FALSE(address("fec0::1").is_link_local());
  EXPECT_FALSE(address("169.253.3.4").is_link_local());
}

TEST(Endpoint, IsReadAndWrittenAsText) {
  for (const char* text : {"192.0.2.1:80", "[2001:db8::1]:65535", "[::]:0"}) {
    EXPECT_EQ(Endpoint::parse(text).value().to_string(), text);
  }
}

TEST(Endpoint, RefusesMissingBracketsAndPortsOutOfRange) {
  for (const char* text : {"192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:+1", "192.0.2.1:8 ",
                           "2001:db8::1:80", "[192.0.2.1]:80", "[2001:db8::1]", "[]:80", ":80", ""}) {
    EXPECT_FALSE(Endpoint::parse(text)) << text;
  }
}

TEST(Prefix, ContainsTheAddressesOfItsNetworkOnly) {
  const Prefix v4 = Prefix::parse("192.0.2.129/25").value();
  EXPECT_TRUE(v4.contains(address("192.0.2.255")));
  EXPECT_FALSE(v4.contains(address("192.0.2.127")));
  EXPECT_FALSE(v4.contains(address("2001:db8::1")));
  const Prefix v6 = Prefix::parse("2001:db8:8000::/33").value();
  EXPECT_TRUE(v6.contains(address("2001:db8:ffff::1")));
  EXPECT_FALSE(v6.contains(address("2001:db8:7fff::1")));
}

TEST(Prefix, OfLengthZeroContainsItsWholeFamily) {
  EXPECT_TRUE(Prefix::parse("0.0.0.0/0").value().contains(address("203.0.113.9")));
  EXPECT_FALSE(Prefix::parse("0.0.0.0/0").value().contains(address("::1")));
  EXPECT_TRUE(Prefix::parse("::/0").value().contains(address("2001:db8::1")));
  EXPECT_FALSE(Prefix::parse("::/0").value().contains(address("192.0.2.1")));
}

TEST(Prefix, RefusesLengthsBeyondTheFamily) {
  for (const char* text : {"192.0.2.1/33", "2001:db8::/129", "192.0.2.1", "192.0.2.1/", "192.0.2.1/-1", "/24"}) {
    EXPECT_FALSE(Prefix::parse(text)) << text;
  }
  EXPECT_EQ(Prefix::parse("192.0.2.1/32").value().to_string(), "192.0.2.1/32");
  EXPECT_EQ(Prefix::parse("2001:db8::/128").value().to_string(), "2001:db8::/128");
}

TEST(MacAddress, IsReadAndWrittenAsText) {
  EXPECT_EQ(MacAddress::parse("02:00:5E:10:00:0a").value().to_string(), "02:00:5e:10:00:0a");
  for (const char* text : {"", "02:00:5e:10:00", "02:00:5e:10:00:0g", "02:00:5e:10:00:00:00"}) {
    EXPECT_FALSE(MacAddress::parse(text)) << text;
  }
}

TEST(MacAddress, OfAGroupFollowsFromTheGroupsAddress) {
  EXPECT_EQ(MacAddress::multicast_for(address("239.129.2.3")).to_string(), "01:00:5e:01:02:03");
  EXPECT_EQ(MacAddress::multicast_for(address("ff02::1:ff28:9c5a")).to_string(), "33:33:ff:28:9c:5a");
  EXPECT_TRUE(MacAddress::broadcast().is_group());
}

}  // namespace
}  // namespace weir
