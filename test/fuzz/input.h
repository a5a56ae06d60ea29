// What a fuzzer's bytes say, read from the front; behind their end everything is 0. Small numbers take few bytes, so
// that a mutated byte changes one decision.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace weir::fuzz {

class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool is_empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  std::uint16_t word() {
    const unsigned high = byte();
    return static_cast<std::uint16_t>(high << 8 | byte());
  }
  std::uint32_t word32() {
    const std::uint32_t high = word();
    return high << 16 | word();
  }
  bool flag() { return (byte() & 1) != 0; }
  // Below `bound`, which is at least 1.
  std::uint32_t below(std::uint32_t bound) { return (bound <= 256 ? byte() : word()) % bound; }
  template <typename T, std::size_t n>
  T any_of(const T (&choices)[n]) {
    return choices[below(static_cast<std::uint32_t>(n))];
  }
  std::span<const std::uint8_t> take(std::size_t most) {
    const auto taken = bytes_.first(std::min(most, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace weir::fuzz
