// The life of connections between two hosts, both families, as an application sees it.
#include <weir/wire/describe.h>

#include "host_fixture.h"

namespace weir::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(BothFamilies, HostTest, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& instance) { return instance.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(HostTest, HandshakeOpensBothEnds) {
  establish();
  EXPECT_EQ(client_state(), tcp::State::kEstablished);
  EXPECT_EQ(server_state(), tcp::State::kEstablished);
  EXPECT_EQ(server->host().connections_in(tcp::State::kEstablished), 1U);
  EXPECT_EQ(server->host().connections_in(tcp::State::kSynReceived), 0U);
  expect_everything_given_back();
}

TEST_P(HostTest, DataArrivesUnchangedBothWays) {
  establish();
  here.to_send = pattern(300'000, 1);
  there.to_send = pattern(200'000, 2);
  ASSERT_TRUE(
      simulation->run_until([&] { return here.received.size() == 200'000 && there.received.size() == 300'000; }, 60s))
      << here.received.size() << " " << there.received.size() << "\n"
      << simulation->trace();
  EXPECT_EQ(there.received, here.to_send);
  EXPECT_EQ(here.received, there.to_send);
  expect_everything_given_back();
}

TEST_P(HostTest, FourWayCloseLeavesTimeWaitWhereItBegan) {
  establish();
  client->host().shutdown(here.id);
  ASSERT_TRUE(simulation->run_until([&] { return there.saw_end; }, 5s)) << simulation->trace();
  EXPECT_EQ(server_state(), tcp::State::kCloseWait);
  simulation->advance(1s);
  EXPECT_EQ(client_state(), tcp::State::kFinWait2);
  server->host().close(there.id);
  simulation->advance(1s);
  EXPECT_EQ(client_state(), tcp::State::kTimeWait);
  EXPECT_NE(here.seen & tcp::kClosed, 0);
  EXPECT_EQ(client->host().info(here.id)->reason, tcp::CloseReason::kNormal);
  EXPECT_EQ(client->host().connections_in(tcp::State::kTimeWait), 1U);
  EXPECT_EQ(server->host().connections_in(tcp::State::kTimeWait), 0U);
  simulation->advance(58s);
  EXPECT_EQ(client->host().connections_in(tcp::State::kTimeWait), 1U) << "2 MSL are a minute";
  simulation->advance(3s);
  EXPECT_EQ(client->host().connections_in(tcp::State::kTimeWait), 0U);
  expect_everything_given_back();
}

TEST_P(HostTest, HalfClosedConnectionStillCarriesData) {
  establish();
  client->host().shutdown(here.id);
  there.to_send = pattern(100'000, 3);
  there.shuts_down_when_sent = true;
  ASSERT_TRUE(simulation->run_until([&] { return here.saw_end; }, 30s)) << simulation->trace();
  EXPECT_EQ(here.received, there.to_send);
  expect_everything_given_back();
}

TEST_P(HostTest, SimultaneousCloseEndsInTimeWaitOnBothSides) {
  establish();
  client->host().shutdown(here.id);
  server->host().shutdown(there.id);
  simulation->advance(1s);
  EXPECT_EQ(client_state(), tcp::State::kTimeWait);
  EXPECT_EQ(server_state(), tcp::State::kTimeWait);
  expect_everything_given_back();
}

TEST_P(HostTest, SimultaneousOpenMakesOneConnection) {
  const stack::ConnectOptions to_server{.remote = {server_address(), 5001}, .local_port = 5000};
  const stack::ConnectOptions to_client{.remote = {client_address(), 5000}, .local_port = 5001};
  ASSERT_EQ(client->host().connect(to_server, here.id), stack::CallError::kNone);
  ASSERT_EQ(server->host().connect(to_client, there.id), stack::CallError::kNone);
  simulation->advance(3s);
  EXPECT_EQ(client_state(), tcp::State::kEstablished) << simulation->trace();
  EXPECT_EQ(server_state(), tcp::State::kEstablished);
  here.to_send = pattern(5000);
  ASSERT_TRUE(simulation->run_until([&] { return there.received.size() == 5000; }, 5s)) << simulation->trace();
  expect_everything_given_back();
}

TEST_P(HostTest, ConnectToClosedPortIsRefused) {
  connect();
  ASSERT_TRUE(simulation->run_until([&] { return (here.seen & tcp::kClosed) != 0; }, 5s)) << simulation->trace();
  EXPECT_EQ(client->host().info(here.id)->reason, tcp::CloseReason::kRefused);
  EXPECT_EQ(server->host().drops()[stack::DropReason::kNoListener], 1U);
  expect_everything_given_back();
}

TEST_P(HostTest, ConnectToSilentHostTimesOut) {
  listen();
  simulation->filter = [](const std::string& from, const IpHeader&, const Segment&) { return from == "server"; };
  connect();
  ASSERT_TRUE(simulation->run_until([&] { return (here.seen & tcp::kClosed) != 0; }, 300s)) << simulation->trace();
  EXPECT_EQ(client->host().info(here.id)->reason, tcp::CloseReason::kTimeout);
  expect_everything_given_back();
}

TEST_P(HostTest, AbortResetsThePeer) {
  establish();
  client->host().abort(here.id);
  ASSERT_TRUE(simulation->run_until([&] { return (there.seen & tcp::kClosed) != 0; }, 5s)) << simulation->trace();
  EXPECT_EQ(server->host().info(there.id)->reason, tcp::CloseReason::kReset);
  expect_everything_given_back();
}

TEST_P(HostTest, ClosingWithUnreadDataResets) {
  establish();
  there.reads = false;
  here.to_send = pattern(1000);
  simulation->advance(1s);
  server->host().close(there.id);
  ASSERT_TRUE(simulation->run_until([&] { return (here.seen & tcp::kClosed) != 0; }, 5s)) << simulation->trace();
  EXPECT_EQ(client->host().info(here.id)->reason, tcp::CloseReason::kReset);
  expect_everything_given_back();
}

TEST_P(HostTest, StaleIdDoesNothing) {
  establish();
  const auto old = here.id;
  client->host().abort(old);
  here.id = {};
  EXPECT_FALSE(client->host().is_alive(old));
  EXPECT_EQ(client->host().close(old), stack::CallError::kStaleId);
  EXPECT_EQ(client->host().send(old, pattern(10)), 0U);
  EXPECT_FALSE(client->host().info(old).has_value());
  expect_everything_given_back();
}

TEST_P(HostTest, LostFinalAckIsRepairedBySynAckRepetition) {
  listen();
  int acks = 0;
  simulation->filter = [&](const std::string& from, const IpHeader&, const Segment& segment) {
    return !(from == "client" && !segment.has(kSyn) && ++acks == 1);
  };
  connect();
  ASSERT_TRUE(simulation->run_until([&] { return bool(there.id); }, 10s)) << simulation->trace();
  EXPECT_EQ(server->host().counters()[tcp::Counter::kSynAckRetransmits], 1U);
  expect_everything_given_back();
}

TEST_P(HostTest, HalfOpenRecordDiesWhenThePeerVanishes) {
  listen();
  simulation->filter = [](const std::string& from, const IpHeader&, const Segment& segment) {
    return from == "server" || (segment.has(kSyn) && !segment.has(kAck));
  };
  connect();
  simulation->advance(1s);
  client->host().abort(here.id);
  here.id = {};
  EXPECT_EQ(server->host().connections_in(tcp::State::kSynReceived), 1U);
  simulation->filter = [](const std::string& from, const IpHeader&, const Segment&) { return from == "server"; };
  simulation->advance(120s);
  EXPECT_EQ(server->host().connections_in(tcp::State::kSynReceived), 0U);
  EXPECT_EQ(server->host().counters()[tcp::Counter::kHalfOpenTimeouts], 1U);
  expect_everything_given_back();
}

TEST_P(HostTest, FullAcceptQueueDropsTheFinalAckUntilThereIsRoom) {
  accepts = false;
  listen(1);
  connect();
  stack::ConnectionId second;
  ASSERT_EQ(client->host().connect({.remote = {server_address(), kPort}}, second), stack::CallError::kNone);
  simulation->advance(500ms);
  EXPECT_EQ(server->host().connections_in(tcp::State::kEstablished), 1U);
  EXPECT_GE(server->host().drops()[stack::DropReason::kAcceptQueueFull], 1U);
  accepts = true;
  const auto first = server->host().accept(listener);
  ASSERT_TRUE(first.has_value());
  simulation->advance(5s);
  const auto accepted = there.id ? std::optional{there.id} : server->host().accept(listener);
  EXPECT_TRUE(accepted.has_value()) << simulation->trace();
  server->host().abort(*first);
  client->host().abort(second);
  expect_everything_given_back();
}

TEST_P(HostTest, StopListeningResetsWhatWaitsAndKeepsWhatWasAccepted) {
  establish();
  accepts = false;
  stack::ConnectionId waiting;
  ASSERT_EQ(client->host().connect({.remote = {server_address(), kPort}}, waiting), stack::CallError::kNone);
  simulation->advance(1s);
  server->host().stop_listening(listener);
  simulation->advance(1s);
  EXPECT_EQ(client->host().info(waiting)->reason, tcp::CloseReason::kReset);
  EXPECT_EQ(client_state(), tcp::State::kEstablished);
  client->host().abort(waiting);
  expect_everything_given_back();
}

TEST_P(HostTest, AddressAndPortMayHaveOneListenerOnly) {
  listen();
  stack::ListenerId other;
  EXPECT_EQ(server->host().listen({.address = server_address(), .port = kPort}, other),
            stack::CallError::kAddressInUse);
  EXPECT_EQ(server->host().listen({.address = client_address(), .port = kPort}, other), stack::CallError::kNotLocal);
}

TEST_P(HostTest, ConnectRefusesImpossiblePeers) {
  stack::ConnectionId id;
  for (const char* address : {"0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1", "127.0.0.1"}) {
    const Endpoint remote{IpAddress::parse(address).value(), 80};
    EXPECT_EQ(client->host().connect({.remote = remote}, id), stack::CallError::kBadAddress) << address;
  }
  EXPECT_EQ(client->host().connect({.remote = {server_address(), 0}}, id), stack::CallError::kBadAddress);
}

TEST_P(HostTest, SlowReaderStopsTheSenderAndLosesNothing) {
  establish();
  there.reads = false;
  here.to_send = pattern(1'500'000);
  simulation->advance(30s);
  EXPECT_LE(server->host().readable(there.id), 262'144U);
  EXPECT_LT(here.sent, here.to_send.size());
  there.reads = true;
  ASSERT_TRUE(simulation->run_until([&] { return there.received.size() == here.to_send.size(); }, 120s))
      << there.received.size() << "\n"
      << simulation->trace();
  EXPECT_EQ(there.received, here.to_send);
  expect_everything_given_back();
}

TEST_P(HostTest, UnreadDataSurvivesTheEndOfTheConnection) {
  establish();
  there.reads = false;
  here.to_send = pattern(5000);
  here.shuts_down_when_sent = true;
  simulation->advance(1s);
  server->host().shutdown(there.id);
  simulation->advance(1s);
  there.reads = true;
  simulation->advance(1s);
  EXPECT_EQ(there.received, here.to_send);
  EXPECT_TRUE(there.saw_end);
  expect_everything_given_back();
}

TEST_P(HostTest, ListShowsOpenConnections) {
  establish();
  std::uint64_t cursor = 0;
  const auto shown = server->host().list(cursor, 100);
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].local, (Endpoint{server_address(), kPort}));
  EXPECT_EQ(shown[0].state, tcp::State::kEstablished);
  EXPECT_TRUE(shown[0].passive);
  expect_everything_given_back();
}

std::vector<stack::ConnectionInfo> listed(const stack::Host& host, stack::ListScope scope) {
  std::vector<stack::ConnectionInfo> all;
  for (std::uint64_t cursor = 0; cursor != stack::Host::kListEnd;) {
    const auto page = host.list(cursor, 1, scope);
    all.insert(all.end(), page.begin(), page.end());
  }
  return all;
}

TEST_P(HostTest, ListShowsHandshakesWhenAskedTo) {
  listen();
  simulation->filter = [](const std::string& from, const IpHeader&, const Segment& segment) {
    return from == "server" || segment.has(kSyn);
  };
  connect();
  simulation->advance(1s);
  EXPECT_TRUE(listed(server->host(), {}).empty());
  const auto shown = listed(server->host(), {.half_open = true});
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].state, tcp::State::kSynReceived);
  EXPECT_EQ(shown[0].local, (Endpoint{server_address(), kPort}));
  EXPECT_EQ(shown[0].remote.address, client_address());
  EXPECT_TRUE(shown[0].passive && shown[0].sack && shown[0].timestamps && shown[0].window_scale);
}

TEST_P(HostTest, ListShowsTimeWaitWhenAskedToAndNotBeyondItsTime) {
  establish();
  client->host().shutdown(here.id);
  ASSERT_TRUE(simulation->run_until([&] { return there.saw_end; }, 5s)) << simulation->trace();
  server->host().close(there.id);
  simulation->advance(1s);
  EXPECT_TRUE(listed(client->host(), {.half_open = true}).empty());
  const stack::ListScope scope{.open = true, .half_open = true, .time_wait = true};
  const auto shown = listed(client->host(), scope);
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].state, tcp::State::kTimeWait);
  EXPECT_EQ(shown[0].remote, (Endpoint{server_address(), kPort}));
  EXPECT_GT(shown[0].ends_in_ms, 58'000U);
  EXPECT_LE(shown[0].ends_in_ms, 60'000U);
  simulation->advance(60s);
  EXPECT_TRUE(listed(client->host(), scope).empty());
  expect_everything_given_back();
}

TEST_P(HostTest, SpliceEchoesWithoutLosingAByteToBackPressure) {
  const auto of_fixed_buffers = [](std::uint64_t seed) {
    stack::HostConfig config = small_host(seed);
    config.defaults.send_buffer = config.defaults.receive_buffer = 262144;
    return config;
  };
  build(of_fixed_buffers(11), of_fixed_buffers(12));
  establish();
  there.reads = here.reads = false;
  here.to_send = pattern(1'500'000, 9);
  server->on_turn = [this] {
    while (server->host().next_event()) {
    }
    while (server->host().splice(there.id, there.id) > 0) {
    }
  };
  simulation->advance(5s);
  EXPECT_LT(here.sent, here.to_send.size());
  here.reads = true;
  ASSERT_TRUE(simulation->run_until([&] { return here.received.size() == here.to_send.size(); }, 120s))
      << here.received.size() << "\n"
      << simulation->trace();
  EXPECT_EQ(here.received, here.to_send);
  expect_everything_given_back();
}

// A worker that comes late must not be told that there is nothing to do.
TEST_P(HostTest, WhatIsOverdueHasADeadlineStill) {
  connect();  // the SYN is not answered: nobody listens yet, and nothing reaches the client
  client->host().on_burst({}, client->now() + 20s);
  const auto deadline = client->host().next_deadline();
  ASSERT_TRUE(deadline);
  EXPECT_LE(*deadline, client->host().now());
  expect_everything_given_back();
}

// The twin: one object kept on purpose must be seen.
TEST_P(HostTest, PoolCheckSeesALeak) {
  establish();
  Packet kept = client->packets().allocate();
  simulation->advance(100ms);
  EXPECT_FALSE(client->is_pool_full());
  bool some_in_use = false;
  for (const auto& level : client->host().pools().levels) some_in_use = some_in_use || level.in_use != 0;
  EXPECT_TRUE(some_in_use);
  kept.reset();
  expect_everything_given_back();
}

// What connections per second are counted in: the request on the handshake's last ACK, the answer with the server's
// FIN, the client's FIN on the acknowledgment of both.
TEST_P(HostTest, AWholeExchangeTakesSixPackets) {
  tcp::Settings settings;
  settings.close_with_peer = true;
  const std::uint16_t profile = client->host().add_profile(settings);
  listen();
  std::vector<std::string> packets;
  simulation->on_sent = [&](const Sighting& seen) {
    packets.push_back(seen.at.name() + " " + wire::describe_flags(seen.segment.flags) + " " +
                      std::to_string(seen.text.size()));
  };
  there.to_send.clear();
  server->on_turn = [&] {
    take_events(*server, there);
    if (there.received.size() == 60) server->host().send_last(there.id, pattern(200));
  };
  ASSERT_EQ(client->host().connect({.remote = {server_address(), kPort}, .profile = profile}, here.id),
            stack::CallError::kNone);
  EXPECT_EQ(client->host().send(here.id, pattern(60)), 60U);
  simulation->settle();
  ASSERT_TRUE(simulation->run_until([&] { return (here.seen & tcp::kClosed) != 0; }, 10s)) << simulation->trace();
  EXPECT_EQ(packets, (std::vector<std::string>{"client S 0", "server S. 0", "client P. 60", "server FP. 200",
                                               "client F. 0", "server . 0"}))
      << simulation->trace();
  EXPECT_EQ(here.received, pattern(200));
  EXPECT_EQ(server_state(), tcp::State::kTimeWait);
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::testing
