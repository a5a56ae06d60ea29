// One cache line of a connection table: ten 16-bit tags, compared at once, and ten 32-bit indices.
#pragma once

#include <emmintrin.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace weir {

// Written by one thread; read by any, without a lock. Zero-filled memory is an empty bucket.
class alignas(64) Bucket {
 public:
  static constexpr unsigned kEntries = 10;
  static constexpr std::uint16_t kNoTag = 0;
  static constexpr unsigned kReadsMax = 64;
  using Mask = std::uint32_t;  // one bit an entry

  // One entry after the other: `while (mask) use(take_first(mask))`.
  static unsigned take_first(Mask& mask) {
    const auto entry = static_cast<unsigned>(std::countr_zero(mask));
    mask &= mask - 1;
    return entry;
  }

  // Which entries bear this tag. A tag seen here is never older than the index beside it.
  Mask with_tag(std::uint16_t tag) const {
    const __m128i wanted = _mm_set1_epi16(static_cast<short>(tag));
    const __m128i low = _mm_set_epi64x(static_cast<long long>(tags_[1].load(std::memory_order_acquire)),
                                       static_cast<long long>(tags_[0].load(std::memory_order_acquire)));
    const __m128i high = _mm_cvtsi64_si128(static_cast<long long>(tags_[2].load(std::memory_order_acquire)));
    const __m128i equal = _mm_packs_epi16(_mm_cmpeq_epi16(low, wanted), _mm_cmpeq_epi16(high, wanted));
    return static_cast<Mask>(_mm_movemask_epi8(equal)) & kAll;
  }
  Mask empty() const { return with_tag(kNoTag); }
  unsigned count() const { return kEntries - static_cast<unsigned>(std::popcount(empty())); }
  std::uint32_t index(unsigned entry) const { return indices_[entry].load(std::memory_order_relaxed); }

  // Entries that wanted to be here and lie in their other bucket. Sticks at its largest value, so that 0 is true.
  bool has_spilled() const { return spilled() != 0; }

  // --- the writer's ---
  void set(unsigned entry, std::uint16_t tag, std::uint32_t index) {
    begin_write();
    indices_[entry].store(index, std::memory_order_release);
    set_tag(entry, tag);
    end_write();
  }
  void clear(unsigned entry) {
    begin_write();
    set_tag(entry, kNoTag);
    end_write();
  }
  void note_spilled() {
    if (spilled() != kSpilledMax) set_control(version(), static_cast<std::uint8_t>(spilled() + 1));
  }
  void note_unspilled() {
    if (spilled() != kSpilledMax) set_control(version(), static_cast<std::uint8_t>(spilled() - 1));
  }

  // --- any thread's ---
  // Copies the indices held, all as they stood at one moment; returns how many. `is_exact` turns false when the writer
  // came between kReadsMax times: then one may be stale, missing or there twice.
  unsigned read(std::array<std::uint32_t, kEntries>& held, bool& is_exact) const {
    unsigned count = 0;
    for (unsigned attempt = 0; attempt < kReadsMax; ++attempt) {
      const std::uint16_t before = version();
      count = copy(held);
      if ((before & 1) == 0 && version() == before) return count;
      _mm_pause();
    }
    is_exact = false;
    return count;
  }

 private:
  static constexpr Mask kAll = (1U << kEntries) - 1;
  static constexpr std::uint8_t kSpilledMax = 255;

  // The third tag word's upper half: version (odd while a write goes on) and spill count. One word, so that the tags
  // are read in three loads.
  std::uint64_t third() const { return tags_[2].load(std::memory_order_acquire); }
  std::uint16_t version() const { return static_cast<std::uint16_t>(third() >> 32); }
  std::uint8_t spilled() const { return static_cast<std::uint8_t>(third() >> 48); }
  void set_control(std::uint16_t version, std::uint8_t spilled) {
    const std::uint64_t control = std::uint64_t{spilled} << 16 | version;
    tags_[2].store((third() & 0xffff'ffff) | control << 32, std::memory_order_release);
  }
  void begin_write() { set_control(static_cast<std::uint16_t>(version() + 1), spilled()); }
  void end_write() { begin_write(); }

  // Release stores: who sees the new value also sees the odd version that came before it.
  void set_tag(unsigned entry, std::uint16_t tag) {
    std::atomic<std::uint64_t>& word = tags_[entry / 4];
    const unsigned shift = entry % 4 * 16;
    const std::uint64_t others = word.load(std::memory_order_relaxed) & ~(std::uint64_t{0xffff} << shift);
    word.store(others | std::uint64_t{tag} << shift, std::memory_order_release);
  }
  unsigned copy(std::array<std::uint32_t, kEntries>& held) const {
    unsigned count = 0;
    for (Mask used = ~empty() & kAll; used != 0;) {
      held[count++] = indices_[take_first(used)].load(std::memory_order_acquire);
    }
    return count;
  }

  std::array<std::atomic<std::uint64_t>, 3> tags_{};
  std::array<std::atomic<std::uint32_t>, kEntries> indices_{};
};
static_assert(sizeof(Bucket) == 64);

}  // namespace weir
