#include "eal.h"

#include <sched.h>

#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>
#include <rte_eal.h>
#include <rte_errno.h>

namespace weir::test {

namespace {

// The CPUs this process may use: one lcore on all of them, so that programs run side by side share the machine.
std::string allowed_cpus() {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::string list;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) list += (list.empty() ? "" : ",") + std::to_string(cpu);
  }
  return list;
}

class EalEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    std::vector<std::string> words{
        "test", "--no-huge", "--no-pci",          "--no-shconf", "--no-telemetry",
        "-m",   "256",       "--log-level=error", "--lcores",    "0@(" + allowed_cpus() + ")"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    if (rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0) {
      throw std::runtime_error(std::string{"EAL does not start: "} + rte_strerror(rte_errno));
    }
  }
};

[[maybe_unused]] const auto* const kEnvironment = ::testing::AddGlobalTestEnvironment(new EalEnvironment);

std::string unique_name() {
  static unsigned count = 0;
  return "test" + std::to_string(count++);
}

}  // namespace

void expect_all_back(const PacketPool& pool, const std::string& owner) {
  EXPECT_EQ(pool.available(), pool.capacity())
      << owner << ": " << pool.capacity() - pool.available() << " packets were not given back";
}

TestPool::TestPool(std::uint32_t packets) : pool_(unique_name().c_str(), packets) {}

}  // namespace weir::test
