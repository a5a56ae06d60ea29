#include "crowd.h"

namespace weir::testing {
namespace {

std::uint64_t key_of(stack::ConnectionId id) {
  return std::uint64_t{id.index} << 16 | id.generation;
}

}  // namespace

Crowd::Crowd(SimHost& at) : at_(at) {
  at.on_turn = [this] { turn(); };
  at.next_deadline = [this]() -> std::optional<Instant> {
    return wakes_.empty() ? std::nullopt : std::optional{wakes_.begin()->first};
  };
}

Talker& Crowd::add(Talker talker, bool is_open) {
  const std::size_t index = talkers.size();
  talkers.push_back(talker);
  wake_of_.emplace_back();
  by_id_[key_of(talker.id())] = index;
  talkers.back().begin(is_open);
  moved_on(index);
  return talkers.back();
}

void Crowd::let_go(Talker& talker) {
  talker.let_go();
  moved_on(by_id_.at(key_of(talker.id())));
}

void Crowd::turn() {
  while (const auto event = at_.host().next_event()) on_event(*event);
  wake_due();
}

void Crowd::on_event(const stack::Event& event) {
  if (!event.connection) {
    while (const auto id = at_.host().accept(event.listener)) on_accept(event.listener, *id);
    return;
  }
  if (loses_events_ && ++events_ % 8 == 0) return;
  const auto found = by_id_.find(key_of(event.connection));
  if (found == by_id_.end()) return;
  talkers[found->second].on_event(event.what);
  moved_on(found->second);
}

void Crowd::wake_due() {
  while (!wakes_.empty() && wakes_.begin()->first <= at_.now()) {
    const std::size_t index = wakes_.begin()->second;
    talkers[index].on_timer();
    moved_on(index);
  }
}

// Books its next wake-up.
void Crowd::moved_on(std::size_t index) {
  if (wake_of_[index]) wakes_.erase({*wake_of_[index], index});
  wake_of_[index] = talkers[index].wake_at();
  if (wake_of_[index]) wakes_.emplace(*wake_of_[index], index);
  if (talkers[index].is_over() && on_over) on_over();
}

}  // namespace weir::testing
