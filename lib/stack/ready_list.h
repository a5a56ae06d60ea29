// Connections with events to deliver, first come first served, each at most once: bounded by their number.
#pragma once

#include <vector>

#include <weir/base/index_pool.h>

namespace weir::stack {

class ReadyList {
 public:
  explicit ReadyList(std::uint32_t capacity) : next_(capacity, kNotQueued) {}

  // Does nothing when `index` is queued already. An entry outlives its connection: whoever pops it checks.
  void push(std::uint32_t index) {
    if (next_[index] != kNotQueued) return;
    next_[index] = kNoIndex;
    if (tail_ == kNoIndex) {
      head_ = index;
    } else {
      next_[tail_] = index;
    }
    tail_ = index;
  }

  // kNoIndex when there is none.
  std::uint32_t pop() {
    const std::uint32_t index = head_;
    if (index == kNoIndex) return kNoIndex;
    head_ = next_[index];
    if (head_ == kNoIndex) tail_ = kNoIndex;
    next_[index] = kNotQueued;
    return index;
  }

 private:
  static constexpr std::uint32_t kNotQueued = kNoIndex - 1;
  std::vector<std::uint32_t> next_;
  std::uint32_t head_ = kNoIndex;
  std::uint32_t tail_ = kNoIndex;
};

}  // namespace weir::stack
