// A server's host in memory with as many connections as asked for, and the clients that open and end them: packet
// templates, 32 at a time in step, as a busy worker sees them. Only what the host does is timed.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <weir/base/random.h>
#include <weir/stack/host.h>
#include <weir/wire/headers.h>

namespace weir::bench {

// One client's end of a connection. `number` makes its address and port; no two connections have the same.
struct Client {
  std::uint64_t number = 0;
  SeqNum snd_nxt{};
  SeqNum rcv_nxt{};
};

struct SceneConfig {
  Family family = Family::kIpv4;
  std::uint32_t open = 0;       // connections held open
  std::uint32_t time_wait = 0;  // records remembered; 2*MSL is as long as that takes at kBetweenConnections
};

class Scene {
 public:
  static constexpr unsigned kLanes = 32;
  static constexpr Duration kBetweenConnections = 1us;  // of the host's time
  using Lanes = std::array<Client, kLanes>;

  Scene(const SceneConfig& config, PacketPool& packets);

  // Opens what is to be held.
  void fill();
  // 32 connections beside those held: six packets each (SYN, SYN-ACK, ACK with request, answer with FIN, FIN, ACK).
  void pass();
  // 32 new ones, and 32 drawn among those held ask and end: the same work, but whatever it touches was long untouched.
  void replace();

  // TSC cycles that the host has taken so far: on_burst(), the application's calls, advance().
  std::uint64_t cycles() const { return cycles_; }
  std::uint64_t open() const { return host_.connections_in(tcp::State::kEstablished); }
  std::uint64_t time_waits() const { return host_.connections_in(tcp::State::kTimeWait); }
  std::uint64_t packets_in() const { return in_; }
  std::uint64_t packets_out() const { return out_; }
  // What the host is to take for what is held, by its own forecast.
  static stack::HostConfig configuration(const SceneConfig& config);

 private:
  Lanes new_clients();
  void open(Lanes& lanes);
  // The client's last two segments; the server has answered and closed.
  void end(Lanes& lanes);
  void step(Lanes& lanes, std::uint8_t flags, std::uint32_t payload);
  Packet segment(const Client& client, std::uint8_t flags, std::uint32_t payload);
  void run_host(std::span<rte_mbuf*> burst);
  void serve();
  void hear(Lanes& lanes);
  void hear(Lanes& lanes, const Packet& packet);
  IpAddress address_of(std::uint64_t number) const;
  std::uint16_t port_of(std::uint64_t number) const;
  static void on_flush(void* context, std::span<rte_mbuf*> batch);

  SceneConfig config_;
  PacketPool& packets_;
  Outbox outbox_;
  IpAddress server_;
  Instant now_{1'000'000s};
  stack::Host host_;
  Random random_{1};
  std::vector<Client> held_;
  std::vector<rte_mbuf*> heard_;
  std::uint64_t next_number_ = 0;
  std::uint64_t cycles_ = 0, in_ = 0, out_ = 0;
};

}  // namespace weir::bench
