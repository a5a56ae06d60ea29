#include <gtest/gtest.h>

#include <set>

#include <weir/base/random.h>
#include <weir/flow/prefix_list.h>

namespace weir {
namespace {

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}
ListedPrefix allowed(const char* text) {
  return {Prefix::parse(text).value(), true};
}
ListedPrefix denied(const char* text) {
  return {Prefix::parse(text).value(), false};
}

TEST(PrefixList, DeniesWhatIsListedAndLetsInTheRest) {
  const PrefixList list({denied("198.51.100.0/24"), denied("2001:db8:bad::/48")});
  EXPECT_FALSE(list.lets_in(address("198.51.100.0")));
  EXPECT_FALSE(list.lets_in(address("198.51.100.255")));
  EXPECT_TRUE(list.lets_in(address("198.51.99.255")));
  EXPECT_TRUE(list.lets_in(address("198.51.101.0")));
  EXPECT_FALSE(list.lets_in(address("2001:db8:bad:ffff:ffff:ffff:ffff:ffff")));
  EXPECT_TRUE(list.lets_in(address("2001:db8:bac:ffff:ffff:ffff:ffff:ffff")));
  EXPECT_TRUE(list.lets_in(address("2001:db8:bae::")));
}

TEST(PrefixList, LetsInNobodyElseOnceSomethingIsAllowedByName) {
  const PrefixList list({allowed("10.0.0.0/8")});
  EXPECT_TRUE(list.lets_in(address("10.255.255.255")));
  EXPECT_FALSE(list.lets_in(address("11.0.0.0")));
  EXPECT_FALSE(list.lets_in(address("2001:db8::1")));
}

TEST(PrefixList, LongestPrefixDecides) {
  const PrefixList list({denied("10.0.0.0/8"), allowed("10.1.0.0/16"), denied("10.1.2.0/24"), allowed("10.1.2.3/32"),
                         allowed("0.0.0.0/0"), allowed("::/0"), denied("2001:db8::/32"), allowed("2001:db8::1/128")});
  EXPECT_TRUE(list.lets_in(address("9.255.255.255")));
  EXPECT_FALSE(list.lets_in(address("10.0.255.255")));
  EXPECT_TRUE(list.lets_in(address("10.1.0.0")));
  EXPECT_FALSE(list.lets_in(address("10.1.2.2")));
  EXPECT_TRUE(list.lets_in(address("10.1.2.3")));
  EXPECT_FALSE(list.lets_in(address("10.1.2.4")));
  EXPECT_TRUE(list.lets_in(address("10.1.3.0")));
  EXPECT_FALSE(list.lets_in(address("10.2.0.0")));
  EXPECT_TRUE(list.lets_in(address("11.0.0.0")));
  EXPECT_TRUE(list.lets_in(address("2001:db8::1")));
  EXPECT_FALSE(list.lets_in(address("2001:db8::2")));
  EXPECT_TRUE(list.lets_in(address("2001:db9::")));
}

TEST(PrefixList, PrefixesThatBeginAlikeDoNotHideEachOther) {
  const PrefixList list({denied("10.0.0.0/8"), allowed("10.0.0.0/16"), denied("10.0.0.0/24"), allowed("0.0.0.0/0")});
  EXPECT_FALSE(list.lets_in(address("10.0.0.255")));
  EXPECT_TRUE(list.lets_in(address("10.0.1.0")));
  EXPECT_FALSE(list.lets_in(address("10.1.0.0")));
}

TEST(PrefixList, ReachesTheLastAddressOfAFamily) {
  const PrefixList list({denied("255.255.255.255/32"), denied("ffff::/16"), denied("::/128")});
  EXPECT_FALSE(list.lets_in(address("255.255.255.255")));
  EXPECT_TRUE(list.lets_in(address("255.255.255.254")));
  EXPECT_FALSE(list.lets_in(address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
  EXPECT_TRUE(list.lets_in(address("fffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
  EXPECT_FALSE(list.lets_in(address("::")));
  EXPECT_TRUE(list.lets_in(address("0.0.0.0")));
}

Prefix random_prefix(Random& random, bool v4) {
  std::array<std::uint8_t, 16> bytes{};
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.below(3) * 0x55);
  const auto length = static_cast<std::uint8_t>(random.below(v4 ? 33 : 129));
  const unsigned first = v4 ? 12 : 0;
  for (unsigned bit = length; bit < (v4 ? 32U : 128U); ++bit)
    bytes[first + bit / 8] = static_cast<std::uint8_t>(bytes[first + bit / 8] & ~(0x80U >> bit % 8));
  if (v4) {
    std::fill(bytes.begin(), bytes.begin() + 10, std::uint8_t{0});
    bytes[10] = bytes[11] = 0xff;
  }
  return {IpAddress::v6(bytes.data()), length};
}

// Against the plain reading of "the longest prefix decides".
TEST(PrefixList, AgreesWithLookingAtEveryPrefix) {
  Random random{5};
  for (int round = 0; round < 60; ++round) {
    std::set<Prefix> prefixes;
    for (int i = 0; i < 60; ++i) prefixes.insert(random_prefix(random, i % 2 == 0));
    std::vector<ListedPrefix> listed;
    for (const Prefix& prefix : prefixes) listed.push_back({prefix, random.chance(round % 3 == 0 ? 0 : 50)});
    const PrefixList list(listed);
    const bool otherwise = std::ranges::none_of(listed, &ListedPrefix::is_allowed);
    for (int i = 0; i < 400; ++i) {
      const IpAddress asked = random_prefix(random, i % 2 == 0).address;
      const ListedPrefix* longest = nullptr;
      for (const ListedPrefix& one : listed)
        if (one.prefix.contains(asked) && (longest == nullptr || one.prefix.length > longest->prefix.length))
          longest = &one;
      EXPECT_EQ(list.lets_in(asked), longest == nullptr ? otherwise : longest->is_allowed) << asked.to_string();
    }
  }
}

TEST(PrefixList, EqualsOneOfTheSamePrefixesInAnyOrder) {
  const PrefixList list({denied("10.0.0.0/8"), denied("11.0.0.0/8")});
  EXPECT_EQ(list, PrefixList({denied("11.0.0.0/8"), denied("10.0.0.0/8")}));
  EXPECT_FALSE(list == PrefixList({denied("11.0.0.0/8"), allowed("10.0.0.0/8")}));
  EXPECT_EQ(list.size(), 2U);
}

}  // namespace
}  // namespace weir
