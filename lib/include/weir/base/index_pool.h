// A fixed number of objects named by 32-bit index. State refers to state by index, never by pointer,
// so that a successor process can map the same region elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include <weir/base/check.h>
#include <weir/base/region.h>

namespace weir {

inline constexpr std::uint32_t kNoIndex = 0xffff'ffff;

// One thread only. Memory is taken once, by the constructor (throws OutOfMemory); allocate() and free()
// are O(1). Slots are value-initialised on allocate() and are trivially destructible or cleaned by free().
template <typename T>
class IndexPool {
 public:
  explicit IndexPool(std::uint32_t capacity, const char* name = "pool")
      : capacity_(capacity),
        slots_(name, std::size_t{capacity} * sizeof(T)),
        free_(name, std::size_t{capacity} * sizeof(std::uint32_t)),
        free_count_(capacity) {
    for (std::uint32_t i = 0; i < capacity; ++i) free_list()[i] = capacity - 1 - i;
  }

  // kNoIndex when the pool is empty; the caller counts that.
  template <typename... Args>
  [[nodiscard]] std::uint32_t allocate(Args&&... args) {
    if (free_count_ == 0) return kNoIndex;
    const std::uint32_t index = free_list()[--free_count_];
    new (slots() + index) T(std::forward<Args>(args)...);
    return index;
  }

  void free(std::uint32_t index) {
    WEIR_DCHECK(index < capacity_ && free_count_ < capacity_);
    slots()[index].~T();
    free_list()[free_count_++] = index;
  }

  // The slot that the next allocate() will take, or kNoIndex: its last occupant's bytes may still be read there.
  std::uint32_t next_index() const { return free_count_ == 0 ? kNoIndex : free_list()[free_count_ - 1]; }

  T& operator[](std::uint32_t index) {
    WEIR_DCHECK(index < capacity_);
    return slots()[index];
  }
  const T& operator[](std::uint32_t index) const {
    WEIR_DCHECK(index < capacity_);
    return slots()[index];
  }

  // always_inline, here and wherever else nothing but fetching is done: gcc 12 takes that for doing nothing, and leaves
  // out calls to it.
  [[gnu::always_inline]] void prefetch(std::uint32_t index) const {
    const char* at = reinterpret_cast<const char*>(slots() + index);
    for (std::size_t offset = 0; offset < sizeof(T); offset += 64) __builtin_prefetch(at + offset);
  }

  std::uint32_t capacity() const { return capacity_; }
  std::uint32_t available() const { return free_count_; }
  std::uint32_t in_use() const { return capacity_ - free_count_; }
  // Bytes one object costs, its place in the free list included: for the memory forecast.
  static constexpr std::size_t bytes_each() { return sizeof(T) + sizeof(std::uint32_t); }

 private:
  T* slots() const { return static_cast<T*>(slots_.data()); }
  std::uint32_t* free_list() const { return static_cast<std::uint32_t*>(free_.data()); }

  std::uint32_t capacity_;
  Region slots_;
  Region free_;
  std::uint32_t free_count_;
};

}  // namespace weir
