// Hierarchical timer wheel, 1 ms ticks (Varghese & Lauck 1987). Links are indices and live in the timed
// object, so arming neither allocates nor follows a pointer.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>

#include <weir/base/check.h>
#include <weir/base/index_pool.h>
#include <weir/base/instant.h>
#include <weir/base/slot_map.h>

namespace weir {

// In the timed object. `prev` is the neighbour's index, or kSlotFlag|slot when this is the first in its slot;
// kNoIndex when not armed.
struct TimerLinks {
  std::uint32_t next = kNoIndex;
  std::uint32_t prev = kNoIndex;
  Tick expires{};

  bool is_armed() const { return prev != kNoIndex; }
};
static_assert(sizeof(TimerLinks) <= 16);

// Links: a callable `TimerLinks& (std::uint32_t index)`. One thread only. All operations O(1), but
// advance() whose work is bounded by `budget`. The horizon is 2^31-1 ms; indices must stay below 2^30.
//
// A timer lies at the level of the highest byte in which its expiry differs from `position_`, in the slot that
// this byte names. So each level's slots lie ahead of `position_`, a lower level comes before a higher one, and only
// the top level goes round.
template <typename Links>
class TimerWheel {
 public:
  TimerWheel(Links links, Tick now) : links_(std::move(links)), position_(now), now_(now) { heads_.fill(kNoIndex); }

  // Arms, or moves, the timer of `index` to expire at `at` (a tick in the past expires at the next advance).
  void arm(std::uint32_t index, Tick at) {
    WEIR_DCHECK(index < kSlotFlag / 2);
    TimerLinks& timer = links_(index);
    if (timer.is_armed()) {
      unlink(timer);
    } else {
      ++armed_;
    }
    timer.expires = at.before(now_) ? now_ : at;
    place(index, timer);
  }
  // Nothing happens when the timer is not armed.
  void cancel(std::uint32_t index) {
    TimerLinks& timer = links_(index);
    if (!timer.is_armed()) return;
    unlink(timer);
    --armed_;
  }

  // Expires what is due up to `now`, calling `expired(index)` with the timer disarmed (the callee may arm or cancel
  // it, or any other). What the callee arms for `now` or earlier waits for the next call, or a second round in this
  // one. Returns the work done, at most `budget` >= 1: timers expired, and timers moved to a lower level (each at
  // most three times in its life). When it equals `budget` there may be more: call again. Never fires early.
  template <typename Expired>
  std::uint32_t advance(Tick now, std::uint32_t budget, Expired&& expired) {
    if (now_.before(now)) now_ = now;
    std::uint32_t done = 0;
    do {
      while (has_cascade()) {
        if (done == budget) return done;
        cascade_one();
        ++done;
      }
      if (!expire_taken(done, budget, expired)) return done;  // left over from a call whose budget ran out
      take_slot();
      if (!expire_taken(done, budget, expired)) return done;
    } while (step());
    return done;
  }

  // A tick not later than the first expiry (exact within the lowest level, else the slot's start);
  // `fallback` when nothing is armed.
  Tick next_expiry(Tick fallback) const {
    if (armed_ == 0) return fallback;
    if (heads_[kExpiring] != kNoIndex || occupied_[0].has(byte(position_, 0)) || has_cascade()) return position_;
    return next_occupied().value_or(fallback);
  }
  std::uint32_t armed() const { return armed_; }

 private:
  static constexpr std::uint32_t kLevels = 4;
  static constexpr std::uint32_t kSlots = SlotMap::kSlots;
  static constexpr std::uint32_t kExpiring = kLevels * kSlots;  // the list of those being expired
  static constexpr std::uint32_t kSlotFlag = 0x8000'0000;

  static std::uint32_t byte(Tick tick, std::uint32_t level) { return tick.value >> 8 * level & 0xff; }
  // The first tick of `slot` of `level`, as seen from `position_`.
  Tick start_of(std::uint32_t level, std::uint32_t slot) const {
    const std::uint32_t below = 0xffff'ffff >> (24 - 8 * level);  // this level's byte and all lower ones
    return Tick{(position_.value & ~below) | slot << 8 * level};
  }

