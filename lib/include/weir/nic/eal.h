// DPDK's environment layer, started in this process from plain values, or adopted when the program started it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weir/nic/device.h>
#include <weir/nic/setup_error.h>

namespace weir::nic {

enum class HugePageUse : std::uint8_t {
  kAuto,     // used when enough are free, else ordinary memory
  kNever,    // ordinary memory
  kRequire,  // SetupError without them
};

struct EalConfig {
  std::string program = "weir";
  std::string file_prefix = "weir";  // of its own for each process; the process id is added
  std::uint32_t workers = 1;         // lcores besides the one of the starting thread
  std::optional<std::string> lcores =
      {};  // of the workers, EAL --lcores syntax ("0@0,1@1"); else the first allowed CPUs
  HugePageUse huge_pages = HugePageUse::kAuto;
  std::uint32_t memory_mb = 256;     // for packets and what drivers take
  std::vector<Device> devices = {};  // PCI devices are probed at start; virtual ones when their Port opens
  bool verbose = false;              // DPDK's own messages on stderr
};

// The lcore of the thread that starts EAL: it floats over all allowed CPUs, workers are pinned.
inline constexpr unsigned kControlLcore = 127;

// What the start will be told; a pure function of its arguments.
std::vector<std::string> eal_arguments(const EalConfig& config, bool huge, const std::vector<unsigned>& cpus);
// CPUs this process may run on.
std::vector<unsigned> allowed_cpus();

// One per process, and not again after it ended: DPDK starts once. Ends after all ports and packet pools.
class Eal {
 public:
  // Throws SetupError. Where EAL runs already it is adopted: its lcores serve, and it is left running.
  explicit Eal(const EalConfig& config);
  ~Eal();
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;

  const std::vector<unsigned>& workers() const { return workers_; }     // lcore ids
  const std::vector<std::string>& choices() const { return choices_; }  // one line each, for people
  bool on_huge_pages() const { return huge_; }
  bool was_adopted() const { return adopted_; }

 private:
  void start(const EalConfig& config);
  void find_workers(const EalConfig& config);

  std::vector<unsigned> workers_;
  std::vector<std::string> choices_;
  bool huge_ = false;
  bool adopted_ = false;
};

}  // namespace weir::nic
