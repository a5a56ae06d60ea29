// What a run of `weir cps` found. Plain values; docs/cps.md describes the JSON that it is written as.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <weir/load/distribution.h>
#include <weir/load/generator_board.h>
#include <weir/run/config.h>

namespace weir::run {

// One second of a run, the warm-up's among them.
struct CpsSecond {
  double at_s = 0;      // its end, since the first start
  double length_s = 0;  // about 1
  bool is_measured = false;
  load::GeneratorTotals counted;  // in it; open and behind at its end
  Duration p50{}, p99{};          // of the total latency of what was answered in it
  double busiest_worker = 0;      // share of time, 0..1
};

struct CpsWorker {
  unsigned lcore = 0;
  std::uint64_t busy_cycles = 0, idle_cycles = 0;  // TSC: turns that found something to do, and the others
  std::uint64_t turns = 0, busy_turns = 0;
  std::uint64_t closed = 0, answered = 0, syns = 0;
  double busy_share() const;
  // Of what the mode counts: connections, requests or SYNs.
  double cycles_each(load::GeneratorMode mode) const;
};

// Packets lost on this side, by place.
struct CpsDrops {
  std::uint64_t nic_missed = 0;  // arrived, no descriptor
  std::uint64_t nic_errors = 0;
  std::uint64_t transmit = 0;                  // the transmit ring stayed full
  std::uint64_t pool = 0;                      // no packet was free
  std::uint64_t worker_ring = 0;               // between workers
  std::map<std::string, std::uint64_t> stack;  // stack/drop_reason.h, those that occurred
  std::uint64_t all() const { return nic_missed + nic_errors + transmit + pool + worker_ring; }
};

enum class Limit : std::uint8_t {
  kNone,  // the asked rate was kept
  kOwnCpu,
  kPorts,
  kMemory,   // connections or packets of this side
  kOpenMax,  // all that may be open at once were waiting for the other side
  kLink,
  kOtherSide,  // it failed, or was slow
};
const char* to_string(Limit limit);  // "none", "own_cpu", ...

// A measured interval, and what came before it.
struct CpsRun {
  double seconds = 0;
  double rate_asked = 0;  // 0: as fast as possible
  load::GeneratorTotals totals;
  load::Distribution handshake, first_byte, total;
  std::map<std::string, std::uint64_t> tcp;  // counters of this side's TCP, those that counted
  std::vector<CpsSecond> series;
  std::vector<CpsWorker> workers;
  CpsDrops drops;
  std::uint64_t rx_bytes = 0, tx_bytes = 0;  // on the wire
  std::uint64_t link_mbps = 0;               // of all ports; 0: not known
  std::uint64_t time_wait = 0;               // entries of this side at the end
  double steal = 0;                          // share of this machine's CPU time that others took, 0..1
  bool is_cut_short = false;                 // by a signal
  std::vector<std::string> marks;            // "cut_short", "too_brief", ...: see docs/cps.md
  Limit limit = Limit::kNone;
  std::string limit_text;

  // What the mode counts, a second: connections closed, requests answered, SYNs sent.
  double rate(load::GeneratorMode mode) const;
  double best_second(load::GeneratorMode mode) const;
  double throughput_bps() const;  // bytes of both directions, above TCP
  double errors() const;          // failed / (failed + succeeded), 0..1
  double packets_per_connection() const;
  std::uint64_t counter(const std::string& name) const;
};

struct CpsStep {  // of --find-max
  double rate = 0;
  double reached = 0;
  double errors = 0;
  Duration p99{};
  bool is_good = false;
};

struct CpsMachine {
  std::string cpu, kernel, dpdk, hostname;
  unsigned cores = 0;
  double tsc_hz = 0;
};

struct CpsResult {
  std::string started_at;  // UTC, ISO 8601
  std::string config_file;
  CpsConfig config;
  CpsMachine machine;
  std::vector<CpsRun> runs;  // one, or as many as --repeat said
  std::vector<CpsStep> steps;
  std::optional<double> max_rate;  // of --find-max
};

// What a mode's rate counts: "connections", "requests", "SYNs".
const char* unit_of(load::GeneratorMode mode);

// Mean and 95 % confidence interval (Student's t) of the runs' rates; of one run, itself.
struct Interval {
  double mean = 0, low = 0, high = 0;
};
Interval confidence_interval(const std::vector<double>& values);

// Fills marks, limit and limit_text from the figures.
void judge_conditions(CpsRun& run, const CpsConfig& config);

struct Outcome {  // of a condition: run/cps_expect.h
  std::string text;
  double value = 0;
  bool is_met = false;
};
std::string to_json(const CpsResult& result, const std::vector<Outcome>& outcomes);
std::string to_csv(const CpsResult& result);  // the series, a line a second

}  // namespace weir::run
