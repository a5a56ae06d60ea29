// Source ports for connections that Weir opens (RFC 6056 §3.3.4, algorithm 4: keyed start per destination, a counter
// for each group of destinations, then steps), such that answers come back to this core. O(1) expected, bounded
// attempts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <weir/base/random.h>
#include <weir/flow/flow_key.h>
#include <weir/flow/toeplitz.h>

namespace weir {

// How answers find their core. When the device's Toeplitz hash is known, a port is chosen whose answer lands on
// our queue. Otherwise ports are owned by arithmetic (port % workers == worker), every core can tell the owner of
// an answer from its destination port, and hands it over.
struct PortSteering {
  std::uint16_t worker = 0;
  std::uint16_t workers = 1;  // at least 1
  bool rss_predicted = false;
  std::array<std::uint8_t, 52> rss_key{};
  std::array<std::uint16_t, 512> indirection{};  // queue of each entry
  std::uint16_t indirection_size = 0;            // a power of two
};

// One thread only, but for owner_of().
class PortAllocator {
 public:
  static constexpr std::uint16_t kFirstPort = 1024;  // .. 65535
  static constexpr unsigned kAttemptsMax = 256;

  PortAllocator(const PortSteering& steering, SipKey secret, Random random);

  // A port for local -> remote that `is_free(port)` accepts and whose answers reach this worker; nothing after
  // kAttemptsMax tries (the caller counts that and tries another local address).
  template <typename IsFree>
  std::optional<std::uint16_t> allocate(const IpAddress& local, const Endpoint& remote, IsFree&& is_free) {
    Search search = start(local, remote);
    for (unsigned attempt = 0; attempt < kAttemptsMax; ++attempt) {
      const std::uint16_t port = port_at(search.offset + (*search.counter)++);
      if (lands_here(search, port) && is_free(port)) return port;
    }
    return std::nullopt;
  }

  // Which worker owns packets to this local port, when ports are owned by arithmetic.
  static std::uint16_t owner_of(std::uint16_t port, std::uint16_t workers) {
    return static_cast<std::uint16_t>(port % workers);
  }
  // Queue that the device's RSS will choose for an arriving packet remote -> local; only where that is predicted.
  std::uint16_t predicted_queue(const Endpoint& remote, const Endpoint& local) const;

 private:
  static constexpr std::uint32_t kCounters = 4096;  // RFC 6056 §3.3.4: TABLE_LENGTH

  struct Search {
    std::uint32_t offset = 0;
    std::uint32_t* counter = nullptr;
    std::uint32_t hash = 0;  // of the answer, but for its destination port
    Family family = Family::kIpv4;
  };
  Search start(const IpAddress& local, const Endpoint& remote);
  // The ports that may be ours, numbered on and on.
  std::uint16_t port_at(std::uint32_t number) const {
    return static_cast<std::uint16_t>(first_ + number % count_ * step_);
  }
  bool lands_here(const Search& search, std::uint16_t port) const {
    return !is_predicted_ || queue_for(search.hash ^ toeplitz_.of_port(search.family, port)) == worker_;
  }
  std::uint16_t queue_for(std::uint32_t hash) const { return indirection_[hash & indirection_mask_]; }

  bool is_predicted_;
  std::uint16_t worker_;
  std::uint16_t indirection_mask_;
  std::uint32_t first_;
  std::uint32_t step_;
  std::uint32_t count_;
  SipKey secret_;
  std::array<std::uint16_t, 512> indirection_;
  Toeplitz toeplitz_;
  std::array<std::uint32_t, kCounters> counters_;
};

}  // namespace weir
