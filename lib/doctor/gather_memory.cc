#include <charconv>
#include <sstream>

#include <fmt/format.h>

#include "gather.h"

namespace weir::doctor {

namespace {

constexpr std::string_view kPages = "hugepages-";
constexpr unsigned kCapIpcLock = 14;

// "hugepages-2048kB" -> bytes; 0 for anything else.
std::uint64_t page_bytes(std::string_view name) {
  if (!name.starts_with(kPages)) return 0;
  std::uint64_t kilobytes = 0;
  std::from_chars(name.data() + kPages.size(), name.data() + name.size(), kilobytes);
  return kilobytes * 1024;
}

void add_pages(const Machine& machine, const std::string& folder, int node, std::vector<HugePages>& pages) {
  for (const std::string& name : machine.list(folder)) {
    const auto count = [&](const char* file) {
      return static_cast<std::uint64_t>(machine.number(fmt::format("{}/{}/{}", folder, name, file)).value_or(0));
    };
    const HugePages found{page_bytes(name), node, count("nr_hugepages"), count("free_hugepages")};
    if (found.page_bytes != 0) pages.push_back(found);
  }
}

// By node where the kernel tells it so, else all as node 0.
std::vector<HugePages> huge_pages(const Machine& machine) {
  std::vector<HugePages> pages;
  for (const unsigned node : machine.cpus("/sys/devices/system/node/online"))
    add_pages(machine, fmt::format("/sys/devices/system/node/node{}/hugepages", node), static_cast<int>(node), pages);
  if (pages.empty()) add_pages(machine, "/sys/kernel/mm/hugepages", 0, pages);
  return pages;
}

// What follows `key` in the line that begins with it.
std::string after(const std::string& text, const std::string& key) {
  const std::size_t start = text.starts_with(key) ? 0 : text.find("\n" + key);
  if (start == std::string::npos) return "";
  std::string word;
  std::istringstream(text.substr(text.find(key, start) + key.size())) >> word;
  return word;
}

// The soft limit.
std::optional<std::uint64_t> locked_max(const Machine& machine) {
  const std::string word = after(machine.text("/proc/self/limits"), "Max locked memory");
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), bytes);
  if (error != std::errc{}) return std::nullopt;
  return bytes;
}

bool has_capability(const Machine& machine, unsigned bit) {
  const std::string word = after(machine.text("/proc/self/status"), "CapEff:");
  std::uint64_t set = 0;
  std::from_chars(word.data(), word.data() + word.size(), set, 16);
  return (set >> bit & 1) != 0;
}

}  // namespace

MemoryFacts gather_memory(const Machine& machine) {
  MemoryFacts facts;
  facts.available = machine.available_memory();
  facts.huge = huge_pages(machine);
  facts.locked_max = locked_max(machine);
  facts.may_lock = has_capability(machine, kCapIpcLock);
  return facts;
}

IommuFacts gather_iommu(const Machine& machine) {
  IommuFacts facts;
  facts.on = !machine.list("/sys/kernel/iommu_groups").empty();
  facts.vfio_loaded = machine.has("/sys/bus/pci/drivers/vfio-pci");
  facts.unsafe_mode = machine.line("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode") == "Y";
  return facts;
}

}  // namespace weir::doctor
