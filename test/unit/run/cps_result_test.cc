// Figures, conditions and verdicts of a measurement.
#include <weir/run/cps_expect.h>
#include <weir/run/cps_result.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weir::run {
namespace {

using namespace std::chrono_literals;
using load::Failure;
using load::GeneratorMode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

CpsRun good_run() {
  CpsRun run;
  run.seconds = 10;
  run.rate_asked = 1000;
  run.totals.started = run.totals.opened = run.totals.closed = run.totals.answered = 10'000;
  Histogram latencies;
  for (int i = 1; i <= 1000; ++i) latencies.record(i * 1us);
  run.total.add(latencies);
  run.handshake.add(latencies);
  run.tcp = {{"segments_in", 30'000}, {"segments_out", 30'000}};
  run.workers = {{.lcore = 1, .busy_cycles = 4'000'000, .idle_cycles = 6'000'000, .closed = 10'000}};
  return run;
}

CpsConfig config_of(GeneratorMode mode = GeneratorMode::kConnections) {
  CpsConfig config;
  config.generator.mode = mode;
  config.generator.open_max = 100;
  return config;
}

void add_failures(CpsRun& run, Failure failure, std::uint64_t count) {
  run.totals.failed[static_cast<std::size_t>(failure)] = count;
}

bool is_met(const char* condition, const CpsRun& run) {
  return judge(parse_expectation(condition), run, GeneratorMode::kConnections).is_met;
}

TEST(CpsFigures, FollowFromTheCounts) {
  CpsRun run = good_run();
  add_failures(run, Failure::kReset, 100);
  EXPECT_DOUBLE_EQ(run.rate(GeneratorMode::kConnections), 1000);
  EXPECT_NEAR(run.errors(), 100.0 / 10'100, 1e-9);
  EXPECT_DOUBLE_EQ(run.packets_per_connection(), 6);
  EXPECT_DOUBLE_EQ(run.workers[0].busy_share(), 0.4);
  EXPECT_DOUBLE_EQ(run.workers[0].cycles_each(GeneratorMode::kConnections), 400);
}

TEST(CpsFigures, BestSecondIsOfThoseMeasured) {
  CpsRun run = good_run();
  const auto second = [&](std::uint64_t closed, bool measured, double length) {
    CpsSecond one;
    one.counted.closed = closed;
    one.is_measured = measured;
    one.length_s = length;
    run.series.push_back(one);
  };
  second(5000, false, 1);
  second(1200, true, 1);
  second(1500, true, 1.5);
  second(500, true, 0.1);  // a rest: too short to be one
  EXPECT_DOUBLE_EQ(run.best_second(GeneratorMode::kConnections), 1200);
}

TEST(CpsFigures, ConfidenceIntervalIsStudents) {
  const Interval interval = confidence_interval({10, 12, 14});
  EXPECT_DOUBLE_EQ(interval.mean, 12);
  EXPECT_NEAR(interval.high - interval.mean, 4.303 * 2 / std::sqrt(3.0), 1e-9);
  EXPECT_NEAR(interval.mean - interval.low, interval.high - interval.mean, 1e-9);
  EXPECT_DOUBLE_EQ(confidence_interval({5}).low, 5);
}

TEST(CpsExpect, ConditionsHoldOrDoNot) {
  const CpsRun run = good_run();
  EXPECT_TRUE(is_met("rate >= 1000", run));
  EXPECT_FALSE(is_met("rate > 1000", run));
  EXPECT_TRUE(is_met("errors <= 0.01%", run));
  EXPECT_TRUE(is_met("failed == 0", run));
  EXPECT_TRUE(is_met("p50<=520us", run));
  EXPECT_FALSE(is_met("p50 <= 0.4ms", run));
  EXPECT_TRUE(is_met("handshake_p99.9 < 1.1ms", run));
  EXPECT_TRUE(is_met("packets_per_connection <= 6.0", run));
  EXPECT_TRUE(is_met("marks == 0", run));
}

TEST(CpsExpect, LatenciesOfNothingMeetNoCondition) {
  EXPECT_FALSE(is_met("first_byte_p99 <= 1s", good_run()));
}

TEST(CpsExpect, WhatIsNoConditionIsTold) {
  for (const char* wrong : {"", "rate", "rate >=", "rate >= fast", "speed > 3", "p99 <= 5", "p101 <= 5ms", "p <= 5ms",
                            "errors <= 5ms", "rate = 5", "handshake <= 5ms"})
    EXPECT_THAT(why_no_expectation(wrong), HasSubstr("is no condition")) << wrong;
  for (const char* right : {"rate>=1e6", "p99.99 <= 5ms", "first_byte_p50 < 800us", "errors < 1%", "errors == 0"})
    EXPECT_EQ(why_no_expectation(right), "") << right;
}

TEST(CpsVerdict, GoodRunHasNoMarksAndNoLimit) {
  CpsRun run = good_run();
  judge_conditions(run, config_of());
  EXPECT_TRUE(run.marks.empty());
  EXPECT_EQ(run.limit, Limit::kNone);
}

TEST(CpsVerdict, MarksSayWhatDisturbedIt) {
  CpsRun run = good_run();
  run.is_cut_short = true;
  run.seconds = 3;
  run.steal = 0.05;
  run.drops.nic_missed = 1;
  run.tcp["time_waits_forgotten"] = 1;
  judge_conditions(run, config_of());
  EXPECT_THAT(run.marks,
              ElementsAre("cut_short", "too_brief", "disturbed_steal", "disturbed_drops", "time_wait_short"));
}

TEST(CpsVerdict, SaysWhatLimitedTheRun) {
  const auto limit = [](auto&& change) {
    CpsRun run = good_run();
    run.rate_asked = 0;
    change(run);
    judge_conditions(run, config_of());
    EXPECT_FALSE(run.limit_text.empty());
    return run.limit;
  };
  EXPECT_EQ(limit([](CpsRun& run) { run.workers[0].idle_cycles = 0; }), Limit::kOwnCpu);
  EXPECT_EQ(limit([](CpsRun& run) { add_failures(run, Failure::kNoPort, 1); }), Limit::kPorts);
  EXPECT_EQ(limit([](CpsRun& run) { add_failures(run, Failure::kNoResources, 1); }), Limit::kMemory);
  EXPECT_EQ(limit([](CpsRun& run) { add_failures(run, Failure::kTimeout, 100); }), Limit::kOtherSide);
  EXPECT_EQ(limit([](CpsRun& run) { run.totals.open = 100; }), Limit::kOpenMax);
  EXPECT_EQ(limit([](CpsRun& run) { run.link_mbps = 100, run.rx_bytes = 124'000'000; }), Limit::kLink);
  EXPECT_EQ(limit([](CpsRun&) {}), Limit::kOtherSide);
}

// What the sample that documents the format has, a result has too, and the other way round.
void expect_same_members(const nlohmann::json& sample, const nlohmann::json& real, const std::string& path) {
  ASSERT_EQ(sample.is_object(), real.is_object()) << path;
  if (sample.is_array() && real.is_array() && !sample.empty() && !real.empty())
    expect_same_members(sample[0], real[0], path + "[0]");
  const bool is_free = path.ends_with("/tcp") || path.ends_with("/stack");
  if (!sample.is_object() || is_free) return;
  for (const auto& [name, value] : sample.items()) {
    ASSERT_TRUE(real.contains(name)) << path << "/" << name << " is in the sample only";
    expect_same_members(value, real[name], path + "/" + name);
  }
  for (const auto& [name, value] : real.items()) EXPECT_TRUE(sample.contains(name)) << path << "/" << name;
}

TEST(CpsJson, HasTheMembersOfTheSample) {
  CpsResult result;
  result.config = config_of();
  result.runs.push_back(good_run());
  result.runs[0].series.emplace_back();
  std::ifstream file(std::string(WEIR_SOURCE) + "/test/data/cps-result.json");
  const auto sample = nlohmann::json::parse(file);
  const auto real = nlohmann::json::parse(to_json(result, {{"rate >= 1", 1000, true}}));
  expect_same_members(sample, real, "");
  EXPECT_EQ(real["schema"], "weir-cps/1");
  EXPECT_EQ(real["passed"], true);
}

TEST(CpsCsv, HasALineForEachSecond) {
  CpsResult result;
  result.runs.push_back(good_run());
  result.runs[0].series.resize(3);
  const std::string text = to_csv(result);
  EXPECT_EQ(std::ranges::count(text, '\n'), 4);
  const auto commas = [&](std::size_t line) {
    std::size_t from = 0;
    for (; line > 0; --line) from = text.find('\n', from) + 1;
    return std::ranges::count(text.substr(from, text.find('\n', from) - from), ',');
  };
  EXPECT_EQ(commas(0), commas(1));
}

}  // namespace
}  // namespace weir::run
