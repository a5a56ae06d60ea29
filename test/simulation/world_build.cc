// Hosts, listeners, and what befalls them.
#include "support/packet_bytes.h"
#include "world.h"

namespace weir::testing {
namespace {

constexpr std::array<std::array<const char*, 2>, Plan::kHostsMax> kAddresses = {{{"192.0.2.1", "2001:db8::1"},
                                                                                 {"192.0.2.2", "2001:db8::2"},
                                                                                 {"192.0.2.3", "2001:db8::3"},
                                                                                 {"192.0.2.4", "2001:db8::4"}}};

stack::HostConfig config_of(std::uint64_t seed, const tcp::Settings& defaults) {
  stack::HostConfig config = small_host(seed);
  config.connections = 256;
  config.time_wait_v4 = config.time_wait_v6 = 512;
  config.defaults = defaults;
  return config;
}

}  // namespace

Pools::Pools() {
  for (std::size_t i = 0; i < Plan::kHostsMax; ++i)
    pools_.emplace_back(("world-" + std::to_string(i)).c_str(), kPackets, 0);
}

World::World(std::uint64_t seed, Pools& pools, Sabotage sabotage_wanted)
    : seed_(seed), plan_(draw_plan(seed)), sabotage_(sabotage_wanted), simulation_(seed ^ 0x5eed, plan_.start) {
  parties_.resize(plan_.hosts.size());
  for (const TalkPlan& talk : plan_.talks) talks_.push_back({.plan = talk});
  for (std::size_t i = 0; i < plan_.hosts.size(); ++i) add_party(i, pools);
  for (const Mishap& mishap : plan_.mishaps) book(mishap);
  for (std::size_t i = 0; i < talks_.size(); ++i)
    if (talks_[i].plan.after < 0) book_talk(i, talks_[i].plan.start);
  simulation_.on_sent = [this](const Sighting& s) { observer_.on_sent(s); };
  simulation_.on_delivered = [this](const Sighting& s) { observer_.on_delivered(s); };
  sabotage();
}

World::~World() = default;

void World::add_party(std::size_t index, Pools& pools) {
  const HostPlan& plan = plan_.hosts[index];
  Party& party = parties_[index];
  const auto& addresses = kAddresses[index];
  const std::string name = "host" + std::to_string(index + 1);
  party.at =
      &simulation_.add_host(name, {addresses[0], addresses[1]}, config_of(seed_ + index, plan.defaults), &pools[index]);
  simulation_.links[name] = plan.link;
  for (unsigned i = 0; i < 2; ++i) party.addresses[i] = IpAddress::parse(addresses[i]).value();
  party.crowd = std::make_unique<Crowd>(*party.at);
  party.crowd->on_accept = [this, index](stack::ListenerId, stack::ConnectionId id) { accepted(parties_[index], id); };
  party.crowd->on_over = [this] { has_changed_ = true; };
  for (const tcp::Settings& settings : plan.profiles) party.profiles.push_back(party.at->host().add_profile(settings));
  party.listeners.resize(plan.listeners.size());
  party.is_listening.resize(plan.listeners.size());
  for (unsigned i = 0; i < plan.listeners.size(); ++i) listen(party, index, i);
}

void World::listen(Party& party, std::size_t index, unsigned listener) {
  for (unsigned family = 0; family < 2; ++family) {
    const auto error = party.at->host().listen({.address = party.addresses[family],
                                                .port = static_cast<std::uint16_t>(80 + listener),
                                                .backlog = plan_.hosts[index].backlog,
                                                .settings = plan_.hosts[index].listeners[listener]},
                                               party.listeners[listener][family]);
    if (error != stack::CallError::kNone) fault(std::string("listen: ") + to_string(error));
  }
  party.is_listening[listener] = true;
}

void World::book(const Mishap& mishap) {
  simulation_.at(plan_.start + mishap.at, [this, mishap] { begin_mishap(mishap); });
}

void World::begin_mishap(const Mishap& mishap) {
  Party& party = parties_[mishap.host];
  LinkSettings& link = simulation_.links[party.at->name()];
  const Instant end = simulation_.now() + mishap.lasts;
  party.at->tick();
  switch (mishap.kind) {
    case MishapKind::kPause:
      party.at->pause_until(end);
      return verdict_.tally.add("host: paused");
    case MishapKind::kClockJump:
      ++party.jumps;
      party.at->jump_clock(mishap.lasts);
      return verdict_.tally.add("host: clock jumps");
    case MishapKind::kShortage:
      hoard(party, mishap.amount);
      break;
    case MishapKind::kMtu:
    case MishapKind::kBlackHole:
      link.mtu = static_cast<std::uint16_t>(mishap.amount);
      link.is_black_hole = mishap.kind == MishapKind::kBlackHole;
      break;
    case MishapKind::kDown:
      link.is_down = true;
      break;
    case MishapKind::kStopListening:
      stop_listening(mishap);
      break;
  }
  simulation_.at(end, [this, mishap] { end_mishap(mishap); });
}

void World::end_mishap(const Mishap& mishap) {
  Party& party = parties_[mishap.host];
  LinkSettings& link = simulation_.links[party.at->name()];
  link.is_down = false;
  if (mishap.kind == MishapKind::kBlackHole) link.mtu = 0, link.is_black_hole = false;
  if (mishap.kind == MishapKind::kShortage) party.hoarded.clear();
  if (mishap.kind == MishapKind::kStopListening && !party.is_listening[mishap.amount])
    listen(party, mishap.host, mishap.amount);
}

void World::hoard(Party& party, std::uint32_t leave) {
  verdict_.tally.add("host: packet shortages");
  while (party.at->packets().available() > leave) party.hoarded.push_back(party.at->packets().allocate());
}

// Whoever is on the way to it is turned away.
void World::stop_listening(const Mishap& mishap) {
  Party& party = parties_[mishap.host];
  if (!party.is_listening[mishap.amount]) return;
  verdict_.tally.add("application: listeners closed");
  party.is_listening[mishap.amount] = false;
  for (Talk& talk : talks_)
    if (talk.plan.to == mishap.host && talk.plan.listener == mishap.amount && talk.has_begun &&
        talk.acceptor == nullptr)
      talk.is_excused = true;
  for (const stack::ListenerId id : party.listeners[mishap.amount]) party.at->host().stop_listening(id);
}

IpAddress World::address_of(const Party& party, bool is_v4) {
  return party.addresses[is_v4 ? 0 : 1];
}

// A polite opener goes without a word to its own side; asked again until there is one.
void World::reset_somebody() {
  for (Talk& talk : talks_) {
    if (talk.acceptor == nullptr || talk.opener->is_over() || talk.acceptor->is_over() || talk.is_excused) continue;
    if (!talk.opener->was_open() || !talk.acceptor->was_open()) continue;
    parties_[talk.plan.from].at->tick();
    parties_[talk.plan.from].at->host().abort(talk.opener->id());
    return;
  }
  if (!is_over_) simulation_.at(simulation_.now() + 50ms, [this] { reset_somebody(); });
}

void World::sabotage() {
  Party& party = parties_.front();
  switch (sabotage_) {
    case Sabotage::kNone:
      return;
    case Sabotage::kWrongByte:
      simulation_.tamper = change_text_unnoticed;
      return;
    case Sabotage::kEatEverything:
      simulation_.filter = [](auto&&...) { return false; };
      return;
    case Sabotage::kKeepPacket:
      kept_ = party.at->packets().allocate();
      return;
    case Sabotage::kLoseEvent:
      for (Party& each : parties_) each.crowd->lose_events();
      return;
    case Sabotage::kResetSomebody:
      simulation_.at(plan_.start, [this] { reset_somebody(); });
      return;
  }
}

}  // namespace weir::testing
