#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_machine.h"

namespace weir::doctor {
namespace {

using testing::HasSubstr;

struct CpuChecks : testing::Test {
  FakeMachine machine;
  run::AnyConfig config = config_for(kNic, 2);

  void expect(const std::string& check, Verdict verdict, const std::string& text, const std::string& command = "") {
    const Judgement judged = machine.judge(check, config);
    EXPECT_EQ(judged.verdict, verdict) << judged.text;
    EXPECT_THAT(judged.text, HasSubstr(text));
    EXPECT_THAT(judged.command,
                command.empty() ? testing::IsEmpty() : testing::Matcher<std::string>(HasSubstr(command)));
  }
};

TEST_F(CpuChecks, AllIsWellWhereAllIsThere) {
  for (const char* check : {"cpu.flags", "cpu.workers", "cpu.smt", "cpu.isolated", "cpu.nohz_full", "cpu.governor",
                            "cpu.virtual", "cpu.irqbalance"})
    expect(check, Verdict::kOk, "");
}

TEST_F(CpuChecks, OldProcessors) {
  machine.write("proc/cpuinfo", "vendor_id\t: GenuineIntel\nmodel name\t: Old\nflags\t: sse4_2");
  expect("cpu.flags", Verdict::kCostsSpeed, "no AVX2", "host-passthrough");
  machine.write("proc/cpuinfo", "vendor_id\t: GenuineIntel\nmodel name\t: Older\nflags\t: sse2");
  expect("cpu.flags", Verdict::kDoesNotWork, "Older lacks SSE4.2", "another machine");
}

TEST_F(CpuChecks, AnotherArchitectureIsNotHeldAgainstX86) {
  machine.write("proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd crc32");
  expect("cpu.flags", Verdict::kOk, "");
}

TEST_F(CpuChecks, MoreWorkersThanCpus) {
  config.process.workers = 3;
  expect("cpu.workers", Verdict::kCostsSpeed, "3 workers share 2 CPUs", "workers = 2");
}

TEST_F(CpuChecks, WorkersOnThreadsOfOneCore) {
  config.process.lcores = "0@2,1@3";
  expect("cpu.smt", Verdict::kCostsSpeed, "CPUs 2-3 are threads of one core", "lcores = \"0@0,1@2\"");
}

TEST_F(CpuChecks, MoreWorkersThanCores) {
  config.process.workers = 8;
  config.process.lcores = "0-7";
  expect("cpu.smt", Verdict::kCostsSpeed, "threads of one core", "workers = 4");
}

TEST_F(CpuChecks, CpusThatOthersUse) {
  machine.write("sys/devices/system/cpu/isolated", "2");
  expect("cpu.isolated", Verdict::kCostsSpeed, "on CPU 0;", "isolcpus=0,2 nohz_full=0,2");
  machine.write("sys/devices/system/cpu/nohz_full", "(null)");
  expect("cpu.nohz_full", Verdict::kCostsSpeed, "CPU 0,2", "nohz_full=0,2");
}

TEST_F(CpuChecks, NoCpuLeftForTheKernel) {
  config.process.lcores = "0-7";
  expect("cpu.isolated", Verdict::kCostsSpeed, "every CPU (0-7)", "fewer workers");
}

TEST_F(CpuChecks, AGovernorThatSavesPower) {
  machine.set_cpus("/cpufreq/scaling_governor", "powersave");
  expect("cpu.governor", Verdict::kCostsSpeed, "powersave on CPU 0,2", "cpupower frequency-set -g performance");
}

TEST_F(CpuChecks, AGovernorOfOtherCpusDoesNotMatter) {
  machine.write("sys/devices/system/cpu/cpu7/cpufreq/scaling_governor", "powersave");
  expect("cpu.governor", Verdict::kOk, "performance");
}

TEST_F(CpuChecks, NoGovernorAtAll) {
  for (unsigned cpu = 0; cpu < 8; ++cpu)
    machine.remove("sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq");
  expect("cpu.governor", Verdict::kOk, "sets no frequency");
}

TEST_F(CpuChecks, StolenTime) {
  machine.write("proc/stat", "cpu  100 0 100 700 0 0 0 100 0 0");
  expect("cpu.virtual", Verdict::kCostsSpeed, "10.0 %", "CPUs of its own");
}

TEST_F(CpuChecks, Irqbalance) {
  machine.write("proc/77/comm", "irqbalance");
  expect("cpu.irqbalance", Verdict::kCostsSpeed, "runs", "systemctl disable --now irqbalance");
}

TEST(CpuLists, AreReadAndWritten) {
  EXPECT_EQ(parse_cpus("0-2,7"), (std::vector<unsigned>{0, 1, 2, 7}));
  EXPECT_EQ(parse_cpus("(null)"), std::vector<unsigned>{});
  EXPECT_EQ(parse_cpus("0-4294967295"), std::vector<unsigned>{});
  EXPECT_EQ(ranges({0, 1, 2, 7, 9, 10}), "0-2,7,9-10");
  EXPECT_EQ(ranges({}), "");
}

TEST(CpuLists, OfLcores) {
  EXPECT_EQ(cpus_of_lcores("0@4,1@6"), (std::vector<unsigned>{4, 6}));
  EXPECT_EQ(cpus_of_lcores("2-3"), (std::vector<unsigned>{2, 3}));
  EXPECT_EQ(cpus_of_lcores("(0,1)@(4,6-7),5"), (std::vector<unsigned>{4, 6, 7, 5}));
}

}  // namespace
}  // namespace weir::doctor
