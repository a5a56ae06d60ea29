// Packets on their way, soonest first; those of the same instant in the order in which they were sent.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include <weir/base/instant.h>

namespace weir::testing {

class SimHost;

struct Flight {
  Instant arrival{};
  std::uint64_t order = 0;
  SimHost* to = nullptr;
  std::vector<std::uint8_t> bytes;
};

class WireQueue {
 public:
  bool is_empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  const Flight& first() const { return flights_[heap_.top().slot]; }

  void push(Instant arrival, SimHost& to, std::vector<std::uint8_t> bytes) {
    const std::uint32_t slot = free_slot();
    flights_[slot] = {arrival, ++order_, &to, std::move(bytes)};
    heap_.push({arrival, order_, slot});
  }
  Flight pop() {
    const std::uint32_t slot = heap_.top().slot;
    heap_.pop();
    free_.push_back(slot);
    return std::move(flights_[slot]);
  }

 private:
  struct Entry {
    Instant arrival;
    std::uint64_t order;
    std::uint32_t slot;
    bool operator<(const Entry& other) const {  // std::priority_queue has the greatest on top
      return arrival != other.arrival ? arrival > other.arrival : order > other.order;
    }
  };
  std::uint32_t free_slot() {
    if (free_.empty()) return flights_.emplace_back(), static_cast<std::uint32_t>(flights_.size() - 1);
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  std::priority_queue<Entry> heap_;
  std::vector<Flight> flights_;
  std::vector<std::uint32_t> free_;
  std::uint64_t order_ = 0;
};

}  // namespace weir::testing
