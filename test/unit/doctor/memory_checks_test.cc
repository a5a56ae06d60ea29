#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_machine.h"

namespace weir::doctor {
namespace {

using testing::HasSubstr;

constexpr const char* kLimits = "Max locked memory         8388608              8388608              bytes";

struct MemoryChecks : testing::Test {
  FakeMachine machine;
  run::AnyConfig config = config_for(kNic);

  void set_huge_pages(const char* file, const char* count) {
    for (const char* node : {"node0", "node1"})
      machine.write(std::string("sys/devices/system/node/") + node + "/hugepages/hugepages-2048kB/" + file, count);
  }
  void take_huge_pages_away() {
    set_huge_pages("nr_hugepages", "0");
    set_huge_pages("free_hugepages", "0");
  }
};

TEST_F(MemoryChecks, AllIsWellWhereAllIsThere) {
  for (const char* check : {"memory.huge_pages", "memory.forecast", "memory.memlock", "iommu"})
    EXPECT_EQ(machine.judge(check, config).verdict, Verdict::kOk) << check;
}

TEST_F(MemoryChecks, NoHugePages) {
  take_huge_pages_away();
  const Judgement judged = machine.judge("memory.huge_pages", config);
  EXPECT_EQ(judged.verdict, Verdict::kCostsSpeed);
  EXPECT_THAT(judged.command, HasSubstr("sysctl vm.nr_hugepages="));
}

TEST_F(MemoryChecks, NoHugePagesWhereTheyAreRequired) {
  take_huge_pages_away();
  config.process.huge_pages = run::HugePages::kRequire;
  EXPECT_EQ(machine.judge("memory.huge_pages", config).verdict, Verdict::kDoesNotWork);
}

TEST_F(MemoryChecks, NoHugePagesWhereNoneAreWanted) {
  take_huge_pages_away();
  config.process.huge_pages = run::HugePages::kNever;
  EXPECT_EQ(machine.judge("memory.huge_pages", config).verdict, Verdict::kOk);
}

TEST_F(MemoryChecks, TooFewHugePagesFree) {
  set_huge_pages("free_hugepages", "1");
  const Judgement judged = machine.judge("memory.huge_pages", config);
  EXPECT_EQ(judged.verdict, Verdict::kCostsSpeed);
  EXPECT_THAT(judged.text, HasSubstr("1024 of 2 MiB on node 0, 1 free"));
}

TEST_F(MemoryChecks, TheForecastIsTold) {
  EXPECT_THAT(machine.judge("memory.forecast", config).text, HasSubstr("memory: "));
}

TEST_F(MemoryChecks, LessMemoryThanTheForecast) {
  machine.available_memory = 64 << 20;
  take_huge_pages_away();
  const Judgement judged = machine.judge("memory.forecast", config);
  EXPECT_EQ(judged.verdict, Verdict::kDoesNotWork);
  EXPECT_THAT(judged.command, HasSubstr("too little memory"));
}

TEST_F(MemoryChecks, LittleMemoryMayBeLocked) {
  machine.write("proc/self/limits", kLimits);
  const Judgement judged = machine.judge("memory.memlock", config);
  EXPECT_EQ(judged.verdict, Verdict::kDoesNotWork);
  EXPECT_THAT(judged.text, HasSubstr("at most 8 MiB"));
  EXPECT_THAT(judged.command, HasSubstr("ulimit -l unlimited"));
}

TEST_F(MemoryChecks, TheLimitDoesNotBindWhoMayLock) {
  machine.write("proc/self/limits", kLimits);
  machine.write("proc/self/status", "CapEff:\t0000000000004000");
  EXPECT_EQ(machine.judge("memory.memlock", config).verdict, Verdict::kOk);
}

TEST_F(MemoryChecks, TheLimitDoesNotMatterWithoutVfio) {
  machine.write("proc/self/limits", kLimits);
  machine.interfaces["eth1"] = {};
  EXPECT_EQ(machine.judge("memory.memlock", config_for("net_af_packet0,iface=eth1")).verdict, Verdict::kOk);
}

TEST_F(MemoryChecks, IommuOff) {
  machine.remove("sys/kernel/iommu_groups/0");
  const Judgement judged = machine.judge("iommu", config);
  EXPECT_EQ(judged.verdict, Verdict::kDoesNotWork);
  EXPECT_THAT(judged.command, HasSubstr("intel_iommu=on iommu=pt"));
}

TEST_F(MemoryChecks, IommuOffInAVirtualMachine) {
  machine.remove("sys/kernel/iommu_groups/0");
  machine.write("proc/cpuinfo", "vendor_id\t: AuthenticAMD\nmodel name\t: X\nflags\t: hypervisor sse4_2 avx2");
  EXPECT_THAT(machine.judge("iommu", config).command, HasSubstr("enable_unsafe_noiommu_mode=1"));
}

TEST_F(MemoryChecks, IommuOffAndDoneWithout) {
  machine.remove("sys/kernel/iommu_groups/0");
  machine.write("sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y");
  EXPECT_EQ(machine.judge("iommu", config).verdict, Verdict::kOk);
}

TEST_F(MemoryChecks, IommuOffBelowABifurcatedDriver) {
  machine.remove("sys/kernel/iommu_groups/0");
  machine.link(std::string("sys/bus/pci/devices/") + kNic + "/driver", "/drivers/mlx5_core");
  EXPECT_EQ(machine.judge("iommu", config).verdict, Verdict::kOk);
}

TEST_F(MemoryChecks, IommuOffCostsAMachineThatMayDoWithoutOnlySpeed) {
  machine.remove("sys/kernel/iommu_groups/0");
  machine.link(std::string("sys/bus/pci/devices/") + kNic + "/driver", "/drivers/ice");
  EXPECT_EQ(machine.judge("iommu").verdict, Verdict::kCostsSpeed);
}

}  // namespace
}  // namespace weir::doctor
