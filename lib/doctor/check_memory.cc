#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <weir/base/region.h>
#include <weir/run/forecast.h>

#include "checks.h"
#include "pci_drivers.h"

namespace weir::doctor {

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kPagesForDrivers = 64;       // 2 MiB each: what EAL and drivers take besides
constexpr std::uint64_t kPagesWithoutConfig = 1024;  // 2 GiB

std::string by_node(const std::vector<HugePages>& pages) {
  std::string text;
  for (const HugePages& found : pages) {
    if (found.total == 0) continue;
    text += fmt::format("{}{} of {} MiB on node {}, {} free", text.empty() ? "" : "; ", found.total,
                        found.page_bytes / kMiB, found.node, found.free);
  }
  return text;
}

Judgement lacking(const Facts& facts, const std::string& text, std::uint64_t pages) {
  const std::string command = fmt::format("sysctl vm.nr_hugepages={}", pages + kPagesForDrivers);
  const bool is_required = facts.config && facts.config->process.huge_pages == run::HugePages::kRequire;
  return is_required ? broken(text + "; the configuration requires them", command) : slow(text, command);
}

Judged judge_huge_pages(const Facts& facts) {
  const MemoryFacts& memory = facts.memory;
  const std::uint64_t needed = facts.config ? run::huge_pages(facts.config->forecast) : kPagesWithoutConfig;
  if (facts.config && facts.config->process.huge_pages == run::HugePages::kNever)
    return ok("none wanted: huge_pages = \"never\"");
  if (memory.huge_total() == 0)
    return lacking(facts, "none: ordinary pages serve, at the price of misses in the TLB", needed);
  if (facts.config && memory.huge_free() < needed * 2 * kMiB)
    return lacking(facts, fmt::format("{}; {} of 2 MiB are needed", by_node(memory.huge), needed),
                   needed + memory.huge_total() / (2 * kMiB) - memory.huge_free() / (2 * kMiB));
  return ok(by_node(memory.huge));
}

// Told of the whole machine only where there is something to forecast.
Judged judge_forecast(const Facts& facts) {
  if (!facts.config) return std::nullopt;
  const bool may_be_huge = facts.config->process.huge_pages != run::HugePages::kNever;
  const std::string needed = run::describe(facts.config->forecast);
  try {
    run::require_memory(facts.config->forecast, facts.memory.available, may_be_huge ? facts.memory.huge_free() : 0);
  } catch (const OutOfMemory& error) {
    return broken(needed, error.what());
  }
  return ok(fmt::format("{}; {} MiB are free", needed, facts.memory.available / kMiB));
}

bool uses_vfio(const NicFacts& nic) {
  const DriverPair* pair = pair_of(nic.driver);
  return nic.pci && (nic.driver == "vfio-pci" ||
                     (nic.configured && (pair == nullptr || !pair->bifurcated) && !is_for_user_space(nic.driver)));
}

// Memory that a device may reach by vfio is locked, and counted.
Judged judge_memlock(const Facts& facts) {
  if (!facts.memory.locked_max) return ok("no limit");
  const std::uint64_t limit = *facts.memory.locked_max;
  const std::uint64_t needed = facts.config ? facts.config->forecast.total() : kPagesWithoutConfig * 2 * kMiB;
  const std::string text = fmt::format("at most {} MiB may be locked", limit / kMiB);
  if (facts.memory.may_lock) return ok(text + ", which does not bind this user (CAP_IPC_LOCK)");
  if (limit >= needed) return ok(text);
  if (std::ranges::none_of(facts.nics, uses_vfio)) return ok(text + "; no NIC here is used by vfio, which needs more");
  return broken(fmt::format("{}, {} MiB are needed for a NIC by vfio", text, needed / kMiB),
                "ulimit -l unlimited (as root; for good: \"* - memlock unlimited\" in /etc/security/limits.conf)");
}

std::string how_to_do_without(const Facts& facts) {
  const std::string unsafe = "modprobe vfio enable_unsafe_noiommu_mode=1; modprobe vfio-pci";
  if (facts.cpu.flags.contains("hypervisor")) return unsafe + " (the NIC may then write anywhere in memory)";
  const char* kernel = facts.cpu.vendor == "AuthenticAMD" ? "iommu=pt" : "intel_iommu=on iommu=pt";
  return fmt::format(
      "switch VT-d or AMD-Vi on in the firmware; add \"{}\" to GRUB_CMDLINE_LINUX in /etc/default/grub; "
      "update-grub; reboot. Or, unprotected: {}",
      kernel, unsafe);
}

Judged judge_iommu(const Facts& facts) {
  if (std::ranges::none_of(facts.nics, &NicFacts::pci)) return ok("not needed: no NIC on PCI");
  if (facts.iommu.on)
    return ok("on: vfio protects memory from the NIC", facts.iommu.vfio_loaded ? "" : "modprobe vfio-pci");
  if (facts.iommu.unsafe_mode) return ok("off; vfio is allowed without it: the NIC may write anywhere in memory");
  const std::string text = "off, and vfio is not allowed without it";
  if (std::ranges::any_of(facts.nics, uses_vfio)) return broken(text, how_to_do_without(facts));
  if (std::ranges::all_of(facts.nics, [](const NicFacts& nic) { return nic.configured; }))
    return ok("off; the NICs configured do not go by vfio");
  return slow(text + ": a NIC that needs vfio works by af_packet only", how_to_do_without(facts));
}

constexpr std::array kChecks{
    MachineCheck{"memory.huge_pages", "huge pages", judge_huge_pages},
    MachineCheck{"memory.forecast", "memory", judge_forecast},
    MachineCheck{"memory.memlock", "locked memory", judge_memlock},
    MachineCheck{"iommu", "IOMMU", judge_iommu},
};

}  // namespace

std::span<const MachineCheck> memory_checks() {
  return kChecks;
}

}  // namespace weir::doctor
