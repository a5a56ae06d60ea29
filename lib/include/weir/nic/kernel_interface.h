// An interface of the kernel's in this thread's network namespace, as its driver tells (ethtool).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weir/nic/link.h>
#include <weir/wire/address.h>

namespace weir::nic {

struct KernelInterface {
  LinkState link;
  std::string driver;            // "ice", "veth"; empty: not told
  std::string bus;               // "0000:03:00.0"; empty: none
  std::uint32_t queues = 0;      // in use; 0: not told
  std::uint32_t queues_max = 0;  // that the device has; 0: not told
  std::uint32_t rss_key_bytes = 0;
  bool rx_checksum = false;
  bool tx_checksum = false;
  bool tso = false;
  bool gro = false;  // the kernel joins arriving segments to larger ones, before af_packet sees them
  bool lro = false;  // the device does
  std::vector<IpAddress> addresses{};
};

// Nothing where there is no interface of that name.
std::optional<KernelInterface> kernel_interface(const std::string& name);

}  // namespace weir::nic
