#include "cps_meter.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include <rte_cycles.h>
#include <rte_version.h>
#include <sys/utsname.h>

namespace weir::app {
namespace {

std::uint64_t cycles(std::uint64_t nanoseconds) {
  return static_cast<std::uint64_t>(static_cast<double>(nanoseconds) * static_cast<double>(rte_get_tsc_hz()) / 1e9);
}

// The first line of /proc/stat: user nice system idle iowait irq softirq steal, in ticks of all CPUs.
void add_machine(Look& look) {
  std::ifstream file("/proc/stat");
  std::string name;
  file >> name;
  for (unsigned i = 0; i < 8; ++i) {
    std::uint64_t ticks = 0;
    if (!(file >> ticks)) return;
    look.cpu_ticks += ticks;
    if (i == 7) look.steal_ticks = ticks;
  }
}

template <typename Map>
Map difference(const Map& after, const Map& before) {
  Map result;
  for (const auto& [name, value] : after) {
    const auto found = before.find(name);
    const std::uint64_t since = value - (found == before.end() ? 0 : found->second);
    if (since != 0) result[name] = since;
  }
  return result;
}

run::CpsDrops difference(const run::CpsDrops& after, const run::CpsDrops& before) {
  return {.nic_missed = after.nic_missed - before.nic_missed,
          .nic_errors = after.nic_errors - before.nic_errors,
          .transmit = after.transmit - before.transmit,
          .pool = after.pool - before.pool,
          .worker_ring = after.worker_ring - before.worker_ring,
          .stack = difference(after.stack, before.stack)};
}

run::CpsWorker difference(const run::CpsWorker& after, const run::CpsWorker& before) {
  return {.lcore = after.lcore,
          .busy_cycles = after.busy_cycles - before.busy_cycles,
          .idle_cycles = after.idle_cycles - before.idle_cycles,
          .turns = after.turns - before.turns,
          .busy_turns = after.busy_turns - before.busy_turns,
          .closed = after.closed - before.closed,
          .answered = after.answered - before.answered,
          .syns = after.syns - before.syns};
}

std::string first_after(const char* file_name, std::string_view key) {
  std::ifstream file(file_name);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t colon = line.find(':');
    return colon == std::string::npos ? "" : line.substr(std::min(line.size(), colon + 2));
  }
  return "";
}

}  // namespace

Look Meter::look() const {
  Look look;
  look.at = process_.now();
  look.totals = board_.totals();
  for (unsigned worker = 0; worker < board_.workers(); ++worker) {
    look.handshake.add(board_.latencies(worker).handshake);
    look.first_byte.add(board_.latencies(worker).first_byte);
    look.total.add(board_.latencies(worker).total);
  }
  add_workers(look);
  add_ports(look);
  add_hosts(look);
  add_machine(look);
  return look;
}

void Meter::add_workers(Look& look) const {
  unsigned index = 0;
  for (const run::WorkerStatus& status : process_.workers()) {
    const load::GeneratorCounts& counts = board_.counts(index++);
    look.workers.push_back({.lcore = status.lcore,
                            .busy_cycles = cycles(status.busy_ns),
                            .idle_cycles = cycles(status.idle_ns),
                            .turns = status.turns,
                            .busy_turns = status.busy_turns,
                            .closed = counts.closed.value(),
                            .answered = counts.answered.value(),
                            .syns = counts.syns.value()});
    look.drops.worker_ring += status.hand_over_full;
  }
}

void Meter::add_ports(Look& look) const {
  for (const run::PortStatus& port : process_.ports()) {
    look.drops.nic_missed += port.rx_missed;
    look.drops.nic_errors += port.rx_errors - port.rx_no_packets + port.tx_errors - port.tx_dropped;
    look.drops.transmit += port.tx_dropped;
    look.drops.pool += port.rx_no_packets;
    look.rx_bytes += port.rx_bytes;
    look.tx_bytes += port.tx_bytes;
    look.link_mbps += port.link_mbps;
  }
}

void Meter::add_hosts(Look& look) const {
  const auto add_drops = [&](const stack::DropCounters& drops) {
    for (unsigned i = 0; i < stack::kDropReasons; ++i) {
      const auto reason = static_cast<stack::DropReason>(i);
      if (drops[reason] != 0) look.drops.stack[to_string(reason)] += drops[reason];
    }
  };
  for (const stack::Host* host : process_.hosts()) {
    for (unsigned i = 0; i < tcp::kCounters; ++i) {
      const auto counter = static_cast<tcp::Counter>(i);
      look.tcp[to_string(counter)] += host->counters()[counter];
    }
    look.drops.pool += host->counters()[tcp::Counter::kNoPackets];
    look.time_wait += host->connections_in(tcp::State::kTimeWait);
    add_drops(host->drops());
  }
  for (const stack::DropCounters* drops : process_.link_drops()) add_drops(*drops);
}

run::CpsRun Meter::between(const Look& before, const Look& after) {
  run::CpsRun run;
  run.seconds = std::chrono::duration<double>(after.at - before.at).count();
  run.totals = after.totals.since(before.totals);
  run.handshake = after.handshake.since(before.handshake);
  run.first_byte = after.first_byte.since(before.first_byte);
  run.total = after.total.since(before.total);
  run.tcp = difference(after.tcp, before.tcp);
  for (std::size_t i = 0; i < after.workers.size(); ++i)
    run.workers.push_back(difference(after.workers[i], before.workers[i]));
  run.drops = difference(after.drops, before.drops);
  run.rx_bytes = after.rx_bytes - before.rx_bytes;
  run.tx_bytes = after.tx_bytes - before.tx_bytes;
  run.link_mbps = after.link_mbps;
  run.time_wait = after.time_wait;
  const auto ticks = static_cast<double>(after.cpu_ticks - before.cpu_ticks);
  run.steal = ticks <= 0 ? 0 : static_cast<double>(after.steal_ticks - before.steal_ticks) / ticks;
  return run;
}

run::CpsSecond Meter::second(const Look& before, const Look& after, Instant begin) {
  const run::CpsRun all = between(before, after);
  run::CpsSecond second;
  second.at_s = std::chrono::duration<double>(after.at - begin).count();
  second.length_s = all.seconds;
  second.counted = all.totals;
  second.p50 = all.total.percentile(50);
  second.p99 = all.total.percentile(99);
  for (const run::CpsWorker& worker : all.workers)
    second.busiest_worker = std::max(second.busiest_worker, worker.busy_share());
  return second;
}

run::CpsMachine this_machine() {
  utsname names{};
  uname(&names);
  return {.cpu = first_after("/proc/cpuinfo", "model name"),
          .kernel = names.release,
          .dpdk = rte_version(),
          .hostname = names.nodename,
          .cores = std::thread::hardware_concurrency(),
          .tsc_hz = static_cast<double>(rte_get_tsc_hz())};
}

}  // namespace weir::app
