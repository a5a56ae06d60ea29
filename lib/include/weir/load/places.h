// Where connections go, and from which of our addresses: targets in turn, and for each its family's sources in turn,
// so that every pair comes. O(1).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <weir/wire/address.h>

namespace weir::load {

class Places {
 public:
  struct Place {
    Endpoint target;
    IpAddress source;
  };

  // Each target has a source of its family. Cores begin at different ones.
  Places(std::span<const Endpoint> targets, std::span<const IpAddress> sources, unsigned worker);

  Place next();
  std::size_t pairs() const;

 private:
  struct Target {
    Endpoint endpoint;
    std::size_t source;  // next, among those of its family
  };
  std::vector<IpAddress>& sources_of(const Endpoint& endpoint) {
    return endpoint.address.is_v4() ? sources_v4_ : sources_v6_;
  }

  std::vector<IpAddress> sources_v4_, sources_v6_;
  std::vector<Target> targets_;
  std::size_t target_ = 0;
};

}  // namespace weir::load
