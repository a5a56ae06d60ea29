#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "checks.h"

namespace weir::doctor {

namespace {

std::vector<unsigned> not_in(const std::vector<unsigned>& cpus, const std::vector<unsigned>& others) {
  std::vector<unsigned> rest;
  for (const unsigned cpu : cpus)
    if (std::ranges::find(others, cpu) == others.end()) rest.push_back(cpu);
  return rest;
}

std::string plural(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

bool is_x86(const CpuFacts& cpu) {
  return cpu.vendor == "GenuineIntel" || cpu.vendor == "AuthenticAMD";
}

// DPDK as Debian packages it is built for SSE4.2 and looks for more when it runs.
Judged judge_flags(const Facts& facts) {
  const CpuFacts& cpu = facts.cpu;
  const auto has = [&](const char* flag) { return cpu.flags.contains(flag); };
  if (!is_x86(cpu)) return ok(cpu.model.empty() ? "not an x86 processor" : cpu.model);
  if (!has("sse4_2")) return broken(cpu.model + " lacks SSE4.2, which the packaged DPDK needs", "take another machine");
  if (!has("avx2"))
    return slow(cpu.model + " shows no AVX2: drivers receive and send by SSE",
                "as a virtual machine: give it the host's CPU model (libvirt: <cpu mode='host-passthrough'/>)");
  return ok(fmt::format("{}: AVX2{}", cpu.model, has("avx512f") && has("avx512bw") ? ", AVX-512" : ", no AVX-512"));
}

Judged judge_workers(const Facts& facts) {
  const std::size_t cpus = facts.cpu.workers.size();
  if (!facts.config) return ok(fmt::format("{} may be used: {}", plural(cpus, "CPU"), ranges(facts.cpu.workers)));
  if (facts.workers() > cpus)
    return slow(fmt::format("{} share {}", plural(facts.workers(), "worker"), plural(cpus, "CPU")),
                fmt::format("set workers = {} under [process]", std::max<std::size_t>(cpus, 1)));
  return ok(fmt::format("{} on CPU {}", plural(facts.workers(), "worker"), ranges(facts.cpu.workers)));
}

// The first CPU of each core that has none of its threads listed before.
std::vector<unsigned> one_per_core(const CpuFacts& cpu) {
  std::vector<unsigned> chosen;
  for (const Cpu& candidate : cpu.cpus)
    if (not_in(candidate.siblings, chosen).size() == candidate.siblings.size()) chosen.push_back(candidate.id);
  return chosen;
}

std::string lcores_on(const std::vector<unsigned>& cpus, unsigned workers) {
  std::string text;
  for (unsigned i = 0; i < workers && i < cpus.size(); ++i)
    text += fmt::format("{}{}@{}", text.empty() ? "" : ",", i, cpus[i]);
  return fmt::format("lcores = \"{}\" under [process]", text);
}

Judged judge_siblings(const Facts& facts) {
  const CpuFacts& cpu = facts.cpu;
  for (const unsigned id : cpu.workers) {
    const Cpu* known = cpu.find(id);
    if (known == nullptr) continue;
    std::vector<unsigned> shared;
    for (const unsigned other : known->siblings)
      if (std::ranges::find(cpu.workers, other) != cpu.workers.end()) shared.push_back(other);
    if (shared.size() < 2) continue;
    const std::vector<unsigned> apart = one_per_core(cpu);
    const std::string text = fmt::format("CPUs {} are threads of one core: each gets about half of it", ranges(shared));
    if (!facts.config) return ok(text + "; give workers one thread of a core each", "");
    if (apart.size() < facts.workers())
      return slow(text, fmt::format("set workers = {}: there are no more cores", apart.size()));
    return slow(text, "set " + lcores_on(apart, facts.workers()));
  }
  return ok("no two workers on threads of one core");
}

std::string add_to_kernel_line(const std::string& what) {
  return fmt::format("add \"{}\" to GRUB_CMDLINE_LINUX in /etc/default/grub; update-grub; reboot", what);
}

// What may be taken from the kernel: one CPU at least stays its own.
std::vector<unsigned> to_take(const CpuFacts& cpu) {
  if (cpu.workers.size() < cpu.cpus.size() || cpu.workers.size() < 2) return cpu.workers;
  return {cpu.workers.begin() + 1, cpu.workers.end()};
}

Judged judge_isolated(const Facts& facts) {
  const CpuFacts& cpu = facts.cpu;
  const std::vector<unsigned> shared = not_in(cpu.workers, cpu.isolated);
  if (shared.empty()) return ok(fmt::format("CPU {} isolated from the scheduler", ranges(cpu.workers)));
  if (facts.config && cpu.cpus.size() <= cpu.workers.size())
    return slow(fmt::format("workers use every CPU ({}): none is left to the kernel and to other programs",
                            ranges(cpu.workers)),
                "set fewer workers under [process], or take a machine with more CPUs");
  return slow(fmt::format("the scheduler puts other programs on CPU {}; packets wait meanwhile", ranges(shared)),
              add_to_kernel_line(fmt::format("isolcpus={0} nohz_full={0} rcu_nocbs={0}", ranges(to_take(cpu)))));
}

Judged judge_ticks(const Facts& facts) {
  const CpuFacts& cpu = facts.cpu;
  const std::vector<unsigned> ticking = not_in(cpu.workers, cpu.nohz_full);
  if (ticking.empty()) return ok(fmt::format("no timer tick on CPU {} while it runs one thread", ranges(cpu.workers)));
  return slow(fmt::format("the kernel's timer interrupts CPU {} 100 to 1,000 times a second", ranges(ticking)),
              add_to_kernel_line(fmt::format("nohz_full={}", ranges(to_take(cpu)))));
}

Judged judge_governor(const Facts& facts) {
  std::vector<unsigned> held_back;
  std::string governor;
  for (const Cpu& cpu : facts.cpu.cpus) {
    if (cpu.governor.empty() || cpu.governor == "performance") continue;
    if (not_in({cpu.id}, facts.cpu.workers).empty()) held_back.push_back(cpu.id), governor = cpu.governor;
  }
  if (!held_back.empty())
    return slow(fmt::format("governor {} on CPU {}: it may clock down between bursts", governor, ranges(held_back)),
                "cpupower frequency-set -g performance");
  const bool is_known = std::ranges::any_of(facts.cpu.cpus, [](const Cpu& cpu) { return !cpu.governor.empty(); });
  return ok(is_known ? "performance" : "the kernel sets no frequency here (firmware or hypervisor does)");
}

Judged judge_virtual(const Facts& facts) {
  constexpr double kNoticed = 0.005;
  if (facts.cpu.steal > kNoticed)
    return slow(fmt::format("a virtual machine that waited {:.1f} % of the time since boot for a CPU: figures vary",
                            facts.cpu.steal * 100),
                "ask the host for CPUs of its own (pinned, not overcommitted)");
  if (facts.cpu.flags.contains("hypervisor")) return ok("a virtual machine; no time stolen worth telling");
  return ok("no hypervisor shows");
}

Judged judge_irqbalance(const Facts& facts) {
  if (!facts.cpu.irqbalance) return ok("does not run");
  return slow("runs, and may move interrupts to the workers' CPUs", "systemctl disable --now irqbalance");
}

constexpr std::array kChecks{
    MachineCheck{"cpu.flags", "instructions", judge_flags},
    MachineCheck{"cpu.workers", "CPUs", judge_workers},
    MachineCheck{"cpu.smt", "threads of a core", judge_siblings},
    MachineCheck{"cpu.isolated", "isolation", judge_isolated},
    MachineCheck{"cpu.nohz_full", "timer ticks", judge_ticks},
    MachineCheck{"cpu.governor", "frequency", judge_governor},
    MachineCheck{"cpu.virtual", "virtualisation", judge_virtual},
    MachineCheck{"cpu.irqbalance", "irqbalance", judge_irqbalance},
};

}  // namespace

std::span<const MachineCheck> cpu_checks() {
  return kChecks;
}

}  // namespace weir::doctor
