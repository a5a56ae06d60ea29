// Many connections between two hosts over a bad network, decided by one printed seed: WEIR_SEED, else 1.
// Invariants: streams identical, both ends closed, every pool full again.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "support/simulation.h"

namespace weir::testing {
namespace {

std::uint64_t base_seed() {
  static const std::uint64_t seed = [] {
    const char* text = std::getenv("WEIR_SEED");
    // The first 15 hexadecimal digits of a commit hash will do as well as a number.
    const std::uint64_t value =
        text == nullptr ? 1 : std::strtoull(std::string(text).substr(0, 15).c_str(), nullptr, 16);
    std::printf("simulation seed %llx (WEIR_SEED repeats it)\n", static_cast<unsigned long long>(value));
    return value;
  }();
  return seed;
}

// One end of a connection: sends a stream made from a seed, checks the one it receives against another.
class End {
 public:
  End(SimHost& at, stack::ConnectionId id, std::uint64_t out_seed, std::uint64_t in_seed, std::uint32_t bytes_out)
      : at_(at), id_(id), out_(out_seed), in_(in_seed), left_(bytes_out) {}

  void turn(Random& random) {
    if (released_ || !is_open()) return;
    write(random);
    read();
    if (at_.host().at_end(id_) && left_ == 0 && shut_) release();
  }
  void on_closed() {
    const auto info = at_.host().info(id_);
    reason_ = info ? info->reason : tcp::CloseReason::kNone;
  }

  std::uint64_t received() const { return received_; }
  bool is_done() const { return released_; }
  bool is_intact() const { return intact_; }
  tcp::CloseReason reason() const { return reason_; }
  stack::ConnectionId id() const { return id_; }

 private:
  // CLOSE in SYN-SENT would delete the connection (RFC 9293 §3.10.4).
  bool is_open() {
    const auto info = at_.host().info(id_);
    open_ = open_ || (info && info->state != tcp::State::kSynSent);
    return open_;
  }
  void write(Random& random) {
    while (left_ > 0) {
      std::array<std::uint8_t, 3000> bytes;
      const std::uint32_t wanted = std::min<std::uint32_t>(left_, 1 + random.below(3000));
      Random ahead = out_;  // what is not taken is made again next time
      for (std::uint32_t i = 0; i < wanted; ++i) bytes[i] = static_cast<std::uint8_t>(ahead.next());
      const std::uint32_t taken = at_.host().send(id_, std::span{bytes}.first(wanted));
      for (std::uint32_t i = 0; i < taken; ++i) out_.next();
      left_ -= taken;
      if (taken < wanted) return;
    }
    if (!shut_) {
      at_.host().shutdown(id_);
      shut_ = true;
    }
  }
  void read() {
    while (Packet packet = at_.host().receive(id_)) {
      for (const std::uint8_t byte : packet.data()) intact_ = intact_ && byte == static_cast<std::uint8_t>(in_.next());
      received_ += packet.length();
    }
  }
  void release() {
    on_closed();
    at_.host().close(id_);
    released_ = true;
  }

  SimHost& at_;
  stack::ConnectionId id_;
  Random out_, in_;
  std::uint32_t left_;
  std::uint64_t received_ = 0;
  bool open_ = false, shut_ = false, released_ = false, intact_ = true;
  tcp::CloseReason reason_ = tcp::CloseReason::kNone;
};

struct Weather {
  const char* name;
  LinkSettings link;
};

const Weather kWeather[] = {
    {"clear", {.delay = 5ms}},
    {"loss1", {.delay = 5ms, .loss_percent = 1}},
    {"loss5", {.delay = 10ms, .loss_percent = 5}},
    {"reordering", {.delay = 5ms, .reorder_percent = 20}},
    {"duplication", {.delay = 5ms, .duplicate_percent = 20}},
    {"corruption", {.delay = 5ms, .corrupt_percent = 3}},
    {"everything",
     {.delay = 20ms, .loss_percent = 3, .duplicate_percent = 5, .reorder_percent = 10, .corrupt_percent = 2}},
};

class SimulationTest : public ::testing::TestWithParam<std::tuple<int, int>> {
 protected:
  static constexpr unsigned kConnections = 12;
  static constexpr std::uint32_t kBytesMax = 120'000;

