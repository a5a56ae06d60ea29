// The records of handshakes in progress: pool, hash index and timer wheel. Bounded; one thread writes, any may peek.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <weir/base/copy_words.h>
#include <weir/base/index_pool.h>
#include <weir/base/timer_wheel.h>
#include <weir/flow/connection_table.h>
#include <weir/flow/half_open.h>

namespace weir {

class HalfOpenTable {
 public:
  // `secret` is the one that every `hash` below was made with, by flow_hash(). Throws OutOfMemory.
  HalfOpenTable(std::uint32_t capacity, SipKey secret, Tick now);

  [[gnu::always_inline]] void prefetch(std::uint64_t hash) const { table_.prefetch(hash); }
  // kNoIndex when absent. Any thread may ask (a stale answer is possible then).
  std::uint32_t find(const FlowKey& key, std::uint64_t hash) const {
    return table_.find(hash, [&](std::uint32_t index) { return records_[index].key() == key; });
  }
  // Copies `record` in, its timer disarmed; kNoIndex when the table is full. The key must not be in the table.
  [[nodiscard]] std::uint32_t insert(const HalfOpen& record, std::uint64_t hash);
  // Cancels its timer too.
  void erase(std::uint32_t index, std::uint64_t hash);
  void erase(std::uint32_t index) { erase(index, flow_hash(records_[index].key(), secret_)); }
  HalfOpen& operator[](std::uint32_t index) { return records_[index]; }
  const HalfOpen& operator[](std::uint32_t index) const { return records_[index]; }

  // One timer a record; see TimerWheel.
  void arm(std::uint32_t index, Tick at) { wheel_.arm(index, at); }
  template <typename Expired>
  std::uint32_t advance(Tick now, std::uint32_t budget, Expired&& expired) {
    return wheel_.advance(now, budget, std::forward<Expired>(expired));
  }
  Tick next_expiry(Tick fallback) const { return wheel_.next_expiry(fallback); }

  // For listing, from the writer's thread: `visit(const HalfOpen&)`.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::uint32_t i = 0; i < table_.buckets(); ++i) {
      table_.visit_bucket(i, [&](std::uint32_t index) { visit(records_[index]); });
    }
  }

  // For listing, from any thread: as for_each(), of one bucket of the hash index, 0 .. buckets()-1. What changes
  // meanwhile is left out.
  template <typename Visit>
  void visit_bucket(std::uint32_t number, Visit&& visit) const {
    table_.visit_bucket(number, [&](std::uint32_t index) {
      const HalfOpen copy = copy_words(records_[index]);
      if (find(copy.key(), flow_hash(copy.key(), secret_)) == index) visit(copy);
    });
  }
  std::uint32_t buckets() const { return table_.buckets(); }

  std::uint32_t size() const { return table_.size(); }  // any thread
  std::uint32_t capacity() const { return records_.capacity(); }
  static std::size_t bytes_for(std::uint32_t capacity);

 private:
  struct Links {
    IndexPool<HalfOpen>* records;
    TimerLinks& operator()(std::uint32_t index) const { return (*records)[index].timer; }
  };

  SipKey secret_;
  IndexPool<HalfOpen> records_;
  ConnectionTable table_;
  TimerWheel<Links> wheel_;
};

}  // namespace weir
