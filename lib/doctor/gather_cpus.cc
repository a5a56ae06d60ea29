#include <algorithm>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "gather.h"

namespace weir::doctor {

namespace {

// "key   : value" of the first CPU.
std::string cpuinfo(const std::string& text, std::string_view key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (!line.starts_with(key) || colon == std::string::npos) continue;
    if (line.find_last_not_of(" \t", colon - 1) + 1 != key.size()) continue;
    return line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size()));
  }
  return "";
}

std::set<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

// Fields of "cpu  user nice system idle iowait irq softirq steal ...", times since boot.
double share_stolen(const std::string& stat) {
  std::istringstream in(stat.substr(0, stat.find('\n')));
  std::string name;
  in >> name;
  double sum = 0, steal = 0, value = 0;
  for (unsigned field = 0; field < 8 && in >> value; ++field) {
    sum += value;
    if (field == 7) steal = value;
  }
  return sum > 0 ? steal / sum : 0;
}

std::vector<Cpu> online(const Machine& machine) {
  std::vector<Cpu> cpus;
  for (const unsigned id : machine.cpus("/sys/devices/system/cpu/online")) {
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu{}", id);
    cpus.push_back({id, 0, machine.cpus(folder + "/topology/thread_siblings_list"),
                    machine.line(folder + "/cpufreq/scaling_governor")});
  }
  return cpus;
}

void place_on_nodes(const Machine& machine, std::vector<Cpu>& cpus) {
  for (const unsigned node : machine.cpus("/sys/devices/system/node/online"))
    for (const unsigned id : machine.cpus(fmt::format("/sys/devices/system/node/node{}/cpulist", node)))
      for (Cpu& cpu : cpus)
        if (cpu.id == id) cpu.node = static_cast<int>(node);
}

bool runs(const Machine& machine, const std::string& program) {
  const auto is_it = [&](const std::string& pid) {
    return std::isdigit(static_cast<unsigned char>(pid[0])) && machine.line("/proc/" + pid + "/comm") == program;
  };
  return std::ranges::any_of(machine.list("/proc"), is_it);
}

std::vector<unsigned> worker_cpus(const Machine& machine, const std::optional<run::AnyConfig>& config) {
  if (config && config->process.lcores) return cpus_of_lcores(*config->process.lcores);
  std::vector<unsigned> cpus = machine.allowed_cpus();
  if (config && config->process.workers < cpus.size()) cpus.resize(config->process.workers);
  return cpus;
}

}  // namespace

CpuFacts gather_cpus(const Machine& machine, const std::optional<run::AnyConfig>& config) {
  CpuFacts facts;
  const std::string info = machine.text("/proc/cpuinfo");
  facts.model = cpuinfo(info, "model name");
  facts.vendor = cpuinfo(info, "vendor_id");
  facts.flags = words(cpuinfo(info, "flags") + " " + cpuinfo(info, "Features"));
  facts.cpus = online(machine);
  place_on_nodes(machine, facts.cpus);
  facts.workers = worker_cpus(machine, config);
  facts.isolated = machine.cpus("/sys/devices/system/cpu/isolated");
  facts.nohz_full = machine.cpus("/sys/devices/system/cpu/nohz_full");
  facts.steal = share_stolen(machine.text("/proc/stat"));
  facts.irqbalance = runs(machine, "irqbalance");
  return facts;
}

}  // namespace weir::doctor
