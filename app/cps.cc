// `weir cps`: the load generator.
#include <ctime>

#include <weir/base/random.h>
#include <weir/load/generator.h>
#include <weir/load/report.h>
#include <weir/run/cps_expect.h>

#include "cps_files.h"
#include "cps_runner.h"
#include "cps_show.h"
#include "run.h"

namespace weir::app {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::vector<std::string> conditions(const run::CpsConfig& config, const CpsOptions& options) {
  std::vector<std::string> all = config.plan.expect;
  all.insert(all.end(), options.expect.begin(), options.expect.end());
  return all;
}

// Of several runs every one is to meet them; the worst is shown.
std::vector<run::Outcome> judge_all(const run::CpsResult& result, const std::vector<std::string>& texts) {
  std::vector<run::Outcome> outcomes;
  for (const std::string& text : texts) {
    run::Outcome outcome{text, 0, !result.runs.empty()};
    for (const run::CpsRun& one : result.runs) {
      const run::Outcome of_one = judge(run::parse_expectation(text), one, result.config.generator.mode);
      if (outcome.is_met) outcome = of_one;
    }
    outcomes.push_back(outcome);
  }
  return outcomes;
}

bool write_files(const run::CpsResult& result, const std::vector<run::Outcome>& outcomes, const CpsOptions& options) {
  const std::string json = to_json(result, outcomes);
  const std::string page = options.report.empty() ? "" : load::report_page(json);
  const bool has_json = write_file(options.json, json), has_csv = write_file(options.csv, to_csv(result));
  return write_file(options.report, page) && has_json && has_csv;
}

int report(const run::CpsResult& result, const CpsOptions& options) {
  const auto outcomes = judge_all(result, conditions(result.config, options));
  fmt::print("{}", table_of(result, outcomes));
  const bool is_written = write_files(result, outcomes, options);
  const bool is_met = std::all_of(outcomes.begin(), outcomes.end(), [](const auto& one) { return one.is_met; });
  const bool is_found = !options.find_max || result.max_rate.has_value();
  return is_written && is_met && is_found && !result.runs.empty() ? kDone : kFailed;
}

int run_load(run::CpsConfig config, const CpsOptions& options) {
  // What is under way may end as it would.
  config.process.drain_deadline = config.generator.timeout + std::chrono::seconds{1};
  run::CpsResult result;
  result.started_at = utc_now();
  result.config_file = options.run.config;
  result.config = config;
  load::GeneratorBoard board(config.generator, config.process.workers);
  const std::uint64_t seed = secret_seed();
  CpsRunner runner(options, board, result);
  Program program{"cps",
                  [&](unsigned worker) { return std::make_unique<load::Generator>(board, worker, seed + worker); },
                  run::session_bytes(config), [](run::ControlSubject&) {}, std::ref(runner)};
  for (const std::string& line : run::describe_source_ports(config)) fmt::print("{}\n", line);
  std::fflush(stdout);
  const int code = run_program(config.process, program, options.run);
  return code == kDone ? report(result, options) : code;
}

bool are_conditions(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const std::string wrong = run::why_no_expectation(text);
    if (wrong.empty()) continue;
    fmt::print(stderr, "--expect: {}; {}\n", wrong, run::kExpectationForm);
    return false;
  }
  return true;
}

}  // namespace

int run_cps(const CpsOptions& options) {
  if (options.run.config.empty()) {
    fmt::print(stderr, "weir cps: --config FILE is required; see weir cps --help\n");
    return kUnusable;
  }
  if (!are_conditions(options.expect)) return kUnusable;
  try {
    run::CpsConfig config = run::load_cps_config(options.run.config);
    if (options.find_max && config.generator.rate == 0) config.generator.rate = 10'000;
    if (!options.run.check) return run_load(std::move(config), options);
    fmt::print("{}: ok\n{}", options.run.config, run::summary(config));
    return kDone;
  } catch (const run::ConfigError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kUnusable;
  }
}

}  // namespace weir::app
