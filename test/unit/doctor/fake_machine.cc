#include "fake_machine.h"

#include <gtest/gtest.h>

#include <fstream>

#include <weir/run/forecast.h>

namespace weir::doctor {

namespace fs = std::filesystem;

namespace {

constexpr unsigned kCpus = 8;

// In memory where it can be: there are a hundred small files in it.
fs::path fresh_directory() {
  const fs::path parent = fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path();
  std::string name = (parent / "weir-doctor-XXXXXX").string();
  return mkdtemp(name.data());
}

}  // namespace

FakeMachine::FakeMachine() : root_(fresh_directory()) {
  lay_out_cpus();
  lay_out_memory();
  lay_out_nic();
}

FakeMachine::~FakeMachine() {
  fs::remove_all(root_);
}

void FakeMachine::write(const std::string& path, const std::string& text) {
  fs::create_directories((root_ / path).parent_path());
  std::ofstream(root_ / path) << text << "\n";
}

void FakeMachine::link(const std::string& path, const std::string& target) {
  fs::create_directories((root_ / path).parent_path());
  fs::remove(root_ / path);
  fs::create_symlink(target, root_ / path);
}

void FakeMachine::remove(const std::string& path) {
  fs::remove_all(root_ / path);
}

void FakeMachine::set_cpus(const std::string& file, const std::string& text) {
  for (unsigned cpu = 0; cpu < kCpus; ++cpu) write("sys/devices/system/cpu/cpu" + std::to_string(cpu) + file, text);
}

// Threads of a core are neighbours; CPUs 0-3 are on node 0.
void FakeMachine::lay_out_cpus() {
  write("proc/cpuinfo",
        "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: A Processor\n"
        "flags\t\t: fpu sse4_2 avx2 avx512f avx512bw\n");
  write("proc/stat", "cpu  100 0 100 800 0 0 0 0 0 0");
  write("proc/1/comm", "init");
  write("sys/devices/system/cpu/online", "0-7");
  write("sys/devices/system/cpu/isolated", "0-3");
  write("sys/devices/system/cpu/nohz_full", "0-3");
  set_cpus("/cpufreq/scaling_governor", "performance");
  for (unsigned cpu = 0; cpu < kCpus; ++cpu)
    write("sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list",
          std::to_string(cpu / 2 * 2) + "-" + std::to_string(cpu / 2 * 2 + 1));
  write("sys/devices/system/node/online", "0-1");
  write("sys/devices/system/node/node0/cpulist", "0-3");
  write("sys/devices/system/node/node1/cpulist", "4-7");
}

void FakeMachine::lay_out_memory() {
  for (const char* node : {"node0", "node1"}) {
    const std::string pages = std::string("sys/devices/system/node/") + node + "/hugepages/hugepages-2048kB/";
    write(pages + "nr_hugepages", "1024");
    write(pages + "free_hugepages", "1024");
  }
  write("proc/self/limits",
        "Limit                     Soft Limit           Hard Limit           Units\n"
        "Max locked memory         unlimited            unlimited            bytes");
  write("proc/self/status", "Name:\tweir\nCapEff:\t0000000000000000");
  write("sys/kernel/iommu_groups/0/type", "DMA");
  write("sys/bus/pci/drivers/vfio-pci/new_id", "");
}

void FakeMachine::lay_out_nic() {
  const std::string folder = std::string("sys/bus/pci/devices/") + kNic;
  write(folder + "/class", "0x020000");
  write(folder + "/numa_node", "0");
  write(folder + "/current_link_width", "16");
  write(folder + "/max_link_width", "16");
  write(folder + "/current_link_speed", "16.0 GT/s PCIe");
  write(folder + "/max_link_speed", "16.0 GT/s PCIe");
  link(folder + "/driver", "../../../bus/pci/drivers/vfio-pci");
}

Machine FakeMachine::machine() const {
  Machine machine;
  machine.root = root_;
  machine.interface = [this](const std::string& name) -> std::optional<nic::KernelInterface> {
    const auto found = interfaces.find(name);
    return found == interfaces.end() ? std::nullopt : std::optional(found->second);
  };
  machine.allowed_cpus = [] { return std::vector<unsigned>{0, 1, 2, 3, 4, 5, 6, 7}; };
  machine.available_memory = [this] { return available_memory; };
  return machine;
}

Judgement FakeMachine::judge(const std::string& check, std::optional<run::AnyConfig> config) const {
  return find(examine(gather(machine(), std::move(config))), check);
}

run::AnyConfig config_for(const std::string& device, unsigned workers) {
  run::AnyConfig config;
  config.program = "serve";
  config.process.workers = workers;
  std::string lcores;
  for (unsigned i = 0; i < workers; ++i)
    lcores += (i == 0 ? "" : ",") + std::to_string(i) + "@" + std::to_string(2 * i);
  config.process.lcores = lcores;
  config.process.ports = {{device, {*Prefix::parse("192.0.2.1/24")}}};
  config.forecast = run::forecast(config.process, 0);
  return config;
}

Judgement find(const std::vector<Finding>& findings, const std::string& check) {
  for (const Finding& finding : findings)
    if (finding.check == check) return finding.judgement;
  ADD_FAILURE() << "no finding " << check;
  return {};
}

}  // namespace weir::doctor
