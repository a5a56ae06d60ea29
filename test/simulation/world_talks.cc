// Who talks to whom, when, and until when.
#include <limits>

#include <weir/tcp/handshake.h>

#include "world.h"

namespace weir::testing {

void World::book_talk(std::size_t index, Duration after) {
  simulation_.at(simulation_.now() + after, [this, index] { begin_talk(index); });
}

void World::begin_talk(std::size_t index) {
  Talk& talk = talks_[index];
  if (!talk.plan.is_simultaneous && !parties_[talk.plan.to].is_listening[talk.plan.listener]) talk.is_excused = true;
  talk.has_begun = open_end(index, true);
  if (!talk.has_begun) return book_talk(index, 2s);  // no port or no memory at the moment
  if (talk.plan.is_simultaneous && !open_end(index, false)) talk.is_excused = true;
  has_changed_ = true;
}

bool World::open_end(std::size_t index, bool is_opener) {
  Talk& talk = talks_[index];
  const TalkPlan& plan = talk.plan;
  Party& here = parties_[is_opener ? plan.from : plan.to];
  Party& there = parties_[is_opener ? plan.to : plan.from];
  stack::ConnectOptions options;
  const auto simultaneous_port = static_cast<std::uint16_t>(plan.local_port + 10'000);
  options.remote.address = address_of(there, plan.is_v4);
  options.remote.port = static_cast<std::uint16_t>(80 + plan.listener);
  if (plan.is_simultaneous) options.remote.port = is_opener ? simultaneous_port : plan.local_port;
  if (plan.local_port != 0) options.local_port = is_opener ? plan.local_port : simultaneous_port;
  if (plan.near_wrap) options.local_port = port_near_wrap(plan);
  options.profile = here.profiles[plan.profile % here.profiles.size()];
  here.at->tick();
  stack::ConnectionId id;
  const auto error = here.at->host().connect(options, id);
  if (error != stack::CallError::kNone) return verdict_.tally.add("application: connect refused at once"), false;
  there.talk_from[{here.at->host().info(id)->local, options.remote}] = index;
  (is_opener ? talk.opener : talk.acceptor) = &here.crowd->add(talker_for(here, id, index, is_opener), false);
  return true;
}

Talker World::talker_for(Party& party, stack::ConnectionId id, std::size_t index, bool is_opener) {
  const TalkPlan& plan = talks_[index].plan;
  const std::uint64_t own = seed_ * 0x9e37'79b9'7f4a'7c15 + index * 2;
  const std::uint64_t key = own << 20, other = plan.acceptor.echoes ? key : (own + 1) << 20;
  return is_opener ? Talker(*party.at, observer_, id, plan.opener, key, other)
                   : Talker(*party.at, observer_, id, plan.acceptor, other, key);
}

void World::accepted(Party& party, stack::ConnectionId id) {
  const auto info = party.at->host().info(id);
  const std::size_t index = party.talk_from.at({info->remote, info->local});
  Talk& talk = talks_[index];
  if (talk.acceptor != nullptr) {  // a second connection of one talk: an old duplicate was believed
    fault("talk " + std::to_string(index) + " was accepted twice");
    party.at->host().abort(id);
    return;
  }
  talk.acceptor = &party.crowd->add(talker_for(party, id, index, false), true);
}

// The port, of all, from which the first sequence number is the closest to 2^32 (RFC 6528: it is a hash, and time).
std::uint16_t World::port_near_wrap(const TalkPlan& plan) {
  Party& here = parties_[plan.from];
  const stack::HostConfig config = small_host(seed_ + plan.from);
  tcp::Context context;
  context.now = here.at->now();
  context.isn_secret = config.isn_secret;
  FlowKey key{address_of(parties_[plan.to], plan.is_v4), static_cast<std::uint16_t>(80 + plan.listener), 0,
              static_cast<std::uint16_t>(plan.is_v4 ? 0 : 1)};
  std::pair<std::uint32_t, std::uint16_t> best{std::numeric_limits<std::uint32_t>::max(), 0};
  for (std::uint16_t port = 40'000; port != 0; ++port) {
    key.local_port = port;
    best = std::min(best, {0U - tcp::initial_sequence_number(context, key).value(), port});
  }
  return best.second;
}

bool World::is_over(const Talk& talk) const {
  if (!talk.has_begun || !talk.opener->is_over()) return false;
  return talk.acceptor == nullptr
             ? talk.is_excused || talk.opener->was_rude() || talk.opener->was_let_go() || !talk.opener->was_open()
             : talk.acceptor->is_over();
}

// Looked at only when somebody has changed.
bool World::all_over() {
  if (!has_changed_) return is_over_;
  has_changed_ = false;
  is_over_ = true;
  for (std::size_t i = 0; i < talks_.size(); ++i) {
    look_after(i);
    if (!is_over(talks_[i])) is_over_ = false;
    const int after = talks_[i].plan.after;
    if (after < 0 || talks_[i].is_booked || !is_over(talks_[static_cast<std::size_t>(after)])) continue;
    talks_[i].is_booked = true;
    book_talk(i, talks_[i].plan.start);
  }
  return is_over_;
}

// Where one end went without a normal close the other may wait for ever: TCP has nothing to tell it, unless it sends.
void World::look_after(std::size_t index) {
  Talk& talk = talks_[index];
  if (talk.opener == nullptr) return;
  auto went = [](const Talker* end) {
    return end != nullptr && end->is_over() && end->reason() != tcp::CloseReason::kNormal;
  };
  const bool was_rude = talk.opener->was_rude() || (talk.acceptor != nullptr && talk.acceptor->was_rude());
  talk.is_excused = talk.is_excused || was_rude;
  if (talk.is_watched || !(went(talk.opener) || went(talk.acceptor) || talk.is_excused)) return;
  talk.is_watched = true;
  simulation_.at(simulation_.now() + kPatience, [this, index] {
    Talk& late = talks_[index];
    for (Party& party : parties_) party.at->tick();
    if (late.opener != nullptr) parties_[late.plan.from].crowd->let_go(*late.opener);
    if (late.acceptor != nullptr) parties_[late.plan.to].crowd->let_go(*late.acceptor);
    has_changed_ = true;
  });
}

}  // namespace weir::testing
