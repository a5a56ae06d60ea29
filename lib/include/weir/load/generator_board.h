// What the generator's cores count, each its own, and what they are told: the one place where they and the thread that
// watches them meet.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include <weir/base/count.h>
#include <weir/base/histogram.h>
#include <weir/load/generator_config.h>

namespace weir::load {

// Why a connection, or a request on a kept one, failed.
enum class Failure : std::uint8_t {
  kRefused,      // RST in answer to the SYN
  kReset,        // RST later
  kTimeout,      // not done within `timeout`, or TCP gave up
  kClosedEarly,  // the peer's end before the answer's, or on a kept connection
  kBadAnswer,    // not HTTP, or more bytes than the answer has
  kBadStatus,    // HTTP with another status than the one expected
  kUnreachable,  // ICMP
  kNoPort,       // every source port is in use or in TIME-WAIT
  kNoResources,  // connections, packets or memory of ours were used up
  kCount,
};
inline constexpr std::size_t kFailures = static_cast<std::size_t>(Failure::kCount);
const char* to_string(Failure failure);  // "refused", ...

// Of one core. `started`: connections; requests on kept ones are counted by `requests` and `answered`.
struct alignas(64) GeneratorCounts {
  Count started, opened, closed, requests, answered, bytes_in, bytes_out, syns;
  std::array<Count, kFailures> failed;
  Count open;    // now
  Count behind;  // now: starts that are due and could not be made yet
  Count full;    // turns in which starts that were due had to wait, because `open_max` were open
};

struct Latencies {
  Histogram handshake;   // from the intended start of a connection to the peer's SYN-ACK
  Histogram first_byte;  // from the intended start of a request, on a new connection from that one's, to the answer's
  Histogram total;       // ... to the answer's last byte; without a request: to the end of the connection
};

// Sums over all cores.
struct GeneratorTotals {
  std::uint64_t started = 0, opened = 0, closed = 0, requests = 0, answered = 0, bytes_in = 0, bytes_out = 0, syns = 0;
  std::array<std::uint64_t, kFailures> failed{};
  std::uint64_t open = 0, behind = 0, full = 0;

  std::uint64_t all_failed() const;
  // What was counted since `earlier`; gauges (open, behind) as they are.
  GeneratorTotals since(const GeneratorTotals& earlier) const;
};

// Made before the cores start. One thread gives orders, each core obeys within a turn; totals from any thread.
class GeneratorBoard {
 public:
  GeneratorBoard(GeneratorConfig config, unsigned workers);

  const GeneratorConfig& config() const { return config_; }
  unsigned workers() const { return workers_; }
  GeneratorCounts& counts(unsigned worker) { return counts_[worker]; }
  Latencies& latencies(unsigned worker) { return latencies_[worker]; }

  // Starts, or goes on with another rate (of the process; 0: as fast as possible), reached within `ramp_up`.
  void order(Instant begin, double rate, std::chrono::milliseconds ramp_up);
  struct Orders {
    std::uint32_t version = 0;  // 0: none yet
    Instant begin{};
    double rate = 0;  // of one core
    Duration ramp_up{};
  };
  // Cheap while `known` is the latest version.
  bool has_news(std::uint32_t known) const { return version_.load(std::memory_order_acquire) != known; }
  Orders orders() const;

  GeneratorTotals totals() const;
  void merge(Latencies& into) const;  // adds every core's

 private:
  GeneratorConfig config_;
  unsigned workers_;
  std::unique_ptr<GeneratorCounts[]> counts_;
  std::unique_ptr<Latencies[]> latencies_;
  std::atomic<std::uint32_t> version_{0};
  std::atomic<Instant> begin_{};
  std::atomic<double> rate_{0};
  std::atomic<std::chrono::milliseconds> ramp_up_{};
};

}  // namespace weir::load
