// What follows from a run's counts by arithmetic.
#include <algorithm>
#include <array>
#include <cmath>

#include <weir/run/cps_result.h>

namespace weir::run {
namespace {

using load::GeneratorMode;
using load::GeneratorTotals;

std::uint64_t counted(const GeneratorTotals& totals, GeneratorMode mode) {
  switch (mode) {
    case GeneratorMode::kConnections:
      return totals.closed;
    case GeneratorMode::kConcurrent:
    case GeneratorMode::kRequests:
    case GeneratorMode::kThroughput:
      return totals.answered;
    case GeneratorMode::kFlood:
      return totals.syns;
  }
  return 0;
}

// Two-sided 95 %, by degrees of freedom; beyond the table the normal distribution's.
double student_t(std::size_t degrees) {
  constexpr std::array kTable{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                              2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                              2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
  return degrees == 0 ? 0 : degrees <= kTable.size() ? kTable[degrees - 1] : 1.960;
}

}  // namespace

const char* unit_of(GeneratorMode mode) {
  if (mode == GeneratorMode::kConnections) return "connections";
  return mode == GeneratorMode::kFlood ? "SYNs" : "requests";
}

double CpsWorker::busy_share() const {
  const double all = static_cast<double>(busy_cycles + idle_cycles);
  return all == 0 ? 0 : static_cast<double>(busy_cycles) / all;
}

double CpsWorker::cycles_each(GeneratorMode mode) const {
  const std::uint64_t n = mode == GeneratorMode::kConnections ? closed
                          : mode == GeneratorMode::kFlood     ? syns
                                                              : answered;
  return n == 0 ? 0 : static_cast<double>(busy_cycles) / static_cast<double>(n);
}

double CpsRun::rate(GeneratorMode mode) const {
  return seconds <= 0 ? 0 : static_cast<double>(counted(totals, mode)) / seconds;
}

double CpsRun::throughput_bps() const {
  return seconds <= 0 ? 0 : 8 * static_cast<double>(totals.bytes_in + totals.bytes_out) / seconds;
}

double CpsRun::best_second(GeneratorMode mode) const {
  double best = 0;
  for (const CpsSecond& second : series) {
    if (!second.is_measured || second.length_s < 0.5) continue;
    best = std::max(best, static_cast<double>(counted(second.counted, mode)) / second.length_s);
  }
  return best;
}

double CpsRun::errors() const {
  const auto failed = static_cast<double>(totals.all_failed());
  const auto good = static_cast<double>(std::max(totals.closed, totals.answered));
  return failed + good == 0 ? 0 : failed / (failed + good);
}

double CpsRun::packets_per_connection() const {
  if (totals.closed == 0) return 0;
  return static_cast<double>(counter("segments_in") + counter("segments_out")) / static_cast<double>(totals.closed);
}

std::uint64_t CpsRun::counter(const std::string& name) const {
  const auto found = tcp.find(name);
  return found == tcp.end() ? 0 : found->second;
}

Interval confidence_interval(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double deviation = values.size() < 2 ? 0 : std::sqrt(squares / (n - 1));
  const double half = student_t(values.size() - 1) * deviation / std::sqrt(n);
  return {mean, mean - half, mean + half};
}

}  // namespace weir::run