  void build(std::uint64_t seed, const Weather& weather) {
    simulation = std::make_unique<Simulation>(seed);
    simulation->link = weather.link;
    client = &simulation->add_host("client", {"192.0.2.1", "2001:db8::1"});
    server = &simulation->add_host("server", {"192.0.2.2", "2001:db8::2"});
    for (const char* address : {"192.0.2.2", "2001:db8::2"}) {
      stack::ListenerId listener;
      ASSERT_EQ(server->host().listen({.address = IpAddress::parse(address).value(), .port = 80}, listener),
                stack::CallError::kNone);
    }
    client->on_turn = [this] { turn(*client, client_ends); };
    server->on_turn = [this] { turn(*server, server_ends); };
  }

  void connect_all() {
    for (unsigned i = 0; i < kConnections; ++i) {
      const Endpoint to{IpAddress::parse(i % 2 == 0 ? "192.0.2.2" : "2001:db8::2").value(), 80};
      stack::ConnectionId id;
      ASSERT_EQ(client->host().connect({.remote = to, .user = i}, id), stack::CallError::kNone);
      const auto port = client->host().info(id)->local.port;
      client_ends.push_back(
          std::make_unique<End>(*client, id, port * 2UL, port * 2UL + 1, simulation->random().below(kBytesMax)));
    }
  }

  void turn(SimHost& host, std::vector<std::unique_ptr<End>>& ends) {
    while (const auto event = host.host().next_event()) {
      if (event->listener != stack::kNoListener)
        while (const auto id = host.host().accept(event->listener)) accepted(*id);
      if ((event->what & tcp::kClosed) == 0) continue;
      for (auto& end : ends)
        if (end->id() == event->connection) end->on_closed();
    }
    for (auto& end : ends) end->turn(simulation->random());
  }
  void accepted(stack::ConnectionId id) {
    const auto port = server->host().info(id)->remote.port;
    server_ends.push_back(
        std::make_unique<End>(*server, id, port * 2UL + 1, port * 2UL, simulation->random().below(kBytesMax)));
  }
  bool all_done() const {
    auto done = [](const auto& end) { return end->is_done(); };
    return server_ends.size() == kConnections && std::all_of(client_ends.begin(), client_ends.end(), done) &&
           std::all_of(server_ends.begin(), server_ends.end(), done);
  }

  std::unique_ptr<Simulation> simulation;
  SimHost* client = nullptr;
  SimHost* server = nullptr;
  std::vector<std::unique_ptr<End>> client_ends, server_ends;
};

TEST_P(SimulationTest, StreamsArriveIdenticalAndEverythingIsGivenBack) {
  const auto [weather_index, run] = GetParam();
  const Weather& weather = kWeather[weather_index];
  const std::uint64_t seed = base_seed() * 1000 + static_cast<std::uint64_t>(run);
  SCOPED_TRACE(std::string(weather.name) + ", seed " + std::to_string(seed));
  build(seed, weather);
  connect_all();
  ASSERT_TRUE(simulation->run_until([&] { return all_done(); }, 3600s)) << simulation->trace();
  for (const auto* ends : {&client_ends, &server_ends})
    for (const auto& end : *ends) EXPECT_TRUE(end->is_intact());
  simulation->advance(300s);
  for (SimHost* host : {client, server}) {
    EXPECT_TRUE(host->is_pool_full()) << host->name();
    for (const auto& level : host->host().pools().levels)
      EXPECT_EQ(level.in_use, 0U) << host->name() << " " << level.name;
  }
  // What was configured must really have happened.
  const LinkCounts& counts = simulation->counts();
  EXPECT_EQ(counts.lost > 0, weather.link.loss_percent > 0);
  EXPECT_EQ(counts.duplicated > 0, weather.link.duplicate_percent > 0);
  EXPECT_EQ(counts.reordered > 0, weather.link.reorder_percent > 0);
  EXPECT_EQ(counts.corrupted > 0, weather.link.corrupt_percent > 0);
}

INSTANTIATE_TEST_SUITE_P(Weather, SimulationTest, ::testing::Combine(::testing::Range(0, 7), ::testing::Range(0, 5)),
                         [](const auto& instance) {
                           return std::string(kWeather[std::get<0>(instance.param)].name) + "_" +
                                  std::to_string(std::get<1>(instance.param));
                         });

}  // namespace
}  // namespace weir::testing
