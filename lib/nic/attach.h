// Finding a device among DPDK's ports, or bringing a virtual one up.
#pragma once

#include <cstdint>

#include <weir/nic/device.h>

namespace weir::nic {

struct Attached {
  std::uint16_t port = 0;
  bool by_us = false;
};

// Throws SetupError.
Attached attach(const Device& device, std::uint16_t queues);
void detach(const Device& device);

}  // namespace weir::nic