  void place(std::uint32_t index, TimerLinks& timer) {
    const std::uint32_t differing = timer.expires.value ^ position_.value;
    const auto level = differing == 0 ? 0 : (31 - static_cast<std::uint32_t>(std::countl_zero(differing))) / 8;
    const std::uint32_t slot = byte(timer.expires, level);
    occupied_[level].set(slot);
    push(level * kSlots + slot, index, timer);
  }
  void push(std::uint32_t list, std::uint32_t index, TimerLinks& timer) {
    timer.next = heads_[list];
    timer.prev = kSlotFlag | list;
    if (timer.next != kNoIndex) links_(timer.next).prev = index;
    heads_[list] = index;
  }
  void unlink(TimerLinks& timer) {
    if (timer.next != kNoIndex) links_(timer.next).prev = timer.prev;
    if ((timer.prev & kSlotFlag) == 0) {
      links_(timer.prev).next = timer.next;
    } else {
      set_head(timer.prev & ~kSlotFlag, timer.next);
    }
    timer.next = timer.prev = kNoIndex;
  }
  void set_head(std::uint32_t list, std::uint32_t index) {
    heads_[list] = index;
    if (index == kNoIndex && list != kExpiring) occupied_[list / kSlots].clear(list % kSlots);
  }

  // Only while a slot is being taken apart does one at the position's own byte hold anything above level 0.
  bool has_cascade() const {
    return occupied_[1].has(byte(position_, 1)) || occupied_[2].has(byte(position_, 2)) ||
           occupied_[3].has(byte(position_, 3));
  }
  void cascade_one() {
    std::uint32_t level = kLevels - 1;
    while (!occupied_[level].has(byte(position_, level))) --level;
    const std::uint32_t index = heads_[level * kSlots + byte(position_, level)];
    TimerLinks& timer = links_(index);
    if (timer.next != kNoIndex) __builtin_prefetch(&links_(timer.next));
    unlink(timer);
    place(index, timer);
  }

  // Takes the position's slot as a whole, so that what a callee arms for now does not make this call endless.
  void take_slot() {
    const std::uint32_t slot = byte(position_, 0);
    if (heads_[slot] == kNoIndex) return;
    heads_[kExpiring] = heads_[slot];
    links_(heads_[slot]).prev = kSlotFlag | kExpiring;
    set_head(slot, kNoIndex);
  }
  // False when the budget ran out before the list did.
  template <typename Expired>
  bool expire_taken(std::uint32_t& done, std::uint32_t budget, Expired&& expired) {
    for (; heads_[kExpiring] != kNoIndex; ++done) {
      if (done == budget) return false;
      expired(pop_taken());
    }
    return true;
  }
  std::uint32_t pop_taken() {
    const std::uint32_t index = heads_[kExpiring];
    TimerLinks& timer = links_(index);
    if (timer.next != kNoIndex) __builtin_prefetch(&links_(timer.next));
    unlink(timer);
    --armed_;
    return index;
  }

  // Goes on to the next tick up to `now_` at which there is something to do; false when it is reached.
  bool step() {
    if (position_ == now_) return false;
    const auto next = next_occupied();
    const bool is_due = next && next->since(position_) <= now_.since(position_);
    position_ = is_due ? *next : now_;
    return is_due;
  }
  // The start of the first occupied slot beyond the position.
  std::optional<Tick> next_occupied() const {
    for (std::uint32_t level = 0; level < kLevels - 1; ++level) {
      const std::uint32_t slot = occupied_[level].first_from(byte(position_, level) + 1);
      if (slot != kSlots) return start_of(level, slot);
    }
    const std::uint32_t slot = occupied_[3].first_around(byte(position_, 3) + 1);
    if (slot == kSlots) return std::nullopt;
    return start_of(3, slot);
  }

  Links links_;
  Tick position_;  // everything before it is done
  Tick now_;       // the latest advance; not before `position_`
  std::array<std::uint32_t, kLevels * kSlots + 1> heads_;
  std::array<SlotMap, kLevels> occupied_{};
  std::uint32_t armed_ = 0;
};

}  // namespace weir
