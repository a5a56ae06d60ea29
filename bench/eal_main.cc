// main() of the programs that measure Weir beside DPDK's own: EAL without huge pages or devices, so that both stand on
// the same kind of memory.
#include <cstdlib>
#include <iterator>

#include <benchmark/benchmark.h>
#include <rte_eal.h>

int main(int argc, char** argv) {
  const char* eal[] = {"weir-bench", "--no-huge", "--no-pci",   "--no-shconf",      "--no-telemetry",
                       "-m",         "3072",      "--lcores=0", "--log-level=error"};
  if (rte_eal_init(static_cast<int>(std::size(eal)), const_cast<char**>(eal)) < 0) return EXIT_FAILURE;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  rte_eal_cleanup();
  return EXIT_SUCCESS;
}
