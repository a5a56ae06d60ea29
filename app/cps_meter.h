// Looks at a running load generator: what was counted until now, and what happened between two such looks.
#pragma once

#include <weir/load/generator_board.h>
#include <weir/run/cps_result.h>
#include <weir/run/process.h>

namespace weir::app {

struct Look {
  Instant at{};
  load::GeneratorTotals totals;
  load::Distribution handshake, first_byte, total;
  std::vector<run::CpsWorker> workers;
  std::map<std::string, std::uint64_t> tcp;
  run::CpsDrops drops;
  std::uint64_t rx_bytes = 0, tx_bytes = 0, link_mbps = 0, time_wait = 0;
  std::uint64_t cpu_ticks = 0, steal_ticks = 0;  // of the machine
};

class Meter {
 public:
  Meter(run::Process& process, load::GeneratorBoard& board) : process_(process), board_(board) {}

  Look look() const;
  static run::CpsRun between(const Look& before, const Look& after);
  static run::CpsSecond second(const Look& before, const Look& after, Instant begin);

 private:
  void add_workers(Look& look) const;
  void add_ports(Look& look) const;
  void add_hosts(Look& look) const;

  run::Process& process_;
  load::GeneratorBoard& board_;
};

run::CpsMachine this_machine();

}  // namespace weir::app
