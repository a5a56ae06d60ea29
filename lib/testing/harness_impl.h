// What weir_harness holds. Its calls lie in harness.cc (life, time), packets.cc, calls.cc and look.cc.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <weir/stack/host.h>

#include "settings.h"

namespace weir::testing {

struct SentPacket {
  std::vector<std::uint8_t> bytes;
  std::uint64_t at_ns = 0;
};

// Settings that a connection was opened with: kept, so that the same again take no further slot of the host.
struct Profile {
  std::string values;
  std::uint16_t id = 0;
};

inline constexpr std::size_t kSentMax = 65536;
inline constexpr std::uint32_t kListenersAndProfiles = 1024;

}  // namespace weir::testing

struct weir_harness {
  weir_harness(const weir_settings& settings, const char* pool_name);
  ~weir_harness();
  weir_harness(const weir_harness&) = delete;
  weir_harness& operator=(const weir_harness&) = delete;

  weir::tcp::Settings settings;
  weir::PacketPool packets;
  weir::Outbox outbox;
  weir::Instant now{};
  std::unique_ptr<weir::stack::Host> host;
  std::deque<weir::testing::SentPacket> sent;
  std::uint64_t discarded = 0;
  std::vector<weir::testing::Profile> profiles;
  std::array<rte_mbuf*, WEIR_BURST_MAX + 1> burst{};
  std::size_t burst_count = 0;

  void collect(std::span<rte_mbuf*> batch);
};

namespace weir::testing {

inline std::uint64_t ns_of(Instant instant) {
  return static_cast<std::uint64_t>(instant.time_since_epoch().count());
}
int error_of(stack::CallError error);

inline weir_connection name_of(stack::ConnectionId id) {
  return (std::uint64_t{id.generation} << 32 | id.index) + 1;
}
inline stack::ConnectionId id_of(weir_connection name) {
  if (name == 0) return {};
  return {static_cast<std::uint32_t>(name - 1), static_cast<std::uint16_t>((name - 1) >> 32)};
}

}  // namespace weir::testing
