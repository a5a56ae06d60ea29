// The bytes of a stream, from a key: any part of it can be made anew, and none looks like another.
#pragma once

#include <cstdint>
#include <span>

namespace weir::testing {

class Stream {
 public:
  explicit Stream(std::uint64_t key) : key_(key) {}

  void fill(std::uint64_t offset, std::span<std::uint8_t> out) const {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = at(offset + i);
  }
  bool is(std::uint64_t offset, std::span<const std::uint8_t> bytes) const {
    for (std::size_t i = 0; i < bytes.size(); ++i)
      if (bytes[i] != at(offset + i)) return false;
    return true;
  }

 private:
  // One multiplication for eight bytes (Murmur's finaliser).
  std::uint8_t at(std::uint64_t offset) const {
    if (offset / 8 != word_at_ || !has_word_) {
      std::uint64_t word = (key_ + offset / 8) * 0xff51'afd7'ed55'8ccd;
      word ^= word >> 33;
      word_ = word * 0xc4ce'b9fe'1a85'ec53;
      word_at_ = offset / 8;
      has_word_ = true;
    }
    return static_cast<std::uint8_t>(word_ >> offset % 8 * 8);
  }

  std::uint64_t key_;
  mutable std::uint64_t word_ = 0, word_at_ = 0;
  mutable bool has_word_ = false;
};

}  // namespace weir::testing
