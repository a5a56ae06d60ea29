// How long a mixed attack lasts, and from what seed: the same each time unless the environment says otherwise.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace weir::testing {

// Of virtual time.
inline unsigned attack_seconds() {
  const char* given = std::getenv("WEIR_ATTACK_SECONDS");
  return given == nullptr ? 30 : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
}

inline std::uint64_t attack_seed() {
  const char* given = std::getenv("WEIR_SEED");
  return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

}  // namespace weir::testing
