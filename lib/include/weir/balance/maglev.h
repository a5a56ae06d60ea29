// The lookup table of Maglev (Eisenbud et al., NSDI 2016, §3.4): each back end fills its share of a prime number of
// places in an order of its own, so that the places of others hardly move when one comes or goes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <weir/balance/service_config.h>

namespace weir::balance {

bool is_prime(std::uint32_t n);

// Immutable once built: read by every core. Back ends of weight 0 get no place.
class MaglevTable {
 public:
  static constexpr std::uint16_t kEmpty = 0xffff;  // in every place when no back end has a weight

  // `size` is a prime greater than the number of back ends. Places depend on names and weights alone.
  MaglevTable(std::span<const BackendConfig> backends, std::uint32_t size);

  std::uint16_t at(std::uint64_t hash) const { return places_[hash % places_.size()]; }
  std::span<const std::uint16_t> places() const { return places_; }

 private:
  std::vector<std::uint16_t> places_;
};

}  // namespace weir::balance
