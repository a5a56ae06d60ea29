#include <weir/nic/eal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::nic {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

EalConfig with_devices(std::initializer_list<const char*> devices) {
  EalConfig config;
  for (const char* device : devices) config.devices.push_back(Device::parse(device));
  return config;
}

TEST(EalArguments, NeverJoinNoHugeAndInMemory) {
  const auto ordinary = eal_arguments({}, false, {0});
  EXPECT_THAT(ordinary, Contains("--no-huge"));
  EXPECT_THAT(ordinary, Not(Contains("--in-memory")));
  const auto huge = eal_arguments({}, true, {0});
  EXPECT_THAT(huge, Contains("--in-memory"));
  EXPECT_THAT(huge, Not(Contains("--no-huge")));
}

TEST(EalArguments, PinWorkersAndLetTheControlLcoreFloat) {
  EalConfig config;
  config.workers = 3;
  EXPECT_THAT(eal_arguments(config, false, {2, 5}), Contains("--lcores=0@2,1@5,2@2,127@(2,5)"));
}

TEST(EalArguments, TakeTheLcoresThatAreWritten) {
  EalConfig config;
  config.lcores = "4@6,5@7";
  EXPECT_THAT(eal_arguments(config, false, {0, 1}), Contains("--lcores=4@6,5@7,127@(0,1)"));
}

TEST(EalArguments, AllowOnlyTheConfiguredPciDevices) {
  const auto arguments = eal_arguments(with_devices({"0000:03:00.0", "net_null0"}), true, {0});
  EXPECT_THAT(arguments, Contains("--allow=0000:03:00.0"));
  EXPECT_THAT(arguments, Not(Contains("--no-pci")));
}

TEST(EalArguments, PassOnWhatAPciDeviceIsTold) {
  EXPECT_THAT(eal_arguments(with_devices({"03:00.0,mprq_en=1"}), true, {0}),
              Contains("--allow=0000:03:00.0,mprq_en=1"));
}

TEST(EalArguments, ScanNoPciBusWithoutNeed) {
  EXPECT_THAT(eal_arguments(with_devices({"net_null0"}), false, {0}), Contains("--no-pci"));
}

TEST(EalArguments, ShareMemoryInOneFileWithVhostPeers) {
  EXPECT_THAT(eal_arguments(with_devices({"net_vhost0,iface=/s"}), false, {0}), Contains("--single-file-segments"));
  EXPECT_THAT(eal_arguments(with_devices({"net_memif0"}), false, {0}), Not(Contains("--single-file-segments")));
}

TEST(EalArguments, GiveEachProcessAFilePrefix) {
  EXPECT_THAT(eal_arguments({.file_prefix = "edge"}, false, {0}), Contains(StartsWith("--file-prefix=edge-")));
}

// The test program's environment started EAL with one lcore, which is the main one.
TEST(Eal, IsAdoptedWhenItRunsAlready) {
  EalConfig config;
  config.workers = 0;
  const Eal eal(config);
  EXPECT_TRUE(eal.was_adopted());
  EXPECT_FALSE(eal.on_huge_pages());
}

TEST(Eal, SaysWhenLcoresAreFewerThanWorkers) {
  EalConfig config;
  config.workers = 2;
  try {
    const Eal eal(config);
    FAIL();
  } catch (const SetupError& error) {
    EXPECT_THAT(error.what(), HasSubstr("workers = 2 but lcores name 0"));
  }
}

}  // namespace
}  // namespace weir::nic
