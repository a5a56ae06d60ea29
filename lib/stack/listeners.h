// Listeners, their accept queues, and the settings profiles that connections refer to by the same 16-bit number.
#pragma once

#include <vector>

#include <weir/stack/host.h>

#include "address_book.h"

namespace weir::stack {

// A bounded FIFO of established connections that wait for accept().
class AcceptQueue {
 public:
  AcceptQueue() = default;
  explicit AcceptQueue(std::uint32_t backlog) : ring_(backlog) {}
  bool is_full() const { return count_ == ring_.size(); }
  bool is_empty() const { return count_ == 0; }
  void push(std::uint32_t index) { ring_[wrapped(head_ + count_++)] = index; }
  std::uint32_t pop() {
    const std::uint32_t index = ring_[head_];
    head_ = wrapped(head_ + 1);
    --count_;
    return index;
  }

 private:
  std::size_t wrapped(std::size_t at) const { return at < ring_.size() ? at : at - ring_.size(); }

  std::vector<std::uint32_t> ring_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
};

struct Listener {
  enum class Use : std::uint8_t { kFree, kProfile, kListening, kStopped, kShared };
  Use use = Use::kFree;
  bool any_address = false;  // all addresses of `family`
  Family family = Family::kIpv4;
  std::uint16_t address = AddressBook::kNone;
  std::uint16_t port = 0;
  std::uint32_t user = 0;
  std::uint16_t limits = kNoLimits;
  std::uint32_t references = 0;  // connections and half-open records that name this slot
  ListenerId next_on_port = kNoListener;
  bool event_pending = false;
  AcceptQueue queue;
};

// Slot 0 holds the defaults. A slot is used again only when nothing refers to it, since settings are looked up by it.
class Listeners {
 public:
  // Slots: the defaults, `listeners` of listeners and profiles, `shared` of settings that share() was asked for.
  Listeners(std::uint32_t listeners, std::uint32_t shared, const tcp::Settings& defaults);

  // kNoListener when all slots are taken.
  ListenerId add_profile(const tcp::Settings& settings);
  ListenerId add(const Listener& listener, const tcp::Settings& settings);
  void stop(ListenerId id);
  // The slot of these settings among those that connections share; a free one when there is none yet. The caller
  // counts itself in its references.
  ListenerId share(const tcp::Settings& settings);

  // The listener for a segment to `address`:`port`; an exact address goes before any_address.
  ListenerId find(std::uint16_t address, Family family, std::uint16_t port) const;
  bool is_taken(const Listener& wanted) const;

  Listener& operator[](ListenerId id) { return slots_[id]; }
  bool is_listening(ListenerId id) const { return id < slots_.size() && slots_[id].use == Listener::Use::kListening; }
  bool is_profile(ListenerId id) const { return id < slots_.size() && slots_[id].use == Listener::Use::kProfile; }
  const tcp::Settings* settings() const { return settings_.data(); }
  std::size_t slots() const { return slots_.size(); }

 private:
  ListenerId free_slot() const;

  std::size_t first_shared_;
  std::vector<Listener> slots_;
  std::vector<tcp::Settings> settings_;
  std::vector<ListenerId> by_port_;  // first listener of each port
};

}  // namespace weir::stack
