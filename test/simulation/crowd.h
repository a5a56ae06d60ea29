// All that runs on one simulated host: talkers, told of events and woken when they ask for it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "talker.h"

namespace weir::testing {

class Crowd {
 public:
  explicit Crowd(SimHost& at);

  Talker& add(Talker talker, bool is_open);
  void let_go(Talker& talker);
  // Who came to a listener: to be answered by add(), or reset.
  std::function<void(stack::ListenerId, stack::ConnectionId)> on_accept;
  // A talker is over.
  std::function<void()> on_over;

  SimHost& at() { return at_; }
  // For the proof that it is seen: from now on one event in eight is not passed on.
  void lose_events() { loses_events_ = true; }
  std::deque<Talker> talkers;  // references stay

 private:
  void turn();
  void on_event(const stack::Event& event);
  void wake_due();
  void moved_on(std::size_t index);

  SimHost& at_;
  bool loses_events_ = false;
  std::uint64_t events_ = 0;
  std::map<std::uint64_t, std::size_t> by_id_;
  std::set<std::pair<Instant, std::size_t>> wakes_;
  std::vector<std::optional<Instant>> wake_of_;
};

}  // namespace weir::testing
