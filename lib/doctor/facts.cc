#include <weir/doctor/facts.h>

#include <algorithm>

#include "gather.h"

namespace weir::doctor {

namespace {

std::uint64_t bytes_of(const std::vector<HugePages>& pages, std::uint64_t HugePages::*count) {
  std::uint64_t sum = 0;
  for (const HugePages& of_node : pages) sum += of_node.page_bytes * of_node.*count;
  return sum;
}

}  // namespace

const Cpu* CpuFacts::find(unsigned id) const {
  const auto found = std::ranges::find(cpus, id, &Cpu::id);
  return found == cpus.end() ? nullptr : &*found;
}

std::set<int> CpuFacts::nodes() const {
  std::set<int> nodes;
  for (const Cpu& cpu : cpus) nodes.insert(cpu.node);
  return nodes;
}

std::vector<unsigned> CpuFacts::on_node(int node) const {
  std::vector<unsigned> ids;
  for (const Cpu& cpu : cpus)
    if (cpu.node == node) ids.push_back(cpu.id);
  return ids;
}

std::uint64_t MemoryFacts::huge_total() const {
  return bytes_of(huge, &HugePages::total);
}

std::uint64_t MemoryFacts::huge_free() const {
  return bytes_of(huge, &HugePages::free);
}

Facts gather(const Machine& machine, std::optional<run::AnyConfig> config) {
  Facts facts;
  facts.config = std::move(config);
  facts.cpu = gather_cpus(machine, facts.config);
  facts.memory = gather_memory(machine);
  facts.iommu = gather_iommu(machine);
  facts.nics = facts.config ? gather_ports(machine, facts.config->process) : gather_nics(machine);
  return facts;
}

}  // namespace weir::doctor
