// The addresses that connections to back ends come from. One per service and core.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <weir/balance/service_config.h>

namespace weir::balance {

class SourcePool {
 public:
  explicit SourcePool(std::span<const IpAddress> addresses);

  // Addresses to try for one connection: at least one try, with or without an address of our own choice.
  std::size_t tries(Family family) const;
  // In turn; nothing when the family has none, which leaves the choice to the host.
  std::optional<IpAddress> next(Family family);

 private:
  struct Ring {
    std::vector<IpAddress> addresses;
    std::size_t next = 0;
  };
  Ring& of(Family family) { return rings_[static_cast<std::size_t>(family)]; }
  const Ring& of(Family family) const { return rings_[static_cast<std::size_t>(family)]; }

  Ring rings_[2];
};

// A sentence with the arithmetic when `service` has too few source addresses for `sessions` connections (of all
// cores) to one back end at a time; one line per family of its back ends. Empty when there are enough. `time_wait` is
// how long a port rests after Weir closed first.
std::string source_shortage(const ServiceConfig& service, std::uint64_t sessions, std::chrono::seconds time_wait);

}  // namespace weir::balance
