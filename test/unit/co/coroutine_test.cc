// Coroutines on two hosts on a simulated link. Each test ends with every frame and every connection given back.
#include <weir/co/co.h>

#include <gtest/gtest.h>

#include <memory>
#include <numeric>

#include "support/simulation.h"

namespace weir::testing {
namespace {

using co::Connection;
using co::Loop;
using co::Task;
using tcp::CloseReason;

constexpr std::uint16_t kPort = 7;

class Coroutines : public ::testing::TestWithParam<Family> {
 protected:
  Coroutines() {
    for (SimHost* host : {client, server}) loops[host == server] = make_loop(*host);
    EXPECT_EQ(there().listen({.address = server_address(), .port = kPort}, listener), stack::CallError::kNone);
  }
  ~Coroutines() override {
    loops[0].reset();
    loops[1].reset();
    simulation.advance(200s);
    for (SimHost* host : {client, server}) {
      EXPECT_TRUE(host->is_pool_full()) << host->name();
      EXPECT_EQ(host->host().pools().levels[0].in_use, 0U) << host->name();
    }
  }

  std::unique_ptr<Loop> make_loop(SimHost& host, const co::LoopConfig& config = {.frame_bytes = 2048}) {
    host.on_turn = [this, &host] {
      if (auto& loop = loops[&host == server]) loop->poll();
    };
    return std::make_unique<Loop>(host.host(), config);
  }
  IpAddress server_address() const {
    return IpAddress::parse(GetParam() == Family::kIpv4 ? "192.0.2.2" : "2001:db8::2").value();
  }
  stack::ConnectOptions to_server() const { return {.remote = {server_address(), kPort}}; }
  Loop& here() { return *loops[0]; }
  Loop& there() { return *loops[1]; }
  void expect_ended() {
    for (auto& loop : loops) {
      EXPECT_TRUE(loop->is_idle());
      EXPECT_EQ(loop->frames().available(), 2048U);
      EXPECT_EQ(loop->frames().refused(), 0U) << loop->frames().largest();
    }
  }

