// What servers count, each core its own; and the sums of it, for `weir ctl`, metrics and tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <weir/base/count.h>
#include <weir/load/serve_config.h>

namespace weir::load {

struct ServerStatus {
  std::string name;
  ServerKind kind = ServerKind::kHttp;
  std::vector<Endpoint> listen;
  std::uint64_t open = 0, total = 0;  // connections now, and accepted since start
  std::uint64_t requests = 0;         // http: answered or being answered
  std::uint64_t bad_requests = 0;     // http: among them, answered with 4xx or 5xx
  std::uint64_t bytes_in = 0, bytes_out = 0;
  std::uint64_t resets = 0;         // ended by a reset or a timeout of the client
  std::uint64_t idle_timeouts = 0;  // reset by us
  std::uint64_t no_resources = 0;   // reset because `sessions` were used up
};

// Of one server, by one core.
struct alignas(64) ServerCounts {
  Count open, total, requests, bad_requests, bytes_in, bytes_out, resets, idle_timeouts, no_resources;
};

// Made before the cores start; snapshot() from any thread.
class Board {
 public:
  Board(ServeConfig config, unsigned workers);

  const ServeConfig& config() const { return config_; }
  ServerCounts& counts(unsigned worker, std::size_t server) {
    return counts_[worker * config_.servers.size() + server];
  }
  std::vector<ServerStatus> snapshot() const;

 private:
  ServeConfig config_;
  unsigned workers_;
  std::unique_ptr<ServerCounts[]> counts_;  // by worker, then server
};

}  // namespace weir::load
