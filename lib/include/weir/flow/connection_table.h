// Per-core connection table: 4-tuple -> 32-bit index. One writer, its worker; any thread may look up and list.
// Buckets of one cache line with 16-bit tags compared at once; two buckets a key (chosen by a keyed hash). A new entry
// goes to the first while that is not crowded, else to the emptier one: so the work per operation is bounded, chosen
// tuples cannot build chains, and most lookups, misses too, touch one line only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <weir/base/check.h>
#include <weir/base/index_pool.h>
#include <weir/base/region.h>
#include <weir/flow/bucket.h>

namespace weir {

// Keys are not stored here: the caller compares the candidate's own key. Matches: `bool(std::uint32_t index)`.
class ConnectionTable {
 public:
  // Room for `entries`, at a load of at most 1/2. Throws OutOfMemory.
  explicit ConnectionTable(std::uint32_t entries, const char* name = "connection table");

  // The second bucket too once entries lie there: waiting for it would cost more than fetching it in vain.
  [[gnu::always_inline]] void prefetch(std::uint64_t hash) const {
    __builtin_prefetch(&bucket(first(hash)));
    if (size() > buckets_ * kSpillingFrom) __builtin_prefetch(&bucket(second(hash)));
  }

  // kNoIndex when absent.
  template <typename Matches>
  std::uint32_t find(std::uint64_t hash, Matches&& matches) const {
    const Bucket& home = bucket(first(hash));
    const std::uint32_t index = find_in(home, tag(hash), matches);
    if (index != kNoIndex || !home.has_spilled()) [[likely]]
      return index;
    return find_in(bucket(second(hash)), tag(hash), matches);
  }

  // What find() will most probably return, without comparing keys: for the stage over a burst that prefetches states.
  std::uint32_t guess(std::uint64_t hash) const {
    return find(hash, [](std::uint32_t) { return true; });
  }

  // False when both buckets are full (counted by the caller; practically only beyond the promised load).
  // `index` < 2^31. The key must not be in the table.
  [[nodiscard]] bool insert(std::uint64_t hash, std::uint32_t index);
  // The entry must be there.
  void erase(std::uint64_t hash, std::uint32_t index);

  // For listing from any thread: calls `visit(index)` for the entries of one bucket as they stood at one moment
  // (a bucket's version is checked before and after). The object behind an index may be reused meanwhile: the
  // visitor checks its generation. Walk with bucket = 0 .. buckets()-1. False when the writer came between so often
  // that one entry may be stale, missing or visited twice.
  template <typename Visit>
  bool visit_bucket(std::uint32_t number, Visit&& visit) const {
    std::array<std::uint32_t, Bucket::kEntries> held;
    bool is_exact = true;
    const unsigned count = bucket(number).read(held, is_exact);
    for (unsigned i = 0; i < count; ++i) visit(held[i]);
    return is_exact;
  }
  std::uint32_t buckets() const { return buckets_; }

  // Any thread.
  std::uint32_t size() const { return size_.load(std::memory_order_relaxed); }
  static std::size_t bytes_for(std::uint32_t entries);  // for the memory forecast

 private:
  static constexpr unsigned kSpillingFrom = 3;  // entries a bucket, on average: then one in twelve is crowded
  static constexpr unsigned kCrowded = 6;       // entries in the first bucket from which on the emptier one is taken

  // Tag 0 means empty.
  static std::uint16_t tag(std::uint64_t hash) {
    const auto top = static_cast<std::uint16_t>(hash >> 48);
    return top == Bucket::kNoTag ? std::uint16_t{1} : top;
  }
  std::uint32_t scale(std::uint64_t bits) const {
    return static_cast<std::uint32_t>((bits & 0xffff'ffff) * buckets_ >> 32);
  }
  std::uint32_t first(std::uint64_t hash) const { return scale(hash); }
  // Never the same as the first: there are two buckets at least.
  std::uint32_t second(std::uint64_t hash) const {
    const std::uint32_t other = scale(hash * 0x9e37'79b9'7f4a'7c15 >> 32);
    if (other != first(hash)) return other;
    return other + 1 == buckets_ ? 0 : other + 1;
  }

  Bucket& bucket(std::uint32_t number) const {
    WEIR_DCHECK(number < buckets_);
    return static_cast<Bucket*>(region_.data())[number];
  }
  template <typename Matches>
  static std::uint32_t find_in(const Bucket& bucket, std::uint16_t tag, Matches& matches) {
    for (Bucket::Mask candidates = bucket.with_tag(tag); candidates != 0;) {
      const std::uint32_t index = bucket.index(Bucket::take_first(candidates));
      if (matches(index)) return index;
    }
    return kNoIndex;
  }
  static bool erase_in(Bucket& bucket, std::uint16_t tag, std::uint32_t index);
  void resize(std::int32_t by) { size_.store(size() + static_cast<std::uint32_t>(by), std::memory_order_relaxed); }

  std::uint32_t buckets_;
  std::atomic<std::uint32_t> size_{0};
  Region region_;
};

}  // namespace weir
