#include "scale_scene.h"

#include <rte_cycles.h>

#include <cstring>
#include <stdexcept>
#include <utility>

#include <weir/wire/build.h>
#include <weir/wire/parse.h>

namespace weir::bench {
namespace {

constexpr std::uint16_t kPort = 80;
constexpr std::uint32_t kRequest = 64;
constexpr std::array<std::uint8_t, 100> kAnswer{};
constexpr std::uint64_t kPortsEach = 64000, kFirstPort = 1024;
// Not held, on their way through.
constexpr std::uint32_t kSpare = 4096;

Instant after_connections(Instant now, unsigned count) {
  return now + count * Scene::kBetweenConnections;
}

}  // namespace

stack::HostConfig Scene::configuration(const SceneConfig& config) {
  stack::HostConfig host;
  host.connections = config.open + kSpare;
  host.cold_blocks = kSpare;
  host.half_open = kSpare;
  host.connection_timers = false;
  const std::uint32_t records = config.time_wait + kSpare;
  (config.family == Family::kIpv4 ? host.time_wait_v4 : host.time_wait_v6) = records;
  (config.family == Family::kIpv4 ? host.time_wait_v6 : host.time_wait_v4) = 0;
  host.defaults.msl = std::chrono::floor<tcp::milliseconds>(config.time_wait * kBetweenConnections / 2);
  host.flow_secret = {1, 2};
  host.isn_secret = {3, 4};
  return host;
}

Scene::Scene(const SceneConfig& config, PacketPool& packets)
    : config_(config),
      packets_(packets),
      outbox_(&Scene::on_flush, this),
      server_(IpAddress::parse(config.family == Family::kIpv4 ? "192.0.2.2" : "2001:db8::2").value()),
      host_(configuration(config), outbox_, packets, now_) {
  host_.add_address(server_, 1500);
  stack::ListenerId listener;
  if (host_.listen({.address = server_, .port = kPort}, listener) != stack::CallError::kNone)
    throw std::runtime_error("the host does not listen");
  held_.reserve(config.open + kLanes);
  heard_.reserve(4 * kLanes);
}

void Scene::fill() {
  while (held_.size() < config_.open) {
    Lanes lanes = new_clients();
    open(lanes);
    held_.insert(held_.end(), lanes.begin(), lanes.end());
  }
  for (std::uint32_t passed = 0; passed < config_.time_wait; passed += kLanes) pass();
}

void Scene::pass() {
  Lanes lanes = new_clients();
  step(lanes, kSyn, 0);
  step(lanes, kAck | kPsh, kRequest);
  end(lanes);
}

void Scene::replace() {
  Lanes fresh = new_clients(), old;
  open(fresh);
  for (unsigned i = 0; i < kLanes; ++i) {
    Client& chosen = held_[random_.below(static_cast<std::uint32_t>(held_.size()))];
    old[i] = std::exchange(chosen, held_.back());
    held_.pop_back();
  }
  held_.insert(held_.end(), fresh.begin(), fresh.end());
  step(old, kAck | kPsh, kRequest);
  end(old);
}

Scene::Lanes Scene::new_clients() {
  Lanes lanes;
  for (Client& client : lanes) {
    client.number = next_number_++;
    client.snd_nxt = SeqNum{static_cast<std::uint32_t>(client.number) * 4096};
  }
  return lanes;
}

void Scene::open(Lanes& lanes) {
  step(lanes, kSyn, 0);
  step(lanes, kAck, 0);
  now_ = after_connections(now_, kLanes);
}

void Scene::end(Lanes& lanes) {
  step(lanes, kAck | kFin, 0);
  now_ = after_connections(now_, kLanes);
}

void Scene::step(Lanes& lanes, std::uint8_t flags, std::uint32_t payload) {
  std::array<rte_mbuf*, kLanes> burst;
  for (unsigned i = 0; i < kLanes; ++i) {
    burst[i] = segment(lanes[i], flags, payload).release();
    lanes[i].snd_nxt = lanes[i].snd_nxt + payload + ((flags & (kSyn | kFin)) != 0 ? 1 : 0);
  }
  in_ += kLanes;
  run_host(burst);
  hear(lanes);
}

// As a device with checksum offload hands it on.
Packet Scene::segment(const Client& client, std::uint8_t flags, std::uint32_t payload) {
  Packet packet = packets_.allocate();
  std::memset(packet.append(static_cast<std::uint16_t>(payload)), 'r', payload);
  Segment segment{.source_port = port_of(client.number),
                  .destination_port = kPort,
                  .seq = client.snd_nxt,
                  .ack = client.rcv_nxt,
                  .flags = flags,
                  .window = UnscaledWindow{65535}};
  if ((flags & kSyn) != 0) {
    segment.options.mss = std::uint16_t{1460};
    segment.options.sack_permitted = true;
    segment.options.window_scale = WindowScale{7};
  }
  const wire::Path path{.source = address_of(client.number),
                        .destination = server_,
                        .source_port = segment.source_port,
                        .destination_port = kPort};
  if (!wire::write_tcp(packet, path, segment)) throw std::runtime_error("no room for headers");
  packet.get()->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
  return packet;
}

void Scene::run_host(std::span<rte_mbuf*> burst) {
  const std::uint64_t begin = rte_rdtsc_precise();
  host_.on_burst(burst, now_);
  serve();
  host_.advance(now_);
  outbox_.flush();
  cycles_ += rte_rdtsc_precise() - begin;
}

// Answers what asks, and closes first.
void Scene::serve() {
  while (const auto event = host_.next_event()) {
    if (event->listener != stack::kNoListener) {
      while (host_.accept(event->listener)) {
      }
    } else if ((event->what & tcp::kReadable) != 0) {
      while (host_.receive(event->connection)) {
      }
      host_.send_last(event->connection, kAnswer);
      host_.close(event->connection);
    }
  }
}

void Scene::on_flush(void* context, std::span<rte_mbuf*> batch) {
  auto& heard = static_cast<Scene*>(context)->heard_;
  heard.insert(heard.end(), batch.begin(), batch.end());
}

void Scene::hear(Lanes& lanes) {
  for (rte_mbuf* mbuf : heard_) hear(lanes, Packet{mbuf});
  out_ += heard_.size();
  heard_.clear();
}

void Scene::hear(Lanes& lanes, const Packet& packet) {
  IpHeader ip;
  Segment segment;
  if (wire::parse_ip(packet.data(), packet.length(), true, ip) != WireError::kNone ||
      wire::parse_tcp(packet.data().subspan(ip.header_length), ip, segment) != WireError::kNone || segment.has(kRst))
    throw std::runtime_error("the host sent what no client expects");
  for (Client& client : lanes) {
    if (port_of(client.number) != segment.destination_port || address_of(client.number) != ip.destination) continue;
    client.rcv_nxt = segment.end();
    return;
  }
  throw std::runtime_error("the host answered somebody else");
}

IpAddress Scene::address_of(std::uint64_t number) const {
  const auto host = static_cast<std::uint32_t>(number / kPortsEach);
  if (config_.family == Family::kIpv4) return IpAddress::v4(be32{0x0a00'0001 + host});
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8, 0, 1};
  for (unsigned i = 0; i < 4; ++i) bytes[12 + i] = static_cast<std::uint8_t>(host >> (24 - 8 * i));
  return IpAddress::v6(bytes.data());
}

std::uint16_t Scene::port_of(std::uint64_t number) const {
  return static_cast<std::uint16_t>(kFirstPort + number % kPortsEach);
}

}  // namespace weir::bench
