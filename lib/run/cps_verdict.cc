// Can the figures be believed, and what kept them from being higher?
#include <algorithm>

#include <fmt/format.h>

#include <weir/run/cps_result.h>

namespace weir::run {
namespace {

constexpr double kBriefest = 5;     // seconds
constexpr double kStealMax = 0.02;  // of this machine's CPU time
constexpr double kBusy = 0.95;      // of a worker's time: it could not do more
constexpr double kLinkFull = 0.95;
constexpr double kRateKept = 0.99;  // of what was asked
constexpr double kFailuresMatter = 0.001;

void mark(CpsRun& run) {
  run.marks.clear();
  if (run.is_cut_short) run.marks.emplace_back("cut_short");
  if (run.seconds < kBriefest) run.marks.emplace_back("too_brief");
  if (run.steal > kStealMax) run.marks.emplace_back("disturbed_steal");
  if (run.drops.all() > 0) run.marks.emplace_back("disturbed_drops");
  if (run.counter("time_waits_forgotten") > 0) run.marks.emplace_back("time_wait_short");
}

double busiest(const CpsRun& run) {
  double most = 0;
  for (const CpsWorker& worker : run.workers) most = std::max(most, worker.busy_share());
  return most;
}

std::uint64_t failed(const CpsRun& run, load::Failure failure) {
  return run.totals.failed[static_cast<std::size_t>(failure)];
}

bool is_link_full(const CpsRun& run) {
  if (run.link_mbps == 0 || run.seconds <= 0) return false;
  const double most = static_cast<double>(std::max(run.rx_bytes, run.tx_bytes)) * 8 / run.seconds;
  return most >= kLinkFull * static_cast<double>(run.link_mbps) * 1e6;
}

// What the other side did; not what ran out here.
std::uint64_t failed_there(const CpsRun& run) {
  return run.totals.all_failed() - failed(run, load::Failure::kNoPort) - failed(run, load::Failure::kNoResources);
}

bool is_rate_kept(const CpsRun& run, load::GeneratorMode mode) {
  if (run.rate_asked <= 0 || mode == load::GeneratorMode::kConcurrent) return run.rate_asked > 0;
  return run.rate(mode) >= kRateKept * run.rate_asked;
}

std::pair<Limit, std::string> find_limit(const CpsRun& run, const CpsConfig& config) {
  const double cpu = busiest(run);
  if (failed(run, load::Failure::kNoPort) > 0)
    return {Limit::kPorts,
            fmt::format("{} starts found no free source port: give more sources", failed(run, load::Failure::kNoPort))};
  if (failed(run, load::Failure::kNoResources) > 0 || run.drops.pool > 0)
    return {Limit::kMemory, "connections or packets ran out here: raise connections and packets under [process]"};
  if (static_cast<double>(failed_there(run)) > kFailuresMatter * static_cast<double>(run.totals.started))
    return {Limit::kOtherSide, fmt::format("{} failed at the other side", failed_there(run))};
  if (is_rate_kept(run, config.generator.mode)) return {Limit::kNone, "the asked rate was kept"};
  if (is_link_full(run)) return {Limit::kLink, fmt::format("the link of {} Mbit/s was full", run.link_mbps)};
  if (cpu >= kBusy)
    return {Limit::kOwnCpu,
            fmt::format("a worker of this side was busy for {:.0f} % of the time: give more workers", 100 * cpu)};
  if (run.totals.open >= config.generator.open_max)
    return {Limit::kOpenMax,
            fmt::format("all {} that may be open at once waited for the other side: raise open_max, or "
                        "it is at its limit",
                        config.generator.open_max)};
  return {Limit::kOtherSide, fmt::format("this side was busy for {:.0f} % of the time only: the other side, or what is "
                                         "between",
                                         100 * cpu)};
}

}  // namespace

const char* to_string(Limit limit) {
  constexpr std::array kNames{"none", "own_cpu", "ports", "memory", "open_max", "link", "other_side"};
  return kNames[static_cast<std::size_t>(limit)];
}

void judge_conditions(CpsRun& run, const CpsConfig& config) {
  mark(run);
  std::tie(run.limit, run.limit_text) = find_limit(run, config);
}

}  // namespace weir::run
