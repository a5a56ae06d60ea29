// Conducts a measurement: when to begin, how fast, what counts, and when it is enough. Runs beside the process, on a
// thread of its own.
#pragma once

#include <functional>

#include "commands.h"
#include "cps_meter.h"

namespace weir::app {

class CpsRunner {
 public:
  static constexpr Duration kGlance = 20ms;       // how soon a signal is seen
  static constexpr Duration kLinkPatience = 10s;  // for every port's link; then it begins without
  static constexpr Duration kStepSettles = 2s;
  static constexpr Duration kStepLasts = 3s;
  static constexpr unsigned kStepsMax = 24;

  // `board` and `result` outlive this; `result` is filled.
  CpsRunner(const CpsOptions& options, load::GeneratorBoard& board, run::CpsResult& result)
      : options_(options), board_(board), result_(result) {}

  // Returns when all is measured, or the process is being ended; then the process is drained.
  void operator()(run::Process& process);

 private:
  bool await_running() const;
  bool await_links() const;
  bool is_running() const { return process_->state() == "running"; }
  void measure_all();
  void find_max();
  run::CpsStep try_rate(double rate);
  bool measure(double rate, Duration before, Duration length);
  void order(double rate, std::chrono::milliseconds ramp_up);
  // Looks every second until `end`; false when the process was told to end.
  bool watch(Instant end, bool is_measured, run::CpsRun& run);
  bool sleep_until(Instant end) const;
  void show(const run::CpsSecond& second, bool is_measured, Instant end) const;

  const CpsOptions& options_;
  load::GeneratorBoard& board_;
  run::CpsResult& result_;
  run::Process* process_ = nullptr;
  std::optional<Meter> meter_;
  Instant begin_{};  // of the first order
  Look last_;
  Duration whole_{};  // of all that is to be measured, for the progress bar
  bool is_cut_short_ = false;
};

}  // namespace weir::app
