// What a configuration names as a port: a PCI address, or a virtual device with its arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::nic {

struct Device {
  std::string name;       // "0000:03:00.0", "net_af_packet0"
  std::string driver;     // of a virtual device: "net_af_packet"; empty for PCI
  std::string arguments;  // of its driver: "iface=eth1,qpairs=2", "support-multi-driver=1"

  // Nothing is looked up: only the form is judged. Throws SetupError for anything that is neither.
  static Device parse(std::string_view text);

  bool is_pci() const { return driver.empty(); }
  std::optional<std::string> argument(std::string_view key) const;
  // The kernel's interface that this device sits on (af_packet, af_xdp).
  std::optional<std::string> kernel_interface() const;
  // Shares memory with another process by file descriptor (vhost, virtio-user).
  bool shares_memory() const;
  // Arguments completed for `queues`: the driver's own key for its number of queues, and ring sizes that bursts fit
  // in. What is written there already stays; throws SetupError where it says fewer queues.
  std::string arguments_for(std::uint16_t queues) const;
};

// Throws SetupError with what to type when the device cannot be there: its interface or its peer's socket is missing.
void check_present(const Device& device);

}  // namespace weir::nic
