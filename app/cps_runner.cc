#include "cps_runner.h"

#include <algorithm>
#include <thread>

#include "cps_show.h"

namespace weir::app {
namespace {

constexpr Duration kFirstStartAfter = 50ms;  // the cores have seen the order by then
constexpr Duration kLinkSettles = 200ms;     // the cores have heard of it, and the other side too
constexpr double kFirstRate = 10'000;        // of --find-max, where none is configured
constexpr double kCloseEnough = 1.03;        // between a rate that is too high and one that is not
constexpr double kReached = 0.98;            // of the asked rate

}  // namespace

void CpsRunner::operator()(run::Process& process) {
  process_ = &process;
  meter_.emplace(process, board_);
  if (await_running() && await_links()) {
    result_.machine = this_machine();
    last_ = meter_->look();
    begin_ = process.now() + kFirstStartAfter;
    options_.find_max ? find_max() : measure_all();
  }
  process.drain();
}

bool CpsRunner::await_running() const {
  while (process_->state() == "starting") std::this_thread::sleep_for(kGlance);
  return is_running();
}

// What is sent into a link that is down would be sent again a second later, and spoil the figures.
bool CpsRunner::await_links() const {
  const Instant end = process_->now() + kLinkPatience;
  const auto is_up = [](const run::PortStatus& port) { return port.link_up; };
  while (is_running() && process_->now() < end) {
    const auto ports = process_->ports();
    if (std::all_of(ports.begin(), ports.end(), is_up)) return sleep_until(process_->now() + kLinkSettles);
    std::this_thread::sleep_for(kGlance);
  }
  return is_running();
}

void CpsRunner::order(double rate, std::chrono::milliseconds ramp_up) {
  board_.order(std::max(begin_, process_->now()), rate, ramp_up);
}

void CpsRunner::measure_all() {
  const run::MeasurePlan& plan = result_.config.plan;
  const load::GeneratorConfig& load = result_.config.generator;
  whole_ = load.ramp_up + options_.repeat * (plan.warm_up + plan.duration);
  order(load.rate, load.ramp_up);
  for (unsigned i = 0; i < options_.repeat; ++i) {
    const Duration before = plan.warm_up + (i == 0 ? Duration{load.ramp_up} : Duration{});
    if (!measure(load.rate, before, plan.duration)) return;
  }
}

// What comes before the interval is in the series, not in the figures. False when cut short.
bool CpsRunner::measure(double rate, Duration before, Duration length) {
  run::CpsRun series_only;
  const Instant from = std::max(begin_, process_->now()) + before;
  const bool goes_on = before == Duration{} || watch(from, false, series_only);
  const Look first = meter_->look();
  last_ = first;
  run::CpsRun measured;
  if (goes_on) watch(from + length, true, measured);
  run::CpsRun run = Meter::between(first, last_);
  run.rate_asked = rate;
  run.is_cut_short = is_cut_short_;
  run.series = std::move(series_only.series);
  run.series.insert(run.series.end(), measured.series.begin(), measured.series.end());
  run::judge_conditions(run, result_.config);
  result_.runs.push_back(std::move(run));
  return !is_cut_short_;
}

bool CpsRunner::watch(Instant end, bool is_measured, run::CpsRun& run) {
  while (process_->now() < end) {
    const Instant next = std::min(end, std::max(last_.at, begin_) + 1s);
    if (!sleep_until(next)) is_cut_short_ = true;
    const Look now = meter_->look();
    run.series.push_back(Meter::second(last_, now, begin_));
    run.series.back().is_measured = is_measured;
    last_ = now;
    show(run.series.back(), is_measured, end);
    if (is_cut_short_) return false;
  }
  return true;
}

bool CpsRunner::sleep_until(Instant end) const {
  for (Instant now = process_->now(); now < end; now = process_->now()) {
    if (!is_running()) return false;
    std::this_thread::sleep_for(std::min<Duration>(kGlance, end - now));
  }
  return true;
}

void CpsRunner::show(const run::CpsSecond& second, bool is_measured, Instant) const {
  const double whole = std::chrono::duration<double>(whole_).count();
  show_second(second, result_.config.generator, is_measured, whole > 0 ? second.at_s / whole : 0);
}

// Twice as fast until it is too fast, then halving the gap; at last a whole measurement at the best rate.
void CpsRunner::find_max() {
  double good = 0;
  double bad = 0;
  double rate = result_.config.generator.rate > 0 ? result_.config.generator.rate : kFirstRate;
  for (unsigned i = 0; i < kStepsMax && !is_cut_short_; ++i) {
    const run::CpsStep step = try_rate(rate);
    if (is_cut_short_) break;
    result_.steps.push_back(step);
    show_step(step);
    (step.is_good ? good : bad) = rate;
    if (bad != 0 && (good == 0 ? bad < 2 : bad / good < kCloseEnough)) break;
    rate = bad == 0 ? 2 * good : good == 0 ? bad / 2 : (good + bad) / 2;
  }
  if (good > 0) result_.max_rate = good;
  if (is_cut_short_ || good == 0) return;
  order(good, 0ms);
  measure(good, kStepSettles, result_.config.plan.duration);
}

run::CpsStep CpsRunner::try_rate(double rate) {
  order(rate, std::chrono::milliseconds{500});
  run::CpsRun ignored;
  run::CpsRun series;
  run::CpsStep step;
  step.rate = rate;
  if (!watch(process_->now() + kStepSettles, false, ignored)) return step;
  const Look first = last_ = meter_->look();
  if (!watch(process_->now() + kStepLasts, false, series)) return step;
  const run::CpsRun run = Meter::between(first, last_);
  step.reached = run.rate(result_.config.generator.mode);
  step.errors = run.errors();
  step.p99 = run.total.percentile(99);
  step.is_good = step.reached >= kReached * rate && step.errors <= options_.errors_below &&
                 step.p99 <= Duration{static_cast<Duration::rep>(options_.p99_below_ms * 1e6)};
  return step;
}

}  // namespace weir::app
