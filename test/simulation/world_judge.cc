// The verdict: streams, reasons, pools, and whether what was planned really happened.
#include "world.h"

namespace weir::testing {

Verdict World::run() {
  try {
    if (!simulation_.run_until([this] { return all_over(); }, kLimit))
      fault("not all connections came to their end" + who_is_left());
    simulation_.run_until([this] { return is_all_given_back() && all_over(); }, kAfterglow);
  } catch (const std::exception& error) {
    fault(error.what());
  }
  for (const Talk& talk : talks_) judge_talk(talk);
  for (std::size_t i = 0; i < parties_.size(); ++i) {
    judge_host(parties_[i]);
    judge_link(parties_[i], plan_.hosts[i].link);
  }
  for (const std::string& what : observer_.faults()) fault(what);
  report();
  verdict_.steps = simulation_.steps();
  if (!verdict_.faults.empty()) verdict_.trace = simulation_.trace();
  return std::move(verdict_);
}

std::string World::who_is_left() const {
  std::string left;
  for (std::size_t i = 0; i < talks_.size(); ++i) {
    const Talk& talk = talks_[i];
    if (is_over(talk)) continue;
    left += left.empty() ? ": talk " : ", ";
    left += std::to_string(i) + (talk.has_begun ? "" : " not begun") + (talk.acceptor == nullptr ? " unanswered" : "");
  }
  return left;
}

void World::judge_talk(const Talk& talk) {
  judge_end(talk, talk.opener, talk.acceptor, "opener");
  judge_end(talk, talk.acceptor, talk.opener, "acceptor");
}

// When the last ACK is lost for longer than TIME-WAIT lasts (or a clock that jumped says so), a FIN that is sent once
// more meets nobody.
bool World::was_time_wait_over(const Talk& talk) const {
  if (talk.opener->was_let_go() || talk.acceptor->was_let_go()) return false;  // it never came to that
  if (parties_[talk.plan.from].jumps + parties_[talk.plan.to].jumps > 0) return true;
  const Duration between = std::chrono::abs(talk.opener->over_at() - talk.acceptor->over_at());
  const auto& hosts = plan_.hosts;
  return between >= 2 * std::min(hosts[talk.plan.from].defaults.msl, hosts[talk.plan.to].defaults.msl);
}

void World::judge_end(const Talk& talk, const Talker* end, const Talker* peer, const char* name) {
  const std::string who = "talk " + std::to_string(&talk - talks_.data()) + ", " + name + ": ";
  if (end == nullptr) {
    if (!talk.is_excused) fault(who + "never was");
    return;
  }
  if (!end->is_intact()) fault(who + "read other bytes than were sent");
  if (!end->is_over()) return fault(who + "did not end");
  if (peer != nullptr && end->received() > peer->sent()) fault(who + "read more than was sent");
  if (talk.is_excused || peer == nullptr) return;
  if (end->received() != peer->sent() || !end->saw_end())
    fault(who + "read " + std::to_string(end->received()) + " of " + std::to_string(peer->sent()) + " bytes");
  const bool is_reset_at_end = end->reason() == tcp::CloseReason::kReset && end->saw_end() && was_time_wait_over(talk);
  if (end->reason() != tcp::CloseReason::kNormal && !is_reset_at_end)
    fault(who + "ended as " + to_string(end->reason()));
}

bool World::is_all_given_back() const {
  for (const Party& party : parties_) {
    if (!party.hoarded.empty() || !party.at->is_pool_full()) return false;
    for (const auto& level : party.at->host().pools().levels)
      if (level.in_use != 0) return false;
  }
  return true;
}

void World::judge_host(const Party& party) {
  const std::string who = party.at->name() + ": ";
  if (!party.at->is_pool_full())
    fault(who + std::to_string(party.at->packets().capacity() - party.at->packets().available()) + " packets missing");
  for (const auto& level : party.at->host().pools().levels)
    if (level.in_use != 0) fault(who + std::to_string(level.in_use) + " " + level.name + " still in use");
  for (unsigned state = 0; state < tcp::kStates; ++state) {
    const auto name = static_cast<tcp::State>(state);
    if (party.at->host().connections_in(name) != 0) fault(who + "still counted as " + to_string(name));
  }
}

// Where 30 were to be expected, none would be a wonder (e^-30).
void World::judge_link(const Party& party, const LinkSettings& settings) {
  const LinkCounts& counts = party.at->inbound();
  auto expect = [&](const char* what, double percent, std::uint64_t n) {
    if (static_cast<double>(counts.sent) * percent / 100 > 30 && n == 0)
      fault(party.at->name() + ": of the " + what + " that was configured none happened");
  };
  expect("loss", settings.loss_percent, counts.lost);
  expect("bursts of loss", settings.burst_percent, counts.burst_lost);
  expect("reordering", settings.reorder_percent, counts.reordered);
  expect("duplication", settings.duplicate_percent, counts.duplicated);
  expect("corruption", settings.corrupt_percent, counts.corrupted);
}

}  // namespace weir::testing
