// Which of a timer wheel's 256 slots of a level hold anything.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace weir {

class SlotMap {
 public:
  static constexpr std::uint32_t kSlots = 256;

  void set(std::uint32_t slot) { words_[slot / 64] |= bit(slot); }
  void clear(std::uint32_t slot) { words_[slot / 64] &= ~bit(slot); }
  bool has(std::uint32_t slot) const { return (words_[slot / 64] & bit(slot)) != 0; }

  // The first occupied slot at or after `from`; kSlots when there is none.
  std::uint32_t first_from(std::uint32_t from) const {
    if (from >= kSlots) return kSlots;
    std::uint64_t word = words_[from / 64] & ~std::uint64_t{0} << from % 64;
    for (std::uint32_t i = from / 64;; word = words_[i]) {
      if (word != 0) return i * 64 + static_cast<std::uint32_t>(std::countr_zero(word));
      if (++i == words_.size()) return kSlots;
    }
  }
  // The same, going round once.
  std::uint32_t first_around(std::uint32_t from) const {
    const std::uint32_t slot = first_from(from);
    return slot != kSlots ? slot : first_from(0);
  }

 private:
  static std::uint64_t bit(std::uint32_t slot) { return std::uint64_t{1} << slot % 64; }
  std::array<std::uint64_t, kSlots / 64> words_{};
};

}  // namespace weir
