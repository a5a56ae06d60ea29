#include <gtest/gtest.h>

#include <weir/balance/source_pool.h>

namespace weir::balance {
namespace {

using std::chrono::seconds;

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

TEST(SourcePool, TakesAddressesOfAFamilyInTurn) {
  const IpAddress all[] = {address("10.0.0.1"), address("2001:db8::1"), address("10.0.0.2")};
  SourcePool pool{all};
  EXPECT_EQ(pool.tries(Family::kIpv4), 2u);
  const auto first = pool.next(Family::kIpv4), second = pool.next(Family::kIpv4);
  EXPECT_NE(first, second);
  EXPECT_EQ(pool.next(Family::kIpv4), first);
  EXPECT_EQ(pool.next(Family::kIpv6), address("2001:db8::1"));
}

TEST(SourcePool, WithoutAddressesLeavesTheChoiceToTheHost) {
  SourcePool pool{{}};
  EXPECT_EQ(pool.tries(Family::kIpv6), 1u);
  EXPECT_EQ(pool.next(Family::kIpv6), std::nullopt);
}

ServiceConfig service_with(std::vector<IpAddress> sources) {
  ServiceConfig service;
  service.name = "web";
  service.backends = {{"a", {address("10.0.0.9"), 80}, 1}};
  service.sources = std::move(sources);
  return service;
}

TEST(SourceShortage, SilentWhenThereAreEnough) {
  EXPECT_EQ(source_shortage(service_with({}), 64512, seconds{60}), "");
  EXPECT_EQ(source_shortage(service_with({address("10.0.0.1"), address("10.0.0.2")}), 129024, seconds{60}), "");
}

TEST(SourceShortage, SaysTheArithmetic) {
  EXPECT_EQ(source_shortage(service_with({address("10.0.0.1")}), 200000, seconds{60}),
            "service web: 1 IPv4 source address x 64512 ports = 64512 connections to one back end at a time, fewer "
            "than the 200000 sessions configured, and 1075 new ones a second while each port rests 60 s after Weir "
            "closed first; give it 4 addresses in `sources`\n");
}

TEST(SourceShortage, CountsOnlyAddressesOfTheBackEndsFamily) {
  const auto service = service_with({address("2001:db8::1"), address("2001:db8::2"), address("10.0.0.1")});
  EXPECT_NE(source_shortage(service, 64513, seconds{60}).find("1 IPv4 source address x"), std::string::npos);
}

}  // namespace
}  // namespace weir::balance
