// What a driver of the kernel's says about the driver of DPDK's that takes its NIC.
#pragma once

#include <string_view>

namespace weir::doctor {

struct DriverPair {
  std::string_view kernel;  // "ice"
  std::string_view dpdk;    // "net_ice"
  bool bifurcated;          // DPDK works beside the kernel's driver: nothing is bound
};

// Nothing for a driver that the list lacks; DPDK may know its NIC all the same.
const DriverPair* pair_of(std::string_view kernel_driver);
// vfio-pci, uio_pci_generic, igb_uio: the NIC is DPDK's.
bool is_for_user_space(std::string_view kernel_driver);

}  // namespace weir::doctor
