// What is known of a machine, before anything is judged.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <weir/doctor/machine.h>
#include <weir/nic/probe.h>
#include <weir/run/any_config.h>
#include <weir/wire/address.h>

namespace weir::doctor {

struct Cpu {
  unsigned id = 0;
  int node = 0;
  std::vector<unsigned> siblings{};  // that share its core, itself too
  std::string governor;              // empty: the kernel sets no frequency
};

struct CpuFacts {
  std::string model;
  std::string vendor;
  std::set<std::string> flags;
  std::vector<Cpu> cpus;          // online
  std::vector<unsigned> workers;  // those that the configuration gives to workers; without one: the allowed ones
  std::vector<unsigned> isolated;
  std::vector<unsigned> nohz_full;
  double steal = 0;  // share of all CPU time since boot that the hypervisor gave to others
  bool irqbalance = false;

  const Cpu* find(unsigned id) const;
  std::set<int> nodes() const;
  std::vector<unsigned> on_node(int node) const;
};

struct HugePages {
  std::uint64_t page_bytes = 0;
  int node = 0;
  std::uint64_t total = 0;
  std::uint64_t free = 0;
};

struct MemoryFacts {
  std::uint64_t available = 0;              // bytes of ordinary memory
  std::vector<HugePages> huge;              // by size and node
  std::optional<std::uint64_t> locked_max;  // bytes (RLIMIT_MEMLOCK); nothing: no limit
  bool may_lock = false;                    // CAP_IPC_LOCK: the limit does not count

  std::uint64_t huge_total() const;  // bytes
  std::uint64_t huge_free() const;
};

struct IommuFacts {
  bool on = false;
  bool vfio_loaded = false;
  bool unsafe_mode = false;  // vfio without an IOMMU is allowed
};

// A network device: one that the configuration names, or without a configuration one that the machine has.
struct NicFacts {
  std::string name;  // "0000:03:00.0", "net_af_packet0,iface=eth1"
  bool configured = false;
  bool present = true;
  bool pci = false;
  std::string interface;  // the kernel's, if it has one
  std::string driver;     // that the kernel has bound to it: "ice", "vfio-pci"; empty: none
  int node = -1;          // -1: not told, as where there is one node only
  std::optional<nic::KernelInterface> kernel{};
  std::vector<IpAddress> wanted{};    // addresses that Weir is to answer for there
  std::string width, width_max;       // PCIe lanes
  std::string speed, speed_max;       // PCIe transfer rate of a lane
  std::optional<nic::Probe> probe{};  // opened with DPDK
  std::string probe_error;            // why it could not be
};

struct Facts {
  CpuFacts cpu;
  MemoryFacts memory;
  IommuFacts iommu;
  std::vector<NicFacts> nics;
  std::optional<run::AnyConfig> config;

  unsigned workers() const { return config ? config->process.workers : 1; }
};

// Reads all but probes. `config`: what is to run here, or nothing.
Facts gather(const Machine& machine, std::optional<run::AnyConfig> config);
// Opens with DPDK what the configuration names, where that disturbs nobody. Starts EAL: once in a process.
void probe_ports(Facts& facts);

}  // namespace weir::doctor
