#include <sched.h>
#include <unistd.h>

#include <algorithm>

#include <weir/nic/eal.h>

namespace weir::nic {

namespace {

std::string joined(const std::vector<unsigned>& numbers) {
  std::string result;
  for (const unsigned number : numbers) result += (result.empty() ? "" : ",") + std::to_string(number);
  return result;
}

// Worker i on the i-th CPU (round again when there are fewer), the control lcore on all of them.
std::string lcore_map(const EalConfig& config, const std::vector<unsigned>& cpus) {
  std::string workers;
  for (unsigned i = 0; i < config.workers; ++i)
    workers += std::to_string(i) + '@' + std::to_string(cpus[i % cpus.size()]) + ',';
  if (config.lcores) workers = *config.lcores + ',';
  return "--lcores=" + workers + std::to_string(kControlLcore) + "@(" + joined(cpus) + ")";
}

void add_memory(std::vector<std::string>& arguments, const EalConfig& config, bool huge) {
  // Nothing is shared with other DPDK processes, so no files are left behind either way.
  arguments.push_back(huge ? "--in-memory" : "--no-huge");
  if (!huge) arguments.push_back("--no-shconf");
  arguments.push_back("-m");
  arguments.push_back(std::to_string(config.memory_mb));
  // A vhost peer maps this memory by file descriptor, of which it takes few.
  if (std::any_of(config.devices.begin(), config.devices.end(), [](const Device& d) { return d.shares_memory(); }))
    arguments.push_back("--single-file-segments");
}

void add_devices(std::vector<std::string>& arguments, const EalConfig& config) {
  bool pci = false;
  for (const Device& device : config.devices) {
    if (!device.is_pci()) continue;
    pci = true;
    arguments.push_back("--allow=" + device.name + (device.arguments.empty() ? "" : "," + device.arguments));
  }
  if (pci) return;
  arguments.push_back("--no-pci");
  arguments.push_back("--iova-mode=va");
}

}  // namespace

std::vector<std::string> eal_arguments(const EalConfig& config, bool huge, const std::vector<unsigned>& cpus) {
  std::vector<std::string> arguments{config.program};
  arguments.push_back("--file-prefix=" + config.file_prefix + "-" + std::to_string(getpid()));
  arguments.push_back(lcore_map(config, cpus));
  arguments.push_back("--main-lcore=" + std::to_string(kControlLcore));
  add_memory(arguments, config, huge);
  add_devices(arguments, config);
  arguments.push_back("--no-telemetry");
  arguments.push_back(config.verbose ? "--log-level=*:debug" : "--log-level=*:warning");
  return arguments;
}

std::vector<unsigned> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<unsigned> cpus;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  return cpus;
}

}  // namespace weir::nic
