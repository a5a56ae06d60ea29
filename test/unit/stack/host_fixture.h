// Two hosts on a simulated link in virtual time; every test ends by showing that all pools are full again.
#pragma once

#include <gtest/gtest.h>

#include <numeric>

#include "support/simulation.h"

namespace weir::testing {

inline std::vector<std::uint8_t> pattern(std::size_t bytes, std::uint32_t seed = 1) {
  std::vector<std::uint8_t> result(bytes);
  Random random{seed};
  for (auto& byte : result) byte = static_cast<std::uint8_t>(random.next());
  return result;
}

// A sink and source on one connection: writes all of `to_send`, reads all into `received`, closes when told.
struct Talker {
  SimHost* at = nullptr;
  stack::ConnectionId id{};
  std::vector<std::uint8_t> to_send{};
  std::size_t sent = 0;
  std::vector<std::uint8_t> received{};
  std::uint8_t seen = 0;  // all events so far
  bool reads = true;
  bool shuts_down_when_sent = false;
  bool saw_end = false;

  void turn() {
    if (!id) return;
    stack::Host& host = at->host();
    if (sent < to_send.size()) sent += host.send(id, std::span{to_send}.subspan(sent));
    if (shuts_down_when_sent && sent == to_send.size()) {
      shuts_down_when_sent = false;
      host.shutdown(id);
    }
    while (reads) {
      Packet packet = host.receive(id);
      if (!packet) break;
      const auto bytes = packet.data();
      received.insert(received.end(), bytes.begin(), bytes.end());
    }
    saw_end = saw_end || host.at_end(id);
  }
};

class HostTest : public ::testing::TestWithParam<Family> {
 protected:
  static constexpr std::uint16_t kPort = 80;

  HostTest() { build(small_host(11), small_host(12)); }

  void build(const stack::HostConfig& client_config, const stack::HostConfig& server_config) {
    simulation = std::make_unique<Simulation>(7);
    client = &simulation->add_host("client", {"192.0.2.1", "2001:db8::1"}, client_config);
    server = &simulation->add_host("server", {"192.0.2.2", "2001:db8::2"}, server_config);
    client->on_turn = [this] { take_events(*client, here); };
    server->on_turn = [this] { take_events(*server, there); };
    here = Talker{.at = client};
    there = Talker{.at = server};
  }

  IpAddress server_address() const {
    return IpAddress::parse(GetParam() == Family::kIpv4 ? "192.0.2.2" : "2001:db8::2").value();
  }
  IpAddress client_address() const {
    return IpAddress::parse(GetParam() == Family::kIpv4 ? "192.0.2.1" : "2001:db8::1").value();
  }

  void listen(std::uint32_t backlog = 16, std::optional<tcp::Settings> settings = {}) {
    ASSERT_EQ(server->host().listen(
                  {.address = server_address(), .port = kPort, .backlog = backlog, .settings = settings}, listener),
              stack::CallError::kNone);
  }
  void connect() {
    ASSERT_EQ(client->host().connect({.remote = {server_address(), kPort}}, here.id), stack::CallError::kNone);
    simulation->settle();
  }
  void establish() {
    listen();
    connect();
    ASSERT_TRUE(simulation->run_until([&] { return there.id && (here.seen & tcp::kOpened) != 0; }, 10s))
        << simulation->trace();
  }
  tcp::State client_state() { return state_of(here); }
  tcp::State server_state() { return state_of(there); }
  static tcp::State state_of(const Talker& talker) {
    const auto info = talker.at->host().info(talker.id);
    return info ? info->state : tcp::State::kClosed;
  }

  void take_events(SimHost& host, Talker& talker) {
    while (const auto event = host.host().next_event()) {
      if (event->listener != stack::kNoListener && accepts) {
        while (const auto id = host.host().accept(event->listener)) {
          if (!talker.id)
            talker.id = *id;
          else
            more.push_back(*id);
        }
      } else if (event->connection == talker.id) {
        talker.seen = static_cast<std::uint8_t>(talker.seen | event->what);
      }
    }
    talker.turn();
  }

  // Closes what is open, lets TIME_WAIT pass and looks into every pool.
  void expect_everything_given_back() {
    if (here.id) client->host().abort(here.id);
    if (there.id) server->host().abort(there.id);
    for (const auto id : more) server->host().abort(id);
    simulation->advance(200s);
    for (SimHost* host : {client, server}) {
      EXPECT_TRUE(host->is_pool_full()) << host->name() << "\n" << simulation->trace();
      for (const auto& level : host->host().pools().levels)
        EXPECT_EQ(level.in_use, 0U) << host->name() << " " << level.name;
    }
  }

  std::unique_ptr<Simulation> simulation;
  SimHost* client = nullptr;
  SimHost* server = nullptr;
  Talker here, there;
  std::vector<stack::ConnectionId> more;  // accepted beyond the first
  stack::ListenerId listener = stack::kNoListener;
  bool accepts = true;
};

}  // namespace weir::testing
