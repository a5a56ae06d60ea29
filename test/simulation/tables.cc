#include "tables.h"

#include <cstdio>
#include <numeric>

#include "support/simulation.h"

namespace weir::testing {
namespace {

constexpr std::uint64_t kRateBits = 20'000'000;
constexpr Duration kFor = 10s;
constexpr const char* kSenders[] = {"192.0.2.11", "192.0.2.12", "192.0.2.13", "192.0.2.14",
                                    "192.0.2.15", "192.0.2.16", "192.0.2.17", "192.0.2.18"};
enum class Algorithm : std::uint8_t { kNewReno, kCubic };

struct Scene {
  Algorithm algorithm = Algorithm::kCubic;
  unsigned flows = 1;
  double loss_percent = 0;
  Duration round_trip = 20ms;
  std::uint64_t seed = 1;
};

template <typename Settings>
void choose(Settings& tcp, Algorithm algorithm) {
  if constexpr (requires { tcp.congestion_control; }) {
    using Control = decltype(tcp.congestion_control);
    tcp.congestion_control = algorithm == Algorithm::kCubic ? Control::kCubic : Control::kNewReno;
  }
}

stack::HostConfig config_for(const Scene& scene, std::uint64_t seed) {
  stack::HostConfig config = small_host(seed);
  config.connections = 64;
  config.defaults.send_buffer = config.defaults.receive_buffer = 4 << 20;
  choose(config.defaults, scene.algorithm);
  return config;
}

// Writes as fast as it is allowed to.
class Source {
 public:
  Source(SimHost& at, const Endpoint& to) : at_(at) {
    if (at.host().connect({.remote = to}, id_) != stack::CallError::kNone) std::abort();
    at.on_turn = [this] { turn(); };
  }

 private:
  void turn() {
    bool may_send = false;
    while (const auto event = at_.host().next_event())
      may_send = may_send || (event->what & (tcp::kOpened | tcp::kWritable)) != 0;
    static constexpr std::array<std::uint8_t, 65536> kBytes{};
    while (may_send && at_.host().send(id_, kBytes) == kBytes.size()) {
    }
  }
  SimHost& at_;
  stack::ConnectionId id_;
};

// Reads at once, and counts by connection.
class Sink {
 public:
  Sink(SimHost& at, const Endpoint& own) : at_(at) {
    stack::ListenerId listener;
    if (at.host().listen({.address = own.address, .port = own.port}, listener) != stack::CallError::kNone) std::abort();
    at.on_turn = [this] { turn(); };
  }
  const std::vector<double>& bytes() const { return bytes_; }

 private:
  void turn() {
    while (const auto event = at_.host().next_event())
      if (event->listener != stack::kNoListener)
        while (const auto id = at_.host().accept(event->listener)) ids_.push_back(*id), bytes_.push_back(0);
    for (std::size_t i = 0; i < ids_.size(); ++i)
      while (const Packet packet = at_.host().receive(ids_[i])) bytes_[i] += packet.length();
  }
  SimHost& at_;
  std::vector<stack::ConnectionId> ids_;
  std::vector<double> bytes_;
};

// The bottleneck holds one bandwidth-delay product, 30 packets at least.
LinkSettings bottleneck(const Scene& scene) {
  const auto product = kRateBits / 8 * static_cast<std::uint64_t>(scene.round_trip / 1us) / 1'000'000;
  return {.delay = scene.round_trip / 2,
          .loss_percent = scene.loss_percent,
          .rate_bits = kRateBits,
          .queue_bytes = static_cast<std::uint32_t>(std::max<std::uint64_t>(product, 45'000))};
}

// Megabits a second, of each flow.
std::vector<double> run(const Scene& scene) {
  Simulation simulation(scene.seed);
  const Endpoint server{IpAddress::parse("192.0.2.1").value(), 80};
  SimHost& receiver = simulation.add_host("receiver", {"192.0.2.1"}, config_for(scene, 1));
  simulation.link.delay = scene.round_trip / 2;
  simulation.links["receiver"] = bottleneck(scene);
  Sink sink(receiver, server);
  std::vector<std::unique_ptr<Source>> sources;
  for (unsigned i = 0; i < scene.flows; ++i) {
    const std::string name = "sender" + std::to_string(i);
    SimHost& sender = simulation.add_host(name, {kSenders[i]}, config_for(scene, 2 + i));
    sources.push_back(std::make_unique<Source>(sender, server));
    simulation.advance(scene.flows > 1 ? 50ms : 0ms);  // not all at one instant
  }
  simulation.advance(kFor);
  std::vector<double> rates = sink.bytes();
  for (double& rate : rates) rate *= 8 / 1e6 / std::chrono::duration<double>(kFor).count();
  rates.resize(scene.flows);
  return rates;
}

double sum(const std::vector<double>& rates) {
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

// Jain, Chiu, Hawe 1984.
double fairness(const std::vector<double>& rates) {
  double squares = 0;
  for (const double rate : rates) squares += rate * rate;
  return sum(rates) * sum(rates) / (static_cast<double>(rates.size()) * squares);
}

template <typename... Values>
std::string line(const char* format, Values... values) {
  char text[128];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

// Chance weighs much in one run under loss: the mean of three.
double goodput(Scene scene) {
  double total = 0;
  for (scene.seed = 1; scene.seed <= 3; ++scene.seed) total += sum(run(scene));
  return total / 3;
}

}  // namespace

std::string goodput_table() {
  std::string table =
      "# Mbit/s of payload over 20 Mbit/s, mean of three seeds, 10 s each\n# loss %  rtt ms  newreno    cubic\n";
  for (const double loss : {0.0, 0.1, 1.0, 3.0, 5.0})
    for (const int rtt : {1, 20, 100}) {
      Scene scene{.loss_percent = loss, .round_trip = std::chrono::milliseconds{rtt}};
      scene.algorithm = Algorithm::kNewReno;
      const double newreno = goodput(scene);
      scene.algorithm = Algorithm::kCubic;
      table += line("%8.1f %7d %8.2f %8.2f\n", loss, rtt, newreno, goodput(scene));
    }
  return table;
}

std::string fairness_table() {
  std::string table =
      "# flows over 20 Mbit/s and 20 ms, 10 s: sum in Mbit/s and Jain's index\n# flows   newreno  index    cubic  "
      "index\n";
  for (unsigned flows = 2; flows <= 8; ++flows) {
    const auto newreno = run({.algorithm = Algorithm::kNewReno, .flows = flows});
    const auto cubic = run({.algorithm = Algorithm::kCubic, .flows = flows});
    table += line("%7u %9.2f  %.3f %8.2f  %.3f\n", flows, sum(newreno), fairness(newreno), sum(cubic), fairness(cubic));
  }
  return table;
}

}  // namespace weir::testing
