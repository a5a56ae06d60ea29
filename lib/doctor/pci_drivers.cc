#include "pci_drivers.h"

#include <algorithm>
#include <array>

namespace weir::doctor {

namespace {

// From the guides of DPDK 22.11, nics/.
constexpr std::array kPairs{
    DriverPair{"ice", "net_ice", false},
    DriverPair{"i40e", "net_i40e", false},
    DriverPair{"ixgbe", "net_ixgbe", false},
    DriverPair{"ixgbevf", "net_ixgbe_vf", false},
    DriverPair{"iavf", "net_iavf", false},
    DriverPair{"igb", "net_e1000_igb", false},
    DriverPair{"igbvf", "net_e1000_igb_vf", false},
    DriverPair{"e1000", "net_e1000_em", false},
    DriverPair{"e1000e", "net_e1000_em", false},
    DriverPair{"igc", "net_igc", false},
    DriverPair{"mlx5_core", "mlx5_pci", true},
    DriverPair{"mlx4_core", "net_mlx4", true},
    DriverPair{"ena", "net_ena", false},
    DriverPair{"virtio-pci", "net_virtio", false},
    DriverPair{"vmxnet3", "net_vmxnet3", false},
    DriverPair{"bnxt_en", "net_bnxt", false},
    DriverPair{"sfc", "net_sfc_efx", false},
    DriverPair{"qede", "net_qede", false},
    DriverPair{"cxgb4", "net_cxgbe", false},
    DriverPair{"enic", "net_enic", false},
    DriverPair{"nfp", "net_nfp_pf", false},
};

constexpr std::array<std::string_view, 3> kUserSpace{"vfio-pci", "uio_pci_generic", "igb_uio"};

}  // namespace

const DriverPair* pair_of(std::string_view kernel_driver) {
  const auto found = std::ranges::find(kPairs, kernel_driver, &DriverPair::kernel);
  return found == kPairs.end() ? nullptr : &*found;
}

bool is_for_user_space(std::string_view kernel_driver) {
  return std::ranges::find(kUserSpace, kernel_driver) != kUserSpace.end();
}

}  // namespace weir::doctor
