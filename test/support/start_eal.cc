#include "support/start_eal.h"

#include <sched.h>

#include <stdexcept>
#include <string>
#include <vector>

#include <rte_eal.h>
#include <rte_errno.h>

namespace weir::testing {
namespace {

// So that programs side by side share the machine.
std::string allowed_cpus() {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::string list;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) list += (list.empty() ? "" : ",") + std::to_string(cpu);
  return list;
}

}  // namespace

void start_eal(unsigned megabytes) {
  std::vector<std::string> words{"test",
                                 "--no-huge",
                                 "--no-pci",
                                 "--no-shconf",
                                 "--no-telemetry",
                                 "-m",
                                 std::to_string(megabytes),
                                 "--log-level=error",
                                 "--lcores",
                                 "0@(" + allowed_cpus() + ")"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  if (rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0)
    throw std::runtime_error(std::string{"EAL does not start: "} + rte_strerror(rte_errno));
}

}  // namespace weir::testing
