// Randomness, handed in. A seed makes it repeatable: simulations print theirs, programs take theirs from the kernel.
#pragma once

#include <cstdint>

#include <weir/base/siphash.h>

namespace weir {

// xoshiro256** (Blackman & Vigna 2018): quick, not secret. Secrets come from secret_key().
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  // Uniform in [0, bound), bound >= 1.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * std::uint64_t{bound}) >> 32);
  }
  // True with probability `percent` / 100.
  bool chance(double percent) { return static_cast<double>(next() >> 11) * 0x1p-53 * 100.0 < percent; }
  SipKey key() { return SipKey{next(), next()}; }

 private:
  std::uint64_t state_[4];
};

// From the kernel (getrandom); for program start only.
SipKey secret_key();
std::uint64_t secret_seed();

}  // namespace weir
