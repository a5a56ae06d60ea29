#include "support/simulation.h"

#include <cstdio>

#include <weir/wire/build.h>
#include <weir/wire/describe.h>
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
  config.timestamp_secret = random.key();
  config.port_secret = random.key();
  config.seed = random.next();
  return config;
}

SimHost::SimHost(Simulation& simulation, std::string name, const stack::HostConfig& config, Instant now)
    : simulation_(simulation),
      name_(std::move(name)),
      packets_(("sim-" + name_).c_str(), 4095, 0),
      outbox_(&SimHost::on_flush, this),
      host_(std::make_unique<stack::Host>(config, outbox_, packets_, now)) {}

SimHost::~SimHost() {
  outbox_.flush();
  host_.reset();
}

void SimHost::on_flush(void* context, std::span<rte_mbuf*> batch) {
  auto& self = *static_cast<SimHost*>(context);
  for (rte_mbuf* mbuf : batch) self.simulation_.send(self.name_, Packet{mbuf});
}

Simulation::Simulation(std::uint64_t seed) : random_(seed) {}

Simulation::~Simulation() {
  in_flight_.clear();
}

SimHost& Simulation::add_host(const std::string& name, std::initializer_list<const char*> addresses,
                              const stack::HostConfig& config) {
  hosts_.push_back(std::make_unique<SimHost>(*this, name, config, now_));
  for (const char* address : addresses) hosts_.back()->host().add_address(IpAddress::parse(address).value(), 1500);
  return *hosts_.back();
}

void Simulation::inject(Packet packet, const std::string& from) {
  send(from, std::move(packet));
}

void Simulation::send(const std::string& from, Packet packet) {
  wire::finish_checksums(packet);
  rte_pktmbuf_linearize(packet.get());
  IpHeader ip;
  Segment segment;
  const bool readable = wire::parse_ip(packet.data(), packet.length(), true, ip) == WireError::kNone;
  if (readable) wire::parse_tcp(packet.data().subspan(ip.header_length), ip, segment);
  if (trace_.size() == kTraceLines) trace_.pop_front();
  char stamp[32];
  std::snprintf(stamp, sizeof stamp, "%12.6f ", std::chrono::duration<double>(now_ - Instant{1'000'000s}).count());
  trace_.push_back(stamp + from + ": " + wire::describe(ip, segment));
  SimHost* to = find(ip.destination);
  ++counts_.sent;
  if (!readable || to == nullptr) return;
  const auto own = links.find(to->name());
  const LinkSettings& settings = own == links.end() ? link : own->second;
  if ((filter && !filter(from, ip, segment)) || random_.chance(settings.loss_percent)) {
    ++counts_.lost;
    trace_.back() += "  (lost)";
    return;
  }
  if (random_.chance(settings.corrupt_percent)) corrupt(packet);
  Duration delay = settings.delay;
  if (random_.chance(settings.reorder_percent)) {
    ++counts_.reordered;
    delay += settings.delay * (1 + random_.below(4));
  }
  deliver_later(*to, packet, delay);
  if (random_.chance(settings.duplicate_percent)) {
    ++counts_.duplicated;
    deliver_later(*to, packet, delay + settings.delay / 2);
  }
}

// Copied into the receiver's pool, as a NIC would.
void Simulation::deliver_later(SimHost& to, const Packet& packet, Duration delay) {
  Packet copy = to.packets().copy(packet.data());
  if (copy) in_flight_.emplace(now_ + delay, Delivery{&to, std::move(copy)});
}

void Simulation::corrupt(Packet& packet) {
  ++counts_.corrupted;
  const std::uint32_t bit = random_.below(packet.length() * 8);
  packet.data()[bit / 8] = static_cast<std::uint8_t>(packet.data()[bit / 8] ^ (1U << (bit % 8)));
}

SimHost* Simulation::find(const IpAddress& address) {
  for (auto& host : hosts_)
    if (host->host().is_local(address)) return host.get();
  return nullptr;
}

void Simulation::turn(SimHost& host) {
  if (host.on_turn) host.on_turn();
  host.outbox_.flush();
}

void Simulation::settle() {
  for (auto& host : hosts_) turn(*host);
}

// Takes the next thing that happens, not after `limit`; false when there is none.
bool Simulation::step(Instant limit) {
  Instant next = in_flight_.empty() ? Instant::max() : in_flight_.begin()->first;
  for (auto& host : hosts_) {
    if (const auto deadline = host->host().next_deadline()) next = std::min(next, *deadline);
    const auto asked = host->next_deadline ? host->next_deadline() : std::nullopt;
    if (asked) next = std::min(next, *asked);
  }
  if (next > limit) return false;
  now_ = std::max(now_, next);
  if (!in_flight_.empty() && in_flight_.begin()->first <= now_) {
    auto node = in_flight_.extract(in_flight_.begin());
    SimHost& to = *node.mapped().to;
    to.host().on_packet(std::move(node.mapped().packet), now_);
    turn(to);
    return true;
  }
  for (auto& host : hosts_) {
    while (host->host().advance(now_)) host->outbox_.flush();
    turn(*host);
  }
  return true;
}

void Simulation::advance(Duration duration) {
  const Instant end = now_ + duration;
  settle();
  while (step(end)) {
  }
  now_ = end;
  for (auto& host : hosts_) host->host().advance(now_);
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

std::string Simulation::trace() const {
  std::string all;
  for (const std::string& line : trace_) all += line + "\n";
  return all;
}

}  // namespace weir::testing
