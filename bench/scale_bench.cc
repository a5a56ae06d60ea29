// What a connection costs beside many others: one line of JSON for each figure, for bench/scale to make sense of.
//   weir-bench-scale --open 1000,1000000 --time-wait 10000,50000000 --rounds 9 --connections 50000 [--ipv6]
// First what hosts of these sizes take of memory, then in turn, round by round, what a connection costs each of them.
#include <rte_cycles.h>
#include <rte_eal.h>
#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "scale_scene.h"

namespace weir::bench {
namespace {

using Json = nlohmann::ordered_json;

// Beside open connections: nothing to speak of.
constexpr std::uint32_t kFewTimeWaits = 2000;

struct Options {
  std::vector<std::uint32_t> open, time_wait;
  std::uint32_t rounds = 9;
  std::uint32_t connections = 50'000;  // of each size in each round
  Family family = Family::kIpv4;
};

std::vector<std::uint32_t> numbers(std::string_view text) {
  std::vector<std::uint32_t> found;
  for (const char *at = text.data(), *end = at + text.size(); at < end; ++at) {
    const auto [next, error] = std::from_chars(at, end, found.emplace_back());
    if (error != std::errc{} || (next != end && *next != ','))
      throw std::runtime_error("not numbers: " + std::string{text});
    at = next;
  }
  return found;
}

Options options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--ipv6") {
      options.family = Family::kIpv6;
      continue;
    }
    ++i;
    if (name == "--open") {
      options.open = numbers(value);
    } else if (name == "--time-wait") {
      options.time_wait = numbers(value);
    } else if (name == "--rounds") {
      options.rounds = numbers(value).at(0);
    } else if (name == "--connections") {
      options.connections = numbers(value).at(0);
    } else {
      throw std::runtime_error("unknown option " + std::string{name});
    }
  }
  return options;
}

void start_eal() {
  const std::string here = "--lcores=0@" + std::to_string(sched_getcpu());
  const char* words[] = {"scale", "--no-huge", "--no-pci",   "--no-shconf",      "--no-telemetry",
                         "-m",    "128",       here.c_str(), "--log-level=error"};
  if (rte_eal_init(static_cast<int>(std::size(words)), const_cast<char**>(words)) < 0)
    throw std::runtime_error("EAL does not start");
}

struct Memory {
  std::uint64_t all = 0, huge = 0;
};

// Bytes this process holds: anonymous, memfd, huge pages.
Memory memory() {
  std::ifstream file{"/proc/self/smaps_rollup"};
  Memory memory;
  std::string name, rest;
  std::getline(file, rest);
  for (std::uint64_t kib = 0; file >> name >> kib; std::getline(file, rest)) {
    if (name == "Rss:") memory.all += kib << 10;
    if (name == "ShmemPmdMapped:" || name == "AnonHugePages:" || name == "FilePmdMapped:") memory.huge += kib << 10;
    if (name == "Shared_Hugetlb:" || name == "Private_Hugetlb:") memory.all += kib << 10, memory.huge += kib << 10;
  }
  return memory;
}

// So that no packet's memory is taken for the first time while that of a host is measured.
void touch(PacketPool& packets) {
  std::vector<Packet> all;
  for (Packet packet = packets.allocate(); packet; packet = packets.allocate()) {
    std::memset(packet.append(1024), 0, 1024);
    all.push_back(std::move(packet));
  }
}

struct Case {
  const char* what;
  std::uint32_t size;
  std::unique_ptr<Scene> scene;
  void (Scene::*work)();
};

void print(const Json& figure) {
  std::cout << figure.dump() << std::endl;
}

std::unique_ptr<Scene> build(const char* what, std::uint32_t size, const SceneConfig& config, PacketPool& packets) {
  const Memory before = memory();
  auto scene = std::make_unique<Scene>(config, packets);
  // The clients' own share, which no server pays.
  const std::uint64_t clients = std::uint64_t{config.open} * sizeof(Client);
  scene->fill();
  const Memory after = memory();
  print({{"what", what},
         {"size", size},
         {"bytes", after.all - before.all - clients},
         {"huge_bytes", after.huge - before.huge},
         {"open", scene->open()},
         {"time_wait", scene->time_waits()},
         {"forecast", stack::forecast(Scene::configuration(config)).total()}});
  return scene;
}

// Cycles per connection: the mean of all bursts but the slowest twentieth, in which the scheduler gave the core away.
double cost(Scene& scene, void (Scene::*work)(), std::uint32_t connections) {
  std::vector<std::uint64_t> bursts(std::max(20U, connections / Scene::kLanes));
  for (std::uint64_t& burst : bursts) {
    const std::uint64_t before = scene.cycles();
    (scene.*work)();
    burst = scene.cycles() - before;
  }
  std::sort(bursts.begin(), bursts.end());
  const std::size_t kept = bursts.size() - bursts.size() / 20;
  double sum = 0;
  for (std::size_t i = 0; i < kept; ++i) sum += static_cast<double>(bursts[i]);
  return sum / static_cast<double>(kept) / Scene::kLanes;
}

void measure(Case& measured, std::uint32_t round, std::uint32_t connections) {
  Scene& scene = *measured.scene;
  const std::uint64_t in = scene.packets_in(), out = scene.packets_out();
  const double cycles = cost(scene, measured.work, connections);
  const auto count = static_cast<double>(std::max(20U, connections / Scene::kLanes) * Scene::kLanes);
  print({{"what", measured.what},
         {"size", measured.size},
         {"round", round},
         {"cycles", cycles},
         {"ns", cycles * 1e9 / static_cast<double>(rte_get_tsc_hz())},
         {"packets_in", static_cast<double>(scene.packets_in() - in) / count},
         {"packets_out", static_cast<double>(scene.packets_out() - out) / count},
         {"open", scene.open()},
         {"time_wait", scene.time_waits()}});
}

void run(const Options& options) {
  PacketPool packets("scale", 8191);
  touch(packets);
  std::vector<Case> beside, among, waiting;
  for (const std::uint32_t size : options.open) {
    const SceneConfig config{.family = options.family, .open = size, .time_wait = kFewTimeWaits};
    beside.push_back({"beside", size, build("open", size, config, packets), &Scene::pass});
  }
  const auto each_round = [&](std::vector<Case>& cases) {
    for (std::uint32_t round = 0; round < options.rounds; ++round) {
      for (std::size_t i = 0; i < cases.size(); ++i)
        measure(cases[round % 2 == 0 ? i : cases.size() - 1 - i], round, options.connections);
    }
  };
  each_round(beside);
  for (Case& one : beside) among.push_back({"among", one.size, std::move(one.scene), &Scene::replace});
  each_round(among);
  among.clear();
  for (const std::uint32_t size : options.time_wait) {
    const SceneConfig config{.family = options.family, .open = 0, .time_wait = size};
    waiting.push_back({"time_wait", size, build("time_wait_memory", size, config, packets), &Scene::pass});
  }
  each_round(waiting);
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) try {
  weir::bench::Options options = weir::bench::options(argc, argv);
  weir::bench::start_eal();
  weir::bench::run(options);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "weir-bench-scale: " << error.what() << "\n";
  return 1;
}
