// State of a port's link, and what the kernel says of the interface below a port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weir/wire/address.h>

namespace weir::nic {

struct LinkState {
  bool up = false;
  std::uint32_t mbps = 0;  // 0: not known
  bool operator==(const LinkState&) const = default;
};

// Of an interface of the kernel in this thread's network namespace (SIOCGIFFLAGS: up and running); nothing when there
// is none of that name.
std::optional<LinkState> kernel_link(const std::string& interface);

// Addresses that the kernel owns on it. It answers for them, with resets, beside whatever the port does.
std::vector<IpAddress> kernel_addresses(const std::string& interface);

}  // namespace weir::nic
