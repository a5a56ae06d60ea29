#include "support/simulation.h"

#include <stdexcept>

#include <weir/wire/parse.h>

namespace weir::testing {

stack::HostConfig small_host(std::uint64_t seed) {
  Random random{seed};
  stack::HostConfig config;
  config.connections = 1024;
  config.half_open = 256;
  config.time_wait_v4 = config.time_wait_v6 = 2048;
  config.listeners = 16;
  config.flow_secret = random.key();
  config.isn_secret = random.key();
  config.port_secret = random.key();
  config.seed = random.next();
  config.cookie_secrets.making = random.key();
  return config;
}

SimHost::SimHost(Simulation& simulation, std::string name, const stack::HostConfig& config, PacketPool& packets)
    : simulation_(simulation),
      name_(std::move(name)),
      packets_(packets),
      outbox_(&SimHost::on_flush, this),
      host_(std::make_unique<stack::Host>(config, outbox_, packets_, simulation.now())) {}

SimHost::~SimHost() {
  outbox_.flush();
  host_.reset();
}

void SimHost::on_flush(void* context, std::span<rte_mbuf*> batch) {
  auto& self = *static_cast<SimHost*>(context);
  for (rte_mbuf* mbuf : batch) self.simulation_.send(self.name_, &self, Packet{mbuf});
}

Instant SimHost::now() const {
  return simulation_.now() + clock_ahead_;
}

Instant SimHost::next_turn() const {
  Instant next = Instant::max();
  if (const auto deadline = host_->next_deadline()) next = *deadline - clock_ahead_;
  if (const auto asked = next_deadline ? next_deadline() : std::nullopt) next = std::min(next, *asked - clock_ahead_);
  return next == Instant::max() ? next : std::max(next, paused_until_);
}

Simulation::Simulation(std::uint64_t seed, Instant start) : random_(seed), start_(start), now_(start) {}

Simulation::~Simulation() {
  hosts_.clear();
}

SimHost& Simulation::add_host(const std::string& name, std::initializer_list<const char*> addresses,
                              const stack::HostConfig& config, PacketPool* packets) {
  PacketPool& pool = packets != nullptr ? *packets : pools_.emplace_back(("sim-" + name).c_str(), 4095, 0);
  hosts_.push_back(std::make_unique<SimHost>(*this, name, config, pool));
  for (const char* address : addresses) hosts_.back()->host().add_address(IpAddress::parse(address).value(), 1500);
  return *hosts_.back();
}

void Simulation::turn(SimHost& host) {
  if (host.on_turn) host.on_turn();
  host.outbox_.flush();
}

void Simulation::settle() {
  for (auto& host : hosts_) turn(*host);
}

Instant Simulation::next_event() const {
  Instant next = in_flight_.is_empty() ? Instant::max() : in_flight_.first().arrival;
  if (!agenda_.empty()) next = std::min(next, agenda_.begin()->first);
  for (const auto& host : hosts_) next = std::min(next, host->next_turn());
  return next;
}

// Takes the next thing that happens, not after `limit`; false when there is none.
bool Simulation::step(Instant limit) {
  const Instant next = next_event();
  if (next > limit || next == Instant::max()) return false;
  steps_since_ = next > now_ ? 0 : steps_since_ + 1;
  if (steps_since_ > kStepsWithoutTimeMax) throw std::runtime_error("time stands still: a timer fires for ever");
  ++steps_;
  now_ = std::max(now_, next);
  if (!agenda_.empty() && agenda_.begin()->first <= now_) {
    agenda_.extract(agenda_.begin()).mapped()();
    settle();
  } else if (!in_flight_.is_empty() && in_flight_.first().arrival <= now_) {
    deliver_burst();
  } else {
    advance_hosts();
  }
  return true;
}

void Simulation::advance_hosts() {
  for (auto& host : hosts_) {
    if (host->next_turn() > now_) continue;
    while (host->host().advance(host->now())) host->outbox_.flush();
    turn(*host);
  }
}

void Simulation::advance(Duration duration) {
  const Instant end = now_ + duration;
  settle();
  while (step(end)) {
  }
  now_ = end;
  for (auto& host : hosts_) host->host().advance(host->now());
  settle();
}

bool Simulation::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = now_ + limit;
  settle();
  while (!done()) {
    if (!step(end)) return done();
  }
  return true;
}

LinkCounts Simulation::counts() const {
  LinkCounts all;
  for (const auto& host : hosts_) all += host->inbound();
  return all;
}

}  // namespace weir::testing
