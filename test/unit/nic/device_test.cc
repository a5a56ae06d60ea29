#include <weir/nic/device.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/nic/setup_error.h>

namespace weir::nic {
namespace {

using ::testing::HasSubstr;

template <typename Call>
std::string complaint(Call&& call) {
  try {
    call();
  } catch (const SetupError& error) {
    return error.what();
  }
  return "";
}

TEST(Device, KnowsPciAddressesWithAndWithoutDomain) {
  EXPECT_EQ(Device::parse("0000:03:00.1").name, "0000:03:00.1");
  EXPECT_EQ(Device::parse("03:00.1").name, "0000:03:00.1");
  EXPECT_TRUE(Device::parse("03:00.1").is_pci());
}

TEST(Device, TakesWhatAPciDeviceIsToldFromItsAddress) {
  const Device device = Device::parse("03:00.1,safe-mode-support=1");
  EXPECT_EQ(device.name, "0000:03:00.1");
  EXPECT_TRUE(device.is_pci());
  EXPECT_EQ(device.argument("safe-mode-support"), "1");
}

TEST(Device, TakesVirtualDevicesApart) {
  const Device device = Device::parse("net_af_packet0,iface=eth1,qpairs=2");
  EXPECT_EQ(device.name, "net_af_packet0");
  EXPECT_EQ(device.driver, "net_af_packet");
  EXPECT_EQ(device.argument("iface"), "eth1");
  EXPECT_EQ(device.argument("qpairs"), "2");
  EXPECT_EQ(device.argument("if"), std::nullopt);
  EXPECT_EQ(device.kernel_interface(), "eth1");
}

TEST(Device, RefusesWhatIsNeither) {
  for (const char* text : {"", "eth1", "0000:03:00.9", "net_", "03:00", "net_null0 iface=x"})
    EXPECT_THAT(complaint([&] { Device::parse(text); }), HasSubstr("write one like")) << text;
}

TEST(Device, SharesMemoryOnlyWithVhostPeers) {
  EXPECT_TRUE(Device::parse("net_vhost0,iface=/tmp/s").shares_memory());
  EXPECT_TRUE(Device::parse("net_virtio_user0,path=/tmp/s").shares_memory());
  EXPECT_FALSE(Device::parse("net_memif0").shares_memory());
}

TEST(Device, AsksItsDriverForAQueuePerWorker) {
  EXPECT_EQ(Device::parse("net_af_packet0,iface=a").arguments_for(2), "iface=a,qpairs=2,framecnt=4096");
  EXPECT_EQ(Device::parse("net_vhost0,iface=/s").arguments_for(3), "iface=/s,queues=3");
  EXPECT_EQ(Device::parse("net_memif0,role=client").arguments_for(2), "role=client");
}

TEST(Device, KeepsArgumentsThatAreWritten) {
  EXPECT_EQ(Device::parse("net_af_packet0,iface=a,qpairs=4,framecnt=64").arguments_for(2),
            "iface=a,qpairs=4,framecnt=64");
}

TEST(Device, SaysWhenItsArgumentsGiveTooFewQueues) {
  const std::string text = complaint([] { Device::parse("net_af_packet0,iface=a,qpairs=1").arguments_for(2); });
  EXPECT_THAT(text, HasSubstr("qpairs=2"));
  EXPECT_THAT(text, HasSubstr("workers = 1"));
}

TEST(Device, SaysWhichInterfaceIsMissing) {
  const std::string text = complaint([] { check_present(Device::parse("net_af_packet0,iface=weirnone0")); });
  EXPECT_THAT(text, HasSubstr("no interface \"weirnone0\""));
  EXPECT_THAT(text, HasSubstr("ip link"));
}

TEST(Device, SaysThatAnInterfaceMustBeNamed) {
  EXPECT_THAT(complaint([] { check_present(Device::parse("net_af_packet0")); }), HasSubstr("iface=NAME"));
}

TEST(Device, SaysThatTheVhostPeerComesFirst) {
  EXPECT_THAT(complaint([] { check_present(Device::parse("net_virtio_user0,path=/nonexistent/socket")); }),
              HasSubstr("start the process with net_vhost first"));
}

TEST(Device, SaysThatAPciDeviceIsNotThere) {
  EXPECT_THAT(complaint([] { check_present(Device::parse("ffff:ff:1f.7")); }), HasSubstr("dpdk-devbind.py"));
}

}  // namespace
}  // namespace weir::nic
