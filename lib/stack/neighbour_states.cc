// The states of a neighbour: RFC 4861 §7.2 and §7.3, for ARP as well.
#include <weir/stack/neighbour_table.h>

namespace weir::stack {

namespace {

bool may_be_evicted(NeighbourState state) {
  return state == NeighbourState::kIncomplete || state == NeighbourState::kStale || state == NeighbourState::kFailed;
}

// Who claims its address is not simply believed.
bool is_trusted(const Neighbour& neighbour) {
  const NeighbourState state = neighbour.state;
  return state == NeighbourState::kReachable || state == NeighbourState::kDelay || state == NeighbourState::kProbe ||
         (state == NeighbourState::kStale && neighbour.answered);
}

}  // namespace

void NeighbourTable::enter(std::uint32_t index, NeighbourState state, Duration lifetime) {
  Neighbour& neighbour = entries_[index];
  if (neighbour.is_idle) idle_remove(index);
  neighbour.state = state;
  if (may_be_evicted(state)) idle_append(index);
  if (state != NeighbourState::kProbe) neighbour.contested = false;
  ++generation_;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(lifetime).count();
  wheel_.arm(index, Tick::at(now_) + static_cast<std::uint32_t>(wait));
}

void NeighbourTable::solicit(std::uint32_t index, bool unicast) {
  ++entries_[index].solicitations;
  sink_.solicit(sink_.context, entries_[index], unicast);
}

void NeighbourTable::start_resolution(std::uint32_t index) {
  entries_[index].solicitations = 0;
  enter(index, NeighbourState::kIncomplete, settings_.retransmit_time);
  solicit(index, false);
}

// RFC 4861 §6.3.2: uniformly between 0.5 and 1.5 times the mean, so that stations do not ask in step.
Duration NeighbourTable::reachable_lifetime() {
  return settings_.reachable_time * (512 + random_.below(1024)) / 1024;
}

void NeighbourTable::confirm(std::uint32_t index, const MacAddress& mac) {
  entries_[index].mac = mac;
  entries_[index].answered = true;
  enter(index, NeighbourState::kReachable, reachable_lifetime());
  deliver_waiting(index);
}

// Known but not confirmed; where packets wait it is used at once, which leads to a probe.
void NeighbourTable::learn_unconfirmed(std::uint32_t index, const MacAddress& mac) {
  entries_[index].mac = mac;
  entries_[index].answered = false;
  const bool used = entries_[index].waiting != 0;
  enter(index, used ? NeighbourState::kDelay : NeighbourState::kStale,
        used ? settings_.delay_first_probe_time : settings_.stale_time);
  deliver_waiting(index);
}

void NeighbourTable::start_probe(std::uint32_t index) {
  entries_[index].solicitations = 0;
  const bool contested = entries_[index].contested;
  enter(index, NeighbourState::kProbe, contested ? settings_.contest_interval : settings_.retransmit_time);
  solicit(index, true);
}

// Somebody else claims the address of a station we know: ask that one.
void NeighbourTable::contest(std::uint32_t index) {
  if (entries_[index].contested) return;
  entries_[index].contested = true;
  start_probe(index);
}

bool NeighbourTable::on_request(std::uint16_t interface, const IpAddress& sender, const MacAddress& mac, Instant now) {
  now_ = now;
  std::uint32_t index = find_index(interface, sender);
  if (index == kNoIndex) {
    index = create(interface, sender);
    if (index == kNoIndex) return drops_.add(DropReason::kNeighbourTableFull), false;
    return learn_unconfirmed(index, mac), true;
  }
  const NeighbourState state = entries_[index].state;
  if (state == NeighbourState::kIncomplete || state == NeighbourState::kFailed) {
    return learn_unconfirmed(index, mac), true;
  }
  if (entries_[index].mac == mac) return true;
  if (is_trusted(entries_[index])) return contest(index), false;
  if (state != NeighbourState::kStale) return false;
  return learn_unconfirmed(index, mac), true;
}

bool NeighbourTable::on_answer(std::uint16_t interface, const IpAddress& sender, const MacAddress& mac, Answer answer,
                               Instant now) {
  now_ = now;
  const std::uint32_t index = find_index(interface, sender);
  if (index == kNoIndex) return false;
  const Neighbour& neighbour = entries_[index];
  if (neighbour.state == NeighbourState::kIncomplete) {
    return answer.solicited ? confirm(index, mac) : learn_unconfirmed(index, mac), true;
  }
  if (neighbour.state == NeighbourState::kFailed) return learn_unconfirmed(index, mac), true;
  if (neighbour.mac == mac) {
    if (neighbour.state == NeighbourState::kProbe && answer.solicited) confirm(index, mac);
    return true;
  }
  if (!answer.overrides || neighbour.state == NeighbourState::kPermanent) return false;
  if (is_trusted(neighbour)) return contest(index), false;
  return learn_unconfirmed(index, mac), true;
}

bool NeighbourTable::on_bare_answer(std::uint16_t interface, const IpAddress& sender, Instant now) {
  now_ = now;
  const std::uint32_t index = find_index(interface, sender);
  if (index == kNoIndex || entries_[index].state != NeighbourState::kProbe) return false;
  return confirm(index, entries_[index].mac), true;
}

void NeighbourTable::expire(std::uint32_t index) {
  switch (entries_[index].state) {
    case NeighbourState::kIncomplete:
    case NeighbourState::kProbe:
      return expire_question(index);
    case NeighbourState::kReachable:
      return enter(index, NeighbourState::kStale, settings_.stale_time);
    case NeighbourState::kDelay:
      return start_probe(index);
    case NeighbourState::kStale:
    case NeighbourState::kFailed:
      return remove(index);
    case NeighbourState::kPermanent:
      return;
  }
}

void NeighbourTable::expire_question(std::uint32_t index) {
  Neighbour& neighbour = entries_[index];
  if (neighbour.solicitations >= settings_.solicitations_max) return fail(index);
  enter(index, neighbour.state, neighbour.contested ? settings_.contest_interval : settings_.retransmit_time);
  solicit(index, neighbour.state == NeighbourState::kProbe);
}

// §7.3.3: a station that no longer answers is forgotten, the next packet asks everybody. An address that nobody
// answered for at all is remembered for a moment, or each packet would be a question.
void NeighbourTable::fail(std::uint32_t index) {
  if (entries_[index].state == NeighbourState::kProbe) return remove(index);
  drop_waiting(index, DropReason::kNeighbourFailed);
  enter(index, NeighbourState::kFailed, settings_.failed_time);
}

}  // namespace weir::stack
