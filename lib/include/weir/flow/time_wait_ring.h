// TIME_WAIT entries of one family: a ring in order of expiry, and chains through it by hash. Everybody but the table
// of both families uses that one (time_wait_table.h), where the contract stands.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <weir/base/copy_words.h>
#include <weir/base/index_pool.h>
#include <weir/base/region.h>
#include <weir/flow/time_wait_record.h>

namespace weir {

template <std::size_t AddressWords>
class TimeWaitRing {
 public:
  using Record = TimeWaitRecord<AddressWords>;

  TimeWaitRing(std::uint32_t capacity, std::uint32_t two_msl_ms, SipKey secret, const char* name);

  // always_inline: gcc 12 takes a function that only prefetches for one that does nothing, and leaves out calls to it.
  [[gnu::always_inline]] void prefetch(std::uint64_t hash) const { __builtin_prefetch(&head(hash)); }
  // Once that has arrived: the record that find() looks at first.
  [[gnu::always_inline]] void prefetch_record(std::uint64_t hash) const {
    if (const std::uint32_t slot = head(hash); slot != kNoIndex) __builtin_prefetch(&records()[slot]);
  }
  // The slot of the live entry, or kNoIndex.
  std::uint32_t find(const FlowKey& key, std::uint64_t hash) const;
  bool contains(const FlowKey& key, std::uint64_t hash) const;  // any thread
  void insert(const TimeWait& entry, std::uint64_t hash, Tick now);
  void restart(std::uint32_t slot, Tick now);
  void erase(std::uint32_t slot);
  std::uint32_t advance(Tick now, std::uint32_t budget);
  std::optional<Tick> next_expiry() const;

  Record& operator[](std::uint32_t slot) { return records()[slot]; }
  const Record& operator[](std::uint32_t slot) const { return records()[slot]; }

  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::uint32_t i = 0, slot = oldest_; i < held_; ++i, slot = after(slot)) {
      if (records()[slot].is_live()) visit(records()[slot].entry());
    }
  }

  // For listing, from any thread: what a slot holds, if that did not change meanwhile.
  std::optional<TimeWait> read(std::uint32_t slot) const {
    const Record copy = copy_words(records()[slot]);
    if (!copy.is_live() || !records()[slot].holds(Record::pack(copy.unpack()))) return std::nullopt;
    return copy.entry();
  }
  std::uint32_t slots() const { return capacity_; }

  std::uint32_t size() const { return load(size_); }        // any thread
  std::uint64_t evicted() const { return load(evicted_); }  // any thread
  static std::size_t bytes_for(std::uint32_t capacity) {
    return std::size_t{capacity} * (sizeof(Record) + sizeof(std::uint32_t));
  }

 private:
  static constexpr unsigned kForeignWalkMax = 64;  // of a chain that changes under the reader
  static constexpr std::uint32_t kAhead = 32;      // records whose chains are fetched together
  using Hashes = std::array<std::uint64_t, kAhead>;

  template <typename T>
  static T load(const T& counter) {
    return std::atomic_ref{const_cast<T&>(counter)}.load(std::memory_order_relaxed);
  }
  template <typename T>
  static void store(T& counter, T value) {
    std::atomic_ref{counter}.store(value, std::memory_order_relaxed);
  }

  Record* records() const { return static_cast<Record*>(records_.data()); }
  std::uint32_t& head(std::uint64_t hash) const {
    return static_cast<std::uint32_t*>(heads_.data())[(hash >> 32) * capacity_ >> 32];
  }
  std::uint64_t hash_of(const Record& record) const { return flow_hash(record.unpack(), secret_); }
  std::uint32_t after(std::uint32_t slot) const { return slot + 1 == capacity_ ? 0 : slot + 1; }

  void append(std::uint32_t slot, std::uint64_t hash);
  void unlink(std::uint32_t slot, std::uint64_t hash);
  void erase(std::uint32_t slot, std::uint64_t hash);
  void make_room(Tick now);
  bool is_over(const Record& record, Tick now) const { return !record.is_live() || !record.expires.after(now); }
  std::uint32_t fetch_due(Tick now, std::uint32_t most, Hashes& hashes) const;
  void retire_oldest(Tick now, std::uint64_t hash);
  void requeue_oldest(std::uint64_t hash);
  void drop_oldest(std::uint64_t hash);
  std::uint32_t take_newest();

  std::uint32_t capacity_;
  std::uint32_t two_msl_ms_;
  SipKey secret_;
  std::uint32_t oldest_ = 0;
  std::uint32_t held_ = 0;  // slots in use, tombstones too
  std::uint32_t size_ = 0;  // live entries
  std::uint64_t evicted_ = 0;
  Region records_;
  Region heads_;
};

extern template class TimeWaitRing<1>;
extern template class TimeWaitRing<4>;

}  // namespace weir
