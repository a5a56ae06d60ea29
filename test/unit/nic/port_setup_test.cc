#include <filesystem>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_ethdev.h>

#include <weir/nic/port.h>

#include "support/eal.h"

namespace weir::nic {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::string complaint(const PortConfig& config) {
  test::TestPool pool{2047};
  try {
    const Port port(config, *pool);
  } catch (const SetupError& error) {
    return error.what();
  }
  return "";
}

TEST(Port, SaysEachChoiceInALine) {
  test::TestPool pool{2047};
  const Port port({.device = "net_ring0"}, *pool);
  const auto lines = port.describe();
  EXPECT_THAT(lines, Contains(HasSubstr("driver: net_ring")));
  EXPECT_THAT(lines, Contains("rx tcp checksum: software"));
  EXPECT_THAT(lines, Contains("tx tcp checksum: software"));
  EXPECT_THAT(lines, Contains("tx of packets in several buffers: device"));
  EXPECT_THAT(lines, Contains("rss: one queue, not needed"));
}

TEST(Port, HasAMacAndALink) {
  test::TestPool pool{2047};
  Port port({.device = "net_null0"}, *pool);
  EXPECT_FALSE(port.mac().is_group());
  EXPECT_TRUE(port.poll_link().up);
}

TEST(Port, NeverPredictsRssOfVirtualDevices) {
  test::TestPool pool{4095};
  const Port port({.device = "net_null0", .queues = 2}, *pool);
  EXPECT_TRUE(port.offloads().rss);  // it says so
  EXPECT_FALSE(port.rss().predicted);
  EXPECT_THAT(port.describe(), Contains(HasSubstr("RSS predicted: no (a virtual device), hand-off ring in use")));
}

TEST(Port, HashesByTheKeyItIsGiven) {
  test::TestPool pool{4095};
  RssKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(3 * i + 1);
  const Port port({.device = "net_null0", .queues = 2, .rss_key = key}, *pool);
  RssKey read{};
  rte_eth_rss_conf conf{};
  conf.rss_key = read.data();
  conf.rss_key_len = 40;
  ASSERT_EQ(rte_eth_dev_rss_hash_conf_get(port.id(), &conf), 0);
  EXPECT_TRUE(std::equal(read.begin(), read.begin() + 40, key.begin()));
  EXPECT_NE(conf.rss_hf, 0U) << "what is hashed stays";
}

TEST(Port, GivesItsDeviceBackWhenItCloses) {
  test::TestPool pool{2047};
  for (int round = 0; round < 3; ++round) Port({.device = "net_null7"}, *pool);
  std::uint16_t id = 0;
  EXPECT_NE(rte_eth_dev_get_port_by_name("net_null7", &id), 0);
}

TEST(Port, SaysWhenTheDeviceHasTooFewQueues) {
  const std::string text = complaint({.device = "net_ring0", .queues = 17});
  EXPECT_THAT(text, HasSubstr("net_ring0 has 16 queue(s) but there are 17 workers: set workers = 16"));
}

TEST(Port, SaysWhichMtuTheDeviceCanTake) {
  EXPECT_THAT(complaint({.device = "net_null0", .mtu = 9000}), HasSubstr("set mtu = 2030 or less"));
}

TEST(Port, SaysWhenNoDriverKnowsTheDevice) {
  const std::string text = complaint({.device = "net_nosuch0"});
  EXPECT_THAT(text, HasSubstr("device net_nosuch0 does not start"));
  EXPECT_THAT(text, HasSubstr("librte"));
}

TEST(Port, SaysWhichInterfaceIsMissing) {
  EXPECT_THAT(complaint({.device = "net_af_packet0,iface=weirnone0"}), HasSubstr("no interface \"weirnone0\""));
}

TEST(Port, QuotesTheDriverWhereItRefuses) {
  const auto path = std::filesystem::path{::testing::TempDir()} / "weir-no-such-folder" / "memif.sock";
  const std::string text = complaint({.device = "net_memif0,role=server,socket-abstract=no,socket=" + path.string()});
  EXPECT_THAT(text, HasSubstr("memif"));
  EXPECT_THAT(text, HasSubstr("\n    "));
}

TEST(KernelLink, IsUpForTheLoopbackInterface) {
  EXPECT_TRUE(kernel_link("lo").has_value());
}

TEST(KernelAddresses, AreThoseOfTheInterfaceAlone) {
  EXPECT_THAT(kernel_addresses("weirnone0"), ::testing::IsEmpty());
  for (const IpAddress& address : kernel_addresses("lo")) EXPECT_TRUE(address.is_loopback()) << address.to_string();
}

TEST(KernelLink, IsNothingForAnInterfaceThatIsNotThere) {
  EXPECT_FALSE(kernel_link("weirnone0").has_value());
}

}  // namespace
}  // namespace weir::nic
