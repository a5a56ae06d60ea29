#include <weir/nic/eal.h>

#include <unistd.h>

#include <cstring>
#include <filesystem>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include <weir/nic/huge_pages.h>

#include "log_capture.h"

namespace weir::nic {

namespace {

std::string megabytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MB";
}

std::string how_to_get_huge_pages(std::uint32_t memory_mb) {
  return "`sysctl vm.nr_hugepages=" + std::to_string((memory_mb + 1) / 2 + 32) + "` makes them of 2 MB";
}

bool decide_huge(const EalConfig& config, std::vector<std::string>& choices) {
  const std::uint64_t free = free_huge_page_bytes();
  const std::uint64_t wanted = std::uint64_t{config.memory_mb} << 20;
  if (config.huge_pages != HugePageUse::kNever && free >= wanted) {
    choices.push_back("memory: " + megabytes(wanted) + " in huge pages (" + megabytes(free) + " were free)");
    return true;
  }
  const std::string lack = megabytes(wanted) + " wanted, " + megabytes(free) + " of huge pages free; " +
                           how_to_get_huge_pages(config.memory_mb);
  if (config.huge_pages == HugePageUse::kRequire) throw SetupError("not enough huge pages: " + lack);
  choices.push_back(config.huge_pages == HugePageUse::kNever
                        ? "memory: " + megabytes(wanted) + " in ordinary pages, as configured (--no-huge)"
                        : "memory: ordinary pages (--no-huge): " + lack);
  return false;
}

std::string privileges_hint() {
  return geteuid() == 0 ? "" : "; this is not root: start it with sudo, or give it what DPDK needs";
}

}  // namespace

Eal::Eal(const EalConfig& config) : adopted_(rte_lcore_count() > 0) {
  if (adopted_) {
    huge_ = rte_eal_has_hugepages() != 0;
    choices_.push_back("EAL: the one that the program started");
  } else {
    start(config);
  }
  find_workers(config);
}

// EAL leaves its folder under /run/dpdk behind; nothing in it outlives this process.
Eal::~Eal() {
  if (adopted_) return;
  const std::string folder = rte_eal_get_runtime_dir();
  rte_eal_cleanup();
  std::error_code ignored;
  if (!folder.empty()) std::filesystem::remove_all(folder, ignored);
}

void Eal::start(const EalConfig& config) {
  for (const Device& device : config.devices) check_present(device);
  huge_ = decide_huge(config, choices_);
  const std::vector<unsigned> cpus = allowed_cpus();
  if (config.workers > cpus.size() && !config.lcores)
    choices_.push_back("lcores: " + std::to_string(config.workers) + " workers share " + std::to_string(cpus.size()) +
                       " CPUs; each would rather have its own");
  std::vector<std::string> arguments = eal_arguments(config, huge_, cpus);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  LogCapture log(config.verbose);
  if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) >= 0) return;
  throw SetupError(std::string{"DPDK does not start: "} + rte_strerror(rte_errno) + privileges_hint() + log.quote());
}

void Eal::find_workers(const EalConfig& config) {
  unsigned lcore = 0;
  RTE_LCORE_FOREACH_WORKER(lcore) workers_.push_back(lcore);
  if (workers_.size() < config.workers)
    throw SetupError("workers = " + std::to_string(config.workers) + " but lcores name " +
                     std::to_string(workers_.size()) + ": name one lcore for each worker (\"0@0,1@1\")");
  workers_.resize(config.workers);
}

}  // namespace weir::nic
