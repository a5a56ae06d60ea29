#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_machine.h"

namespace weir::doctor {
namespace {

using testing::HasSubstr;

constexpr const char* kDevice = "sys/bus/pci/devices/0000:03:00.0";
constexpr const char* kPacket = "net_af_packet0,iface=eth1";

nic::KernelInterface good_interface() {
  nic::KernelInterface interface;
  interface.link = {true, 100000};
  interface.driver = "ice";
  interface.queues = interface.queues_max = 64;
  interface.rss_key_bytes = 52;
  interface.rx_checksum = interface.tx_checksum = interface.tso = true;
  return interface;
}

struct NicChecks : testing::Test {
  FakeMachine machine;
  run::AnyConfig config = config_for(kNic, 2);

  void give_to_kernel() {
    machine.link(std::string(kDevice) + "/driver", "../../../bus/pci/drivers/ice");
    machine.write(std::string(kDevice) + "/net/ens1/mtu", "1500");
    machine.interfaces["ens1"] = good_interface();
  }
};

TEST_F(NicChecks, AllIsWellWhereAllIsThere) {
  for (const char* check : {"nic.driver", "nic.numa", "nic.huge_pages", "nic.slot"})
    EXPECT_EQ(machine.judge(check, config).verdict, Verdict::kOk) << check;
}

TEST_F(NicChecks, ConfiguredButBoundToTheKernelsDriver) {
  give_to_kernel();
  const Judgement judged = machine.judge("nic.driver", config);
  EXPECT_EQ(judged.verdict, Verdict::kDoesNotWork);
  EXPECT_THAT(judged.text, HasSubstr("ice has it (DPDK: net_ice)"));
  EXPECT_EQ(judged.command, "ip link set ens1 down; modprobe vfio-pci; dpdk-devbind.py --bind=vfio-pci 0000:03:00.0");
}

TEST_F(NicChecks, TheShortFormOfAnAddressIsBoundByItsFullOne) {
  give_to_kernel();
  EXPECT_THAT(machine.judge("nic.driver", config_for("03:00.0")).command, HasSubstr("vfio-pci 0000:03:00.0"));
}

TEST_F(NicChecks, ANicThatTheKernelUsesIsToldOf) {
  give_to_kernel();
  machine.interfaces["ens1"].addresses = {*IpAddress::parse("192.0.2.7")};
  const Judgement judged = machine.judge("nic.driver");
  EXPECT_EQ(judged.verdict, Verdict::kCostsSpeed);
  EXPECT_THAT(judged.text, HasSubstr("192.0.2.7"));
}

TEST_F(NicChecks, NoDriverIsBound) {
  machine.remove(std::string(kDevice) + "/driver");
  EXPECT_EQ(machine.judge("nic.driver", config).verdict, Verdict::kDoesNotWork);
}

TEST_F(NicChecks, ABifurcatedDriverNeedsNoBinding) {
  machine.link(std::string(kDevice) + "/driver", "../../../bus/pci/drivers/mlx5_core");
  EXPECT_EQ(machine.judge("nic.driver", config).verdict, Verdict::kOk);
}

TEST_F(NicChecks, NotThere) {
  EXPECT_EQ(machine.judge("nic.present", config_for("0000:04:00.0")).verdict, Verdict::kDoesNotWork);
  EXPECT_EQ(machine.judge("nic.present", config_for(kPacket)).verdict, Verdict::kDoesNotWork);
}

TEST_F(NicChecks, OnAnotherNodeThanTheWorkers) {
  machine.write(std::string(kDevice) + "/numa_node", "1");
  const Judgement judged = machine.judge("nic.numa", config);
  EXPECT_EQ(judged.verdict, Verdict::kCostsSpeed);
  EXPECT_THAT(judged.text, HasSubstr("node 1, CPU 0,2 is not"));
  EXPECT_THAT(judged.command, HasSubstr("lcores = \"0@4,1@5\""));
}

TEST_F(NicChecks, NoHugePageFreeOnItsNode) {
  machine.write("sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages", "0");
  const Judgement judged = machine.judge("nic.huge_pages", config);
  EXPECT_EQ(judged.verdict, Verdict::kCostsSpeed);
  EXPECT_THAT(judged.command, HasSubstr("node0/hugepages"));
}

TEST_F(NicChecks, InANarrowSlot) {
  machine.write(std::string(kDevice) + "/current_link_width", "8");
  EXPECT_EQ(machine.judge("nic.slot", config).verdict, Verdict::kCostsSpeed);
}

TEST_F(NicChecks, LinkDown) {
  give_to_kernel();
  machine.interfaces["ens1"].link = {};
  const Judgement judged = machine.judge("nic.link", config);
  EXPECT_EQ(judged.verdict, Verdict::kDoesNotWork);
  EXPECT_THAT(judged.command, HasSubstr("ip link set ens1 up"));
  EXPECT_EQ(machine.judge("nic.link").verdict, Verdict::kCostsSpeed);
}

TEST_F(NicChecks, FewerQueuesThanWorkers) {
  give_to_kernel();
  machine.interfaces["ens1"].queues_max = 1;
  const Judgement judged = machine.judge("nic.queues", config);
  EXPECT_EQ(judged.verdict, Verdict::kDoesNotWork);
  EXPECT_THAT(judged.command, HasSubstr("workers = 1"));
}

TEST_F(NicChecks, NoRssKey) {
  give_to_kernel();
  machine.interfaces["ens1"].rss_key_bytes = 0;
  EXPECT_EQ(machine.judge("nic.rss", config).verdict, Verdict::kCostsSpeed);
  EXPECT_EQ(machine.judge("nic.rss", config_for(kNic, 1)).verdict, Verdict::kOk);
}

TEST_F(NicChecks, NoChecksums) {
  give_to_kernel();
  machine.interfaces["ens1"].tx_checksum = false;
  const Judgement judged = machine.judge("nic.checksums", config);
  EXPECT_EQ(judged.verdict, Verdict::kCostsSpeed);
  EXPECT_EQ(judged.command, "ethtool -K ens1 rx on tx on");
}

TEST_F(NicChecks, AVirtioInterfaceIsFound) {
  machine.write(std::string(kDevice) + "/virtio0/net/ens1/mtu", "1500");
  machine.interfaces["ens1"] = good_interface();
  EXPECT_EQ(machine.judge("nic.link").text, "up, 100000 Mbit/s");
}

TEST_F(NicChecks, AnAddressThatTheKernelOwnsToo) {
  machine.interfaces["eth1"] = good_interface();
  machine.interfaces["eth1"].addresses = {*IpAddress::parse("192.0.2.1")};
  const Judgement judged = machine.judge("nic.addresses", config_for(kPacket));
  EXPECT_EQ(judged.verdict, Verdict::kDoesNotWork);
  EXPECT_EQ(judged.command, "ip address flush dev eth1");
}

TEST_F(NicChecks, OtherAddressesOfTheKernels) {
  machine.interfaces["eth1"] = good_interface();
  machine.interfaces["eth1"].addresses = {*IpAddress::parse("fe80::1")};
  EXPECT_EQ(machine.judge("nic.addresses", config_for(kPacket)).verdict, Verdict::kOk);
}

TEST_F(NicChecks, SegmentsJoinedBeforeWeirSeesThem) {
  machine.interfaces["eth1"] = good_interface();
  EXPECT_EQ(machine.judge("nic.joining", config_for(kPacket)).verdict, Verdict::kOk);
  machine.interfaces["eth1"].gro = true;
  EXPECT_EQ(machine.judge("nic.joining", config_for(kPacket)).command, "ethtool -K eth1 gro off lro off");
}

TEST_F(NicChecks, NoNicAtAll) {
  machine.remove(kDevice);
  EXPECT_EQ(machine.judge("nic.none").verdict, Verdict::kCostsSpeed);
}

}  // namespace
}  // namespace weir::doctor
