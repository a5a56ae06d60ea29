#include "cps_show.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "table.h"

namespace weir::app {
namespace {

using load::GeneratorMode;

constexpr double kBusy = 0.95;
constexpr std::size_t kBarWidth = 20;

std::uint64_t counted(const load::GeneratorTotals& totals, GeneratorMode mode) {
  if (mode == GeneratorMode::kConnections) return totals.closed;
  return mode == GeneratorMode::kFlood ? totals.syns : totals.answered;
}

std::string saturated(const run::CpsSecond& second, const load::GeneratorConfig& load) {
  const auto failed = [&](load::Failure failure) { return second.counted.failed[static_cast<std::size_t>(failure)]; };
  std::string what;
  const auto add = [&](const char* name) { what += fmt::format("{}{}", what.empty() ? "" : ", ", name); };
  if (second.busiest_worker >= kBusy) add("own CPU");
  if (failed(load::Failure::kNoPort) > 0) add("source ports");
  if (failed(load::Failure::kNoResources) > 0) add("memory");
  if (load.rate > 0 && load.mode == GeneratorMode::kConnections && second.counted.open >= load.open_max)
    add("open_max");
  return what.empty() ? "" : "  saturated: " + what;
}

std::string bar(double done) {
  const auto full = static_cast<std::size_t>(std::clamp(done, 0.0, 1.0) * kBarWidth);
  return "[" + std::string(full, '#') + std::string(kBarWidth - full, '.') + "]";
}

std::string throughput(double bits) {
  return bits >= 1e9 ? fmt::format("{:.2f} Gbit/s", bits / 1e9) : fmt::format("{:.1f} Mbit/s", bits / 1e6);
}

std::string figures(const run::CpsRun& run, GeneratorMode mode) {
  std::string text = fmt::format("  {}/s over {:.1f} s, best second {}/s, {} above TCP\n", grouped(run.rate(mode)),
                                 run.seconds, grouped(run.best_second(mode)), throughput(run.throughput_bps()));
  Table counts({"connections", "count"});
  counts.add({"started", grouped(static_cast<double>(run.totals.started))});
  counts.add({"opened", grouped(static_cast<double>(run.totals.opened))});
  counts.add({"closed", grouped(static_cast<double>(run.totals.closed))});
  if (run.totals.requests > 0) {
    counts.add({"requests", grouped(static_cast<double>(run.totals.requests))});
    counts.add({"answered", grouped(static_cast<double>(run.totals.answered))});
  }
  if (run.totals.syns > 0) counts.add({"SYNs", grouped(static_cast<double>(run.totals.syns))});
  counts.add({"failed", grouped(static_cast<double>(run.totals.all_failed()))});
  for (std::size_t i = 0; i < load::kFailures; ++i) {
    if (run.totals.failed[i] == 0) continue;
    counts.add({fmt::format("failed: {}", to_string(static_cast<load::Failure>(i))),
                grouped(static_cast<double>(run.totals.failed[i]))});
  }
  text += counts.to_string();
  if (run.totals.closed > 0) text += fmt::format("  packets per connection {:.2f}, ", run.packets_per_connection());
  return text + fmt::format("retransmissions {}, TIME-WAIT here at the end {}\n",
                            grouped(static_cast<double>(run.counter("retransmit_segments"))),
                            grouped(static_cast<double>(run.time_wait)));
}

std::string latencies(const run::CpsRun& run) {
  Table table({"latency", "p50", "p90", "p99", "p99.9", "p99.99", "most"});
  const auto row = [&](const char* name, const load::Distribution& of) {
    if (of.count() == 0) return;
    std::vector<std::string> cells{name};
    for (const double percent : {50.0, 90.0, 99.0, 99.9, 99.99, 100.0})
      cells.push_back(human_time(of.percentile(percent)));
    table.add(cells);
  };
  row("handshake", run.handshake);
  row("first byte", run.first_byte);
  row("total", run.total);
  return table.is_empty() ? "" : table.to_string();
}

std::string workers(const run::CpsRun& run, GeneratorMode mode) {
  Table table({"worker", "lcore", "busy", "cycles each", "turns that were busy"});
  for (std::size_t i = 0; i < run.workers.size(); ++i) {
    const run::CpsWorker& one = run.workers[i];
    const double share = one.turns == 0 ? 0 : static_cast<double>(one.busy_turns) / static_cast<double>(one.turns);
    table.add({fmt::format("{}", i), fmt::format("{}", one.lcore), fmt::format("{:.1f} %", 100 * one.busy_share()),
               grouped(one.cycles_each(mode)), fmt::format("{:.1f} %", 100 * share)});
  }
  return table.to_string();
}

std::string drops(const run::CpsDrops& drops) {
  Table table({"dropped here", "packets"});
  const auto row = [&](const char* name, std::uint64_t count) { table.add({name, fmt::format("{}", count)}); };
  row("NIC: no descriptor", drops.nic_missed);
  row("NIC: errors", drops.nic_errors);
  row("transmit ring full", drops.transmit);
  row("packet pool empty", drops.pool);
  row("ring between workers full", drops.worker_ring);
  for (const auto& [reason, count] : drops.stack) row(reason.c_str(), count);
  return table.to_string();
}

std::string explain(const std::string& mark) {
  if (mark == "cut_short") return "cut short: ended by a signal";
  if (mark == "too_brief") return "too brief: less than 5 s were measured";
  if (mark == "disturbed_steal") return "disturbed: more than 2 % of this machine's CPU time went to others";
  if (mark == "time_wait_short")
    return "TIME-WAIT was cut short: raise time_wait_v4 or time_wait_v6 under [process] to rate x 2 MSL";
  return "disturbed: packets were lost on this side";
}

std::string of_run(const run::CpsRun& run, GeneratorMode mode) {
  std::string text = figures(run, mode) + latencies(run) + workers(run, mode) + drops(run.drops);
  text += fmt::format("  limited by: {}: {}\n", to_string(run.limit), run.limit_text);
  for (const std::string& mark : run.marks) text += fmt::format("  MARKED {}\n", explain(mark));
  return text;
}

}  // namespace

std::string grouped(double number) {
  const std::string digits = fmt::format("{:.0f}", std::abs(number));
  std::string text = number <= -0.5 ? "-" : "";
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

std::string human_time(Duration duration) {
  const auto ns = static_cast<double>(duration.count());
  if (ns < 1e3) return fmt::format("{:.0f} ns", ns);
  if (ns < 1e6) return fmt::format("{:.1f} us", ns / 1e3);
  return ns < 1e9 ? fmt::format("{:.2f} ms", ns / 1e6) : fmt::format("{:.2f} s", ns / 1e9);
}

void show_second(const run::CpsSecond& second, const load::GeneratorConfig& load, bool is_measured, double done) {
  const double rate =
      second.length_s <= 0 ? 0 : static_cast<double>(counted(second.counted, load.mode)) / second.length_s;
  fmt::print(stderr, "{}{:5.0f} s {} {:>11}/s  open {}  failed {}  p50 {}  p99 {}  cpu {:.0f} %{}{}\n",
             isatty(STDERR_FILENO) != 0 ? "\r\033[K" : "", second.at_s, is_measured ? " " : "w", grouped(rate),
             second.counted.open, second.counted.all_failed(), human_time(second.p50), human_time(second.p99),
             100 * second.busiest_worker,
             second.counted.behind > 0 ? fmt::format("  behind {}", second.counted.behind) : "",
             saturated(second, load));
  if (isatty(STDERR_FILENO) != 0 && done > 0 && done < 1) fmt::print(stderr, "{} {:.0f} %", bar(done), 100 * done);
  std::fflush(stderr);
}

void show_step(const run::CpsStep& step) {
  fmt::print(stderr, "rate {}: reached {}/s, errors {:.4f} %, p99 {}: {}\n", grouped(step.rate), grouped(step.reached),
             100 * step.errors, human_time(step.p99), step.is_good ? "good" : "too much");
}

std::string table_of(const run::CpsResult& result, const std::vector<run::Outcome>& outcomes) {
  const GeneratorMode mode = result.config.generator.mode;
  std::string text;
  std::vector<double> rates;
  for (std::size_t i = 0; i < result.runs.size(); ++i) {
    text += fmt::format("run {} of {}: {} with {}, {} closes first, TIME-WAIT {:g} s\n", i + 1, result.runs.size(),
                        to_string(mode), to_string(result.config.generator.protocol),
                        to_string(result.config.generator.closes_first),
                        2 * std::chrono::duration<double>(result.config.process.tcp.msl).count());
    text += of_run(result.runs[i], mode);
    rates.push_back(result.runs[i].rate(mode));
  }
  if (rates.size() > 1) {
    const run::Interval all = run::confidence_interval(rates);
    text += fmt::format("{} runs: {}/s, 95 % confidence {} to {}\n", rates.size(), grouped(all.mean), grouped(all.low),
                        grouped(all.high));
  }
  if (!result.steps.empty())
    text += result.max_rate ? fmt::format("highest rate within bounds: {}/s\n", grouped(*result.max_rate))
                            : std::string("no rate was within bounds\n");
  for (const run::Outcome& outcome : outcomes)
    text += fmt::format("expected {}: {}\n", outcome.text, outcome.is_met ? "met" : "NOT MET");
  return text;
}

}  // namespace weir::app
