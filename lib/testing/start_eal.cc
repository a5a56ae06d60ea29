#include "start_eal.h"

#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

namespace weir::testing {

namespace {

constexpr const char* kMemoryMb = "512";  // address space; only what is used is backed by memory

std::string& last_error() {
  static std::string error;
  return error;
}

// One lcore on all CPUs that the process may use: EAL binds the calling thread otherwise to one.
std::string lcores() {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::string cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) cpus += (cpus.empty() ? "" : ",") + std::to_string(cpu);
  return "0@(" + cpus + ")";
}

bool start() {
  std::vector<std::string> words{"weir-harness", "--no-huge",      "--no-pci",
                                 "--no-shconf",  "--no-telemetry", "--log-level=error",
                                 "-m",           kMemoryMb,        "--lcores",
                                 lcores(),       "--file-prefix",  "weir-harness-" + std::to_string(getpid())};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  if (rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0) {
    last_error() = std::string{"EAL does not start: "} + rte_strerror(rte_errno);
    return false;
  }
  // EAL makes a folder for what it shares with other processes; here that is nothing.
  std::error_code ignored;
  std::filesystem::remove(rte_eal_get_runtime_dir(), ignored);
  return true;
}

}  // namespace

bool start_eal() {
  return rte_lcore_count() > 0 || start();
}

const std::string& start_error() {
  return last_error();
}

}  // namespace weir::testing
