// The result as JSON and CSV; docs/cps.md describes both.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <weir/run/cps_expect.h>
#include <weir/run/cps_result.h>
#include <weir/run/version.h>

namespace weir::run {
namespace {

using Json = nlohmann::ordered_json;
using load::GeneratorMode;

constexpr std::array kPercents{0.0, 1.0, 5.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0};

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

double seconds_of(std::chrono::milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

Json strings(const auto& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(value.to_string());
  return list;
}

Json settings(const CpsResult& result) {
  const load::GeneratorConfig& load = result.config.generator;
  Json json;
  json["config"] = result.config_file;
  json["mode"] = to_string(load.mode);
  json["protocol"] = to_string(load.protocol);
  json["closes_first"] = to_string(load.closes_first);
  json["transfer"] = load.transfer == load::Transfer::kUpload ? "upload" : "download";
  json["targets"] = strings(load.targets);
  json["sources"] = load.sources.size();
  json["rate"] = load.rate;
  json["open_max"] = load.open_max;
  json["ramp_up_s"] = seconds_of(load.ramp_up);
  json["warm_up_s"] = seconds_of(result.config.plan.warm_up);
  json["duration_s"] = seconds_of(result.config.plan.duration);
  json["timeout_s"] = seconds_of(load.timeout);
  json["interval_s"] = seconds_of(load.interval);
  json["request_bytes"] = load.request.size();
  json["answer_bytes"] = load.answer_bytes;
  json["time_wait_s"] = 2 * seconds_of(result.config.process.tcp.msl);
  json["workers"] = result.config.process.workers;
  json["devices"] = Json::array();
  for (const PortConfig& port : result.config.process.ports) json["devices"].push_back(port.device);
  return json;
}

Json machine(const CpsMachine& machine) {
  return {{"hostname", machine.hostname}, {"cpu", machine.cpu},   {"cores", machine.cores},
          {"kernel", machine.kernel},     {"dpdk", machine.dpdk}, {"tsc_hz", machine.tsc_hz}};
}

Json failures(const load::GeneratorTotals& totals) {
  Json json = Json::object();
  for (std::size_t i = 0; i < load::kFailures; ++i) json[to_string(static_cast<load::Failure>(i))] = totals.failed[i];
  return json;
}

Json totals(const load::GeneratorTotals& totals) {
  return {{"started", totals.started},     {"opened", totals.opened},       {"closed", totals.closed},
          {"failed", totals.all_failed()}, {"requests", totals.requests},   {"answered", totals.answered},
          {"bytes_in", totals.bytes_in},   {"bytes_out", totals.bytes_out}, {"syns", totals.syns},
          {"open_at_end", totals.open},    {"behind_at_end", totals.behind}};
}

Json latency(const load::Distribution& distribution) {
  Json json;
  json["count"] = distribution.count();
  json["mean_ns"] = distribution.mean().count();
  Json percentiles = Json::object();
  for (const double percent : kPercents)
    percentiles[fmt::format("p{:g}", percent)] = distribution.percentile(percent).count();
  json["percentiles_ns"] = percentiles;
  Json cells = Json::array();
  for (const auto& cell : distribution.cells()) cells.push_back({cell.upper.count(), cell.count});
  json["buckets_ns"] = cells;
  return json;
}

Json second(const CpsSecond& one) {
  return {{"at_s", one.at_s},
          {"length_s", one.length_s},
          {"measured", one.is_measured},
          {"started", one.counted.started},
          {"opened", one.counted.opened},
          {"closed", one.counted.closed},
          {"failed", one.counted.all_failed()},
          {"answered", one.counted.answered},
          {"syns", one.counted.syns},
          {"bytes_in", one.counted.bytes_in},
          {"bytes_out", one.counted.bytes_out},
          {"open", one.counted.open},
          {"behind", one.counted.behind},
          {"p50_ns", one.p50.count()},
          {"p99_ns", one.p99.count()},
          {"busiest_worker", one.busiest_worker}};
}

Json worker(const CpsWorker& one, GeneratorMode mode) {
  return {{"lcore", one.lcore},
          {"busy_share", one.busy_share()},
          {"busy_cycles", one.busy_cycles},
          {"idle_cycles", one.idle_cycles},
          {"turns", one.turns},
          {"busy_turns", one.busy_turns},
          {"closed", one.closed},
          {"answered", one.answered},
          {"cycles_each", one.cycles_each(mode)}};
}

Json drops(const CpsDrops& drops) {
  return {{"nic_missed", drops.nic_missed}, {"nic_errors", drops.nic_errors},   {"transmit_ring", drops.transmit},
          {"packet_pool", drops.pool},      {"worker_ring", drops.worker_ring}, {"stack", drops.stack}};
}

Json run(const CpsRun& one, GeneratorMode mode) {
  Json json;
  json["seconds"] = one.seconds;
  json["rate_asked"] = one.rate_asked;
  json["rate"] = one.rate(mode);
  json["best_second"] = one.best_second(mode);
  json["errors_share"] = one.errors();
  json["throughput_bps"] = one.throughput_bps();
  json["packets_per_connection"] = one.packets_per_connection();
  json["totals"] = totals(one.totals);
  json["errors"] = failures(one.totals);
  json["latency"] = {
      {"handshake", latency(one.handshake)}, {"first_byte", latency(one.first_byte)}, {"total", latency(one.total)}};
  json["series"] = Json::array();
  for (const CpsSecond& each : one.series) json["series"].push_back(second(each));
  json["workers"] = Json::array();
  for (const CpsWorker& each : one.workers) json["workers"].push_back(worker(each, mode));
  json["tcp"] = one.tcp;
  json["drops"] = drops(one.drops);
  json["wire"] = {{"rx_bytes", one.rx_bytes}, {"tx_bytes", one.tx_bytes}, {"link_mbps", one.link_mbps}};
  json["time_wait_at_end"] = one.time_wait;
  json["steal_share"] = one.steal;
  json["marks"] = one.marks;
  json["limited_by"] = {{"what", to_string(one.limit)}, {"text", one.limit_text}};
  return json;
}

Json summary(const CpsResult& result) {
  const GeneratorMode mode = result.config.generator.mode;
  std::vector<double> rates;
  double best = 0;
  for (const CpsRun& one : result.runs) {
    rates.push_back(one.rate(mode));
    best = std::max(best, one.best_second(mode));
  }
  const Interval interval = confidence_interval(rates);
  Json json{{"unit", unit_of(mode)},       {"runs", result.runs.size()},    {"rate_mean", interval.mean},
            {"rate_low_95", interval.low}, {"rate_high_95", interval.high}, {"best_second", best}};
  json["max_rate"] = result.max_rate ? Json(*result.max_rate) : Json(nullptr);
  return json;
}

Json steps(const std::vector<CpsStep>& steps) {
  Json list = Json::array();
  for (const CpsStep& step : steps)
    list.push_back({{"rate", step.rate},
                    {"reached", step.reached},
                    {"errors_share", step.errors},
                    {"p99_ns", step.p99.count()},
                    {"good", step.is_good}});
  return list;
}

}  // namespace

std::string to_json(const CpsResult& result, const std::vector<Outcome>& outcomes) {
  const GeneratorMode mode = result.config.generator.mode;
  Json json;
  json["schema"] = "weir-cps/1";
  json["version"] = version();
  json["started_at"] = result.started_at;
  json["settings"] = settings(result);
  json["machine"] = machine(result.machine);
  json["summary"] = summary(result);
  json["runs"] = Json::array();
  for (const CpsRun& one : result.runs) json["runs"].push_back(run(one, mode));
  json["find_max"] = steps(result.steps);
  bool passed = true;
  json["expect"] = Json::array();
  for (const Outcome& outcome : outcomes) {
    json["expect"].push_back({{"condition", outcome.text}, {"value", outcome.value}, {"met", outcome.is_met}});
    passed = passed && outcome.is_met;
  }
  json["passed"] = passed;
  return json.dump(2) + "\n";
}

std::string to_csv(const CpsResult& result) {
  std::string text =
      "run,at_s,length_s,measured,started,opened,closed,failed,answered,syns,bytes_in,bytes_out,open,behind,p50_us,"
      "p99_us,busiest_worker\n";
  for (std::size_t i = 0; i < result.runs.size(); ++i)
    for (const CpsSecond& one : result.runs[i].series)
      text += fmt::format("{},{:.3f},{:.3f},{},{},{},{},{},{},{},{},{},{},{},{:.3f},{:.3f},{:.4f}\n", i + 1, one.at_s,
                          one.length_s, one.is_measured ? 1 : 0, one.counted.started, one.counted.opened,
                          one.counted.closed, one.counted.all_failed(), one.counted.answered, one.counted.syns,
                          one.counted.bytes_in, one.counted.bytes_out, one.counted.open, one.counted.behind,
                          1e6 * seconds_of(one.p50), 1e6 * seconds_of(one.p99), one.busiest_worker);
  return text;
}

}  // namespace weir::run
