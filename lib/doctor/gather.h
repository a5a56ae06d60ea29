// The parts of gather().
#pragma once

#include <weir/doctor/facts.h>

namespace weir::doctor {

CpuFacts gather_cpus(const Machine& machine, const std::optional<run::AnyConfig>& config);
MemoryFacts gather_memory(const Machine& machine);
IommuFacts gather_iommu(const Machine& machine);
std::vector<NicFacts> gather_ports(const Machine& machine, const run::ProcessConfig& config);
std::vector<NicFacts> gather_nics(const Machine& machine);

}  // namespace weir::doctor