  Simulation simulation{5};
  SimHost* client = &simulation.add_host("client", {"192.0.2.1", "2001:db8::1"}, small_host(1));
  SimHost* server = &simulation.add_host("server", {"192.0.2.2", "2001:db8::2"}, small_host(2));
  std::unique_ptr<Loop> loops[2];
  stack::ListenerId listener = stack::kNoListener;
};

INSTANTIATE_TEST_SUITE_P(Families, Coroutines, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

Task<> echo(Connection connection) {
  while (Packet bytes = co_await connection.read()) {
    if (!co_await connection.write(std::move(bytes))) break;
  }
}

Task<> serve_echo(Loop& loop, stack::ListenerId listener) {
  while (Connection connection = co_await loop.accept(listener)) loop.start(echo(std::move(connection)));
}

// Writes all and says so, beside the coroutine that reads.
Task<> write_all(Connection& connection, std::span<const std::uint8_t> bytes, bool& done) {
  done = co_await connection.write(bytes);
  if (done) connection.id();
}

struct Outcome {
  std::vector<std::uint8_t> received{};
  CloseReason reason = CloseReason::kNone;
  stack::CallError error = stack::CallError::kNone;
  bool ended = false;
};

Task<> exchange(Loop& loop, stack::ConnectOptions options, std::span<const std::uint8_t> bytes, Outcome& outcome) {
  Connection connection = co_await loop.connect(options);
  bool has_written = false;
  loop.start(write_all(connection, bytes, has_written));
  std::uint8_t buffer[777];
  while (outcome.received.size() < bytes.size()) {
    const std::uint32_t n = co_await connection.read(buffer);
    if (n == 0) break;
    outcome.received.insert(outcome.received.end(), buffer, buffer + n);
  }
  EXPECT_TRUE(has_written);
  outcome.reason = co_await connection.shutdown();
  outcome.ended = true;
}

TEST_P(Coroutines, EchoMoreThanTheBuffersHold) {
  std::vector<std::uint8_t> bytes(1'000'000);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  Outcome outcome;
  there().start(serve_echo(there(), listener));
  here().start(exchange(here(), to_server(), bytes, outcome));
  simulation.settle();
  ASSERT_TRUE(simulation.run_until([&] { return outcome.ended; }, 100s));
  EXPECT_EQ(outcome.received, bytes);
  EXPECT_EQ(outcome.reason, CloseReason::kNormal);
  there().drain();
  simulation.advance(100ms);
  expect_ended();
}

TEST_P(Coroutines, EchoManyConnectionsAtATime) {
  const std::vector<std::uint8_t> bytes(3000, 'x');
  Outcome outcomes[20];
  there().start(serve_echo(there(), listener));
  for (Outcome& outcome : outcomes) here().start(exchange(here(), to_server(), bytes, outcome));
  simulation.settle();
  simulation.advance(10s);
  for (const Outcome& outcome : outcomes) EXPECT_EQ(outcome.received, bytes);
  there().drain();
  simulation.advance(100ms);
  expect_ended();
}

Task<> try_connect(Loop& loop, stack::ConnectOptions options, Outcome& outcome) {
  const Connection connection = co_await loop.connect(options);
  EXPECT_FALSE(connection);
  outcome.reason = connection.reason();
  outcome.error = connection.error();
  outcome.ended = true;
}

TEST_P(Coroutines, ConnectTellsRefusalAndWhatCannotBe) {
  Outcome refused, impossible;
  stack::ConnectOptions options = to_server();
  options.remote.port = 9;
  here().start(try_connect(here(), options, refused));
  options.remote.port = 0;
  here().start(try_connect(here(), options, impossible));
  simulation.settle();
  simulation.advance(1s);
  EXPECT_EQ(refused.reason, CloseReason::kRefused);
  EXPECT_EQ(impossible.error, stack::CallError::kBadAddress);
  expect_ended();
}

Task<> read_to_end(Loop& loop, stack::ListenerId listener, Outcome& outcome) {
  Connection connection = co_await loop.accept(listener);
  while (Packet bytes = co_await connection.read()) continue;
  outcome.reason = connection.reason();
  outcome.ended = true;
}

Task<> connect_and_abort(Loop& loop, stack::ConnectOptions options) {
  Connection connection = co_await loop.connect(options);
  co_await loop.sleep(100ms);  // who resets at once is gone before accept() finds it
  connection.abort();
}

TEST_P(Coroutines, AReadEndsWhenThePeerResetsAndReasonSaysSo) {
  Outcome outcome;
  there().start(read_to_end(there(), listener, outcome));
  here().start(connect_and_abort(here(), to_server()));
  simulation.settle();
  simulation.advance(1s);
  EXPECT_TRUE(outcome.ended);
  EXPECT_EQ(outcome.reason, CloseReason::kReset);
  expect_ended();
}

Task<> discard(Connection connection) {
  while (Packet bytes = co_await connection.read()) continue;
}

Task<> serve_discard(Loop& loop, stack::ListenerId listener) {
  while (Connection connection = co_await loop.accept(listener)) loop.start(discard(std::move(connection)));
}

Task<> send_and_shut_down(Loop& loop, stack::ConnectOptions options, Outcome& outcome) {
  Connection connection = co_await loop.connect(options);
  const std::vector<std::uint8_t> bytes(5000);
  EXPECT_TRUE(co_await connection.write(bytes));
  outcome.reason = co_await connection.shutdown();
  outcome.ended = true;
}

TEST_P(Coroutines, ShutdownWaitsForThePeersEnd) {
  Outcome outcome;
  there().start(serve_discard(there(), listener));
  here().start(send_and_shut_down(here(), to_server(), outcome));
  simulation.settle();
  simulation.advance(1s);
  EXPECT_TRUE(outcome.ended);
  EXPECT_EQ(outcome.reason, CloseReason::kNormal);
  there().drain();
  expect_ended();
}

Task<> read_of(Connection& connection, bool& ended) {
  EXPECT_FALSE(co_await connection.read());
  ended = true;
}

Task<> close_under_a_reader(Loop& loop, stack::ListenerId listener, bool& reader_ended, bool& ended) {
  Connection connection = co_await loop.accept(listener);
  loop.start(read_of(connection, reader_ended));
  EXPECT_TRUE(co_await loop.sleep(1s));
  EXPECT_FALSE(reader_ended);
  connection.close();
  EXPECT_TRUE(reader_ended);
  EXPECT_FALSE(co_await connection.write(std::span<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>("x"), 1)));
  ended = true;
}

Task<> connect_and_wait(Loop& loop, stack::ConnectOptions options) {
  Connection connection = co_await loop.connect(options);
  co_await connection.read();
}

TEST_P(Coroutines, CloseEndsWhatWaitsForTheConnection) {
  bool reader_ended = false, ended = false;
  there().start(close_under_a_reader(there(), listener, reader_ended, ended));
  here().start(connect_and_wait(here(), to_server()));
  simulation.settle();
  simulation.advance(3s);
  EXPECT_TRUE(ended);
  expect_ended();
}

// Loop's end with a reader, a connect, a sleeper and an acceptor under way: the fixture looks for what was left behind.
Task<> sleep_for_a_day(Loop& loop) {
  co_await loop.sleep(24h);
}

TEST_P(Coroutines, TheLoopsEndDestroysWhatWaitsAndResetsItsConnections) {
  Outcome outcome, never;
  there().start(read_to_end(there(), listener, outcome));
  here().start(connect_and_wait(here(), to_server()));
  simulation.settle();
  simulation.advance(1s);
  there().start(read_to_end(there(), listener, never));
  here().start(sleep_for_a_day(here()));
  here().start(connect_and_wait(here(), {.remote = {IpAddress::parse("192.0.2.99").value(), 1}}));
  EXPECT_FALSE(here().is_idle());
  loops[0].reset();
  simulation.settle();
  simulation.advance(1s);
  EXPECT_EQ(outcome.reason, CloseReason::kReset);
  EXPECT_FALSE(never.ended);
}

Task<> note_after(Loop& loop, Duration duration, std::vector<int>& order, int what) {
  EXPECT_TRUE(co_await loop.sleep(duration));
  order.push_back(what);
}

TEST_P(Coroutines, SleepersWakeInTheirOrder) {
  std::vector<int> order;
  here().start(note_after(here(), 3s, order, 3));
  here().start(note_after(here(), 1s, order, 1));
  here().start(note_after(here(), 2s, order, 2));
  simulation.settle();
  simulation.advance(1500ms);
  EXPECT_EQ(order, std::vector<int>{1});
  simulation.advance(2s);
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
  expect_ended();
}

Task<int> sum(Loop& loop, int n) {
  if (n == 0) co_return 0;
  co_await loop.sleep(1ms);
  co_return n + co_await sum(loop, n - 1);
}

Task<> ask_for_sum(Loop& loop, int& result) {
  result = co_await sum(loop, 10);
}

TEST_P(Coroutines, WaitForEachOther) {
  int result = 0;
  here().start(ask_for_sum(here(), result));
  simulation.settle();
  simulation.advance(1s);
  EXPECT_EQ(result, 55);
  expect_ended();
}

TEST_P(Coroutines, WithoutAFrameNothingStartsAndItsConnectionIsClosed) {
  loops[1].reset();
  server->host().stop_listening(listener);
  loops[1] = make_loop(*server, {.frames = 1, .frame_bytes = 2048});
  ASSERT_EQ(there().listen({.address = server_address(), .port = kPort}, listener), stack::CallError::kNone);
  ASSERT_TRUE(there().start(serve_echo(there(), listener)));
  Outcome outcome;
  here().start(exchange(here(), to_server(), {}, outcome));
  simulation.settle();
  simulation.advance(1s);
  EXPECT_EQ(there().frames().refused(), 1U);
  EXPECT_TRUE(outcome.ended);
  EXPECT_EQ(outcome.reason, CloseReason::kNormal);
}

TEST_P(Coroutines, ConnectionsBeyondTheirNumberAreReset) {
  loops[1].reset();
  server->host().stop_listening(listener);
  loops[1] = make_loop(*server, {.connections = 1, .frame_bytes = 2048});
  ASSERT_EQ(there().listen({.address = server_address(), .port = kPort}, listener), stack::CallError::kNone);
  there().start(serve_echo(there(), listener));
  here().start(connect_and_wait(here(), to_server()));
  here().start(connect_and_wait(here(), to_server()));
  simulation.settle();
  simulation.advance(1s);
  EXPECT_EQ(there().refused(), 1U);
  EXPECT_FALSE(here().is_idle());  // the first is open still
  EXPECT_EQ(server->host().connections_in(tcp::State::kEstablished), 1U);
}

}  // namespace
}  // namespace weir::testing
