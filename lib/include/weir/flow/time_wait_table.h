// TIME_WAIT: what must be remembered for 2*MSL so that a lost last ACK can be repeated and old segments die
// (RFC 9293 §3.10.7.4, RFC 6191, RFC 1337). Record and index together at most 36 bytes for IPv4, 64 for IPv6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <weir/base/instant.h>
#include <weir/flow/flow_key.h>
#include <weir/flow/time_wait_record.h>
#include <weir/flow/time_wait_ring.h>

namespace weir {

// Which entry: family and slot. Valid until the next call that changes the table.
struct TimeWaitRef {
  bool is_v4 = true;
  std::uint32_t slot = 0;
};

// All entries live equally long, so expiry is FIFO: the storage is a ring in order of expiry. A repeated FIN moves
// only the entry's `expires`; when the ring comes to it, it is put at the end again (lazily), so that its memory
// returns up to 2*MSL late. Nothing is found beyond its time.
// One thread writes; contains(), sizes and counters may be asked from any thread (advisory then, bounded work).
class TimeWaitTable {
 public:
  // 2*MSL in milliseconds. When full, the oldest entry makes room (counted by evicted()); a family with no capacity
  // remembers nothing. `secret` is the one that every `hash` below was made with, by flow_hash(). Throws OutOfMemory.
  TimeWaitTable(std::uint32_t capacity_v4, std::uint32_t capacity_v6, std::uint32_t two_msl_ms, SipKey secret);

  // Inlined always, as those of the ring.
  [[gnu::always_inline]] void prefetch(const FlowKey& key, std::uint64_t hash) const {
    key.remote.is_v4() ? v4_.prefetch(hash) : v6_.prefetch(hash);
  }
  // A while after prefetch(): what find() looks at first.
  [[gnu::always_inline]] void prefetch_record(const FlowKey& key, std::uint64_t hash) const {
    key.remote.is_v4() ? v4_.prefetch_record(hash) : v6_.prefetch_record(hash);
  }
  // False when absent (or expired by `now`).
  bool find(const FlowKey& key, std::uint64_t hash, Tick now, TimeWait& entry, TimeWaitRef& ref) const;
  bool contains(const FlowKey& key, std::uint64_t hash) const {
    return key.remote.is_v4() ? v4_.contains(key, hash) : v6_.contains(key, hash);
  }
  // Sets expires = now + 2*MSL. The key must not be in the table.
  void insert(const TimeWait& entry, std::uint64_t hash, Tick now);
  // Restarts the 2*MSL (repeated FIN).
  void restart(TimeWaitRef ref, Tick now) { ref.is_v4 ? v4_.restart(ref.slot, now) : v6_.restart(ref.slot, now); }
  void set_ts_recent(TimeWaitRef ref, std::uint32_t ts_recent) {
    (ref.is_v4 ? v4_[ref.slot].ts_recent : v6_[ref.slot].ts_recent) = ts_recent;
  }
  void erase(TimeWaitRef ref) { ref.is_v4 ? v4_.erase(ref.slot) : v6_.erase(ref.slot); }
  // Drops at most `budget` that are due; returns how many were looked at (`budget`: there may be more).
  std::uint32_t advance(Tick now, std::uint32_t budget);
  // Not later than the next thing that advance() would do; `fallback` when the table is empty.
  Tick next_expiry(Tick fallback) const;

  // Visits entries for listing, from the writer's thread: `visit(const TimeWait&)`. Some may be past their time.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    v4_.for_each(visit);
    v6_.for_each(visit);
  }

  // For listing, from any thread: what slot 0 .. slots()-1 holds, if that did not change meanwhile. Some may be past
  // their time.
  std::optional<TimeWait> read(std::uint64_t slot) const {
    if (slot < v4_.slots()) return v4_.read(static_cast<std::uint32_t>(slot));
    return v6_.read(static_cast<std::uint32_t>(slot - v4_.slots()));
  }
  std::uint64_t slots() const { return std::uint64_t{v4_.slots()} + v6_.slots(); }

  std::uint32_t size() const { return size_v4() + size_v6(); }
  std::uint32_t size_v4() const { return v4_.size(); }
  std::uint32_t size_v6() const { return v6_.size(); }
  std::uint64_t evicted() const { return v4_.evicted() + v6_.evicted(); }
  static std::size_t bytes_for(std::uint32_t capacity_v4, std::uint32_t capacity_v6);

 private:
  template <typename Ring>
  static bool find_in(const Ring& ring, const FlowKey& key, std::uint64_t hash, Tick now, TimeWait& entry,
                      TimeWaitRef& ref);

  TimeWaitRing<1> v4_;
  TimeWaitRing<4> v6_;
  bool v6_first_ = false;  // the families take turns, so that neither eats the other's budget
};

}  // namespace weir
