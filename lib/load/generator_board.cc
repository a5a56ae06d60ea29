#include <weir/load/generator_board.h>

#include <numeric>
#include <utility>

namespace weir::load {
namespace {

void add(GeneratorTotals& sum, const GeneratorCounts& counts) {
  sum.started += counts.started.value();
  sum.opened += counts.opened.value();
  sum.closed += counts.closed.value();
  sum.requests += counts.requests.value();
  sum.answered += counts.answered.value();
  sum.bytes_in += counts.bytes_in.value();
  sum.bytes_out += counts.bytes_out.value();
  sum.syns += counts.syns.value();
  for (std::size_t i = 0; i < kFailures; ++i) sum.failed[i] += counts.failed[i].value();
  sum.open += counts.open.value();
  sum.behind += counts.behind.value();
  sum.full += counts.full.value();
}

}  // namespace

std::uint64_t GeneratorTotals::all_failed() const {
  return std::accumulate(failed.begin(), failed.end(), std::uint64_t{0});
}

GeneratorTotals GeneratorTotals::since(const GeneratorTotals& earlier) const {
  GeneratorTotals result = *this;
  result.started -= earlier.started;
  result.opened -= earlier.opened;
  result.closed -= earlier.closed;
  result.requests -= earlier.requests;
  result.answered -= earlier.answered;
  result.bytes_in -= earlier.bytes_in;
  result.bytes_out -= earlier.bytes_out;
  result.syns -= earlier.syns;
  for (std::size_t i = 0; i < kFailures; ++i) result.failed[i] -= earlier.failed[i];
  result.full -= earlier.full;
  return result;
}

GeneratorBoard::GeneratorBoard(GeneratorConfig config, unsigned workers)
    : config_(std::move(config)),
      workers_(workers),
      counts_(std::make_unique<GeneratorCounts[]>(workers)),
      latencies_(std::make_unique<Latencies[]>(workers)) {}

void GeneratorBoard::order(Instant begin, double rate, std::chrono::milliseconds ramp_up) {
  begin_.store(begin, std::memory_order_relaxed);
  rate_.store(rate, std::memory_order_relaxed);
  ramp_up_.store(ramp_up, std::memory_order_relaxed);
  version_.fetch_add(1, std::memory_order_release);
}

// Torn only while an order is being given, and then looked at again: its version has not come yet.
GeneratorBoard::Orders GeneratorBoard::orders() const {
  const std::uint32_t version = version_.load(std::memory_order_acquire);
  return {.version = version,
          .begin = begin_.load(std::memory_order_relaxed),
          .rate = rate_.load(std::memory_order_relaxed) / workers_,
          .ramp_up = ramp_up_.load(std::memory_order_relaxed)};
}

GeneratorTotals GeneratorBoard::totals() const {
  GeneratorTotals sum;
  for (unsigned worker = 0; worker < workers_; ++worker) add(sum, counts_[worker]);
  return sum;
}

void GeneratorBoard::merge(Latencies& into) const {
  for (unsigned worker = 0; worker < workers_; ++worker) {
    into.handshake.merge(latencies_[worker].handshake);
    into.first_byte.merge(latencies_[worker].first_byte);
    into.total.merge(latencies_[worker].total);
  }
}

}  // namespace weir::load
