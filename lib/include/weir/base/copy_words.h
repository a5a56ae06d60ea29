// A copy of what its thread may be writing meanwhile: each word is read at once. Whether the words belong together is
// for the caller to find out, by a generation or a look-up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace weir {

// Any thread.
template <typename T>
T copy_words(const T& of) {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) % alignof(std::uint32_t) == 0);
  std::array<std::uint32_t, sizeof(T) / sizeof(std::uint32_t)> words;
  static_assert(sizeof(words) == sizeof(T));
  const auto* from = reinterpret_cast<const std::uint32_t*>(&of);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = __atomic_load_n(from + i, __ATOMIC_RELAXED);
  T copy;
  std::memcpy(static_cast<void*>(&copy), words.data(), sizeof(copy));
  return copy;
}

}  // namespace weir
