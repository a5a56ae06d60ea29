// The seed of a randomised test: another one each run, told when the test fails; WEIR_SEED=N repeats a run.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include <weir/base/random.h>

namespace weir::test {

inline std::uint64_t seed() {
  const char* given = std::getenv("WEIR_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 0) : secret_seed();
}

}  // namespace weir::test

// Declares the constant `seed` and has every failure in this scope name it.
#define WEIR_SEEDED(seed)                          \
  const std::uint64_t seed = ::weir::test::seed(); \
  SCOPED_TRACE("WEIR_SEED=" + std::to_string(seed))
