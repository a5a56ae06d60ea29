#include "ground.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "poisoned_pool.h"
#include "support/start_eal.h"

namespace weir::fuzz {
namespace {

constexpr unsigned kHosts = 2;
constexpr std::uint32_t kPackets = 400;

struct Pools {
  Pools() {
    testing::start_eal(64);
    use_poisoned_pools();
    for (unsigned i = 0; i < kHosts; ++i) {
      pools[i] = std::make_unique<PacketPool>(("fuzz-" + std::to_string(i)).c_str(), kPackets, 0);
      poison_free_packets(pools[i]->get());
    }
  }
  std::array<std::unique_ptr<PacketPool>, kHosts> pools;
};

}  // namespace

PacketPool& packets_of(unsigned host) {
  static Pools* const pools = new Pools;  // outlives whatever runs at exit
  return *pools->pools[host];
}

std::uint32_t send(stack::Host& host, stack::ConnectionId id, std::span<const std::uint8_t> bytes, Sending how) {
  const std::uint32_t taken = how == Sending::kUrgent ? host.send_urgent(id, bytes)
                              : how == Sending::kLast ? host.send_last(id, bytes)
                                                      : host.send(id, bytes);
  expect(taken <= bytes.size(), "took more than was offered");
  return taken;
}

void fault(const std::string& what) {
  std::fprintf(stderr, "FAULT: %s\n", what.c_str());
  std::abort();
}

bool is_tracing() {
  static const bool is_on = std::getenv("WEIR_FUZZ_TRACE") != nullptr;
  return is_on;
}

void trace(const std::string& what) {
  if (is_tracing()) std::fprintf(stderr, "%s\n", what.c_str());
}

void expect_all_given_back(const stack::Host& host, const PacketPool& packets, const std::string& name) {
  const auto is_gone = [&](std::uint64_t left, const char* what) {
    if (left != 0) fault(name + ": " + std::to_string(left) + " " + what + " left");
  };
  is_gone(packets.capacity() - packets.available(), "packets");
  for (const auto& level : host.pools().levels) is_gone(level.in_use, level.name);
  for (unsigned i = 0; i < tcp::kStates; ++i) {
    const auto state = static_cast<tcp::State>(i);
    is_gone(host.connections_in(state), to_string(state));
  }
  is_gone(host.next_deadline() ? 1 : 0, "timer");
}

}  // namespace weir::fuzz
