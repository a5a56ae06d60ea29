// `weir cps compare A.json B.json`: two results side by side.
#include <cmath>

#include <fmt/format.h>

#include "commands.h"
#include "cps_files.h"
#include "cps_show.h"
#include "table.h"

namespace weir::app {
namespace {

using Json = nlohmann::ordered_json;

Json load_result(const std::string& file) {
  Json json = read_result(file);
  if (!json["runs"].is_array() || json["runs"].empty()) throw UnusableFile(file + ": holds no run");
  return json;
}

// The mean over the runs of what stands at `path`.
double mean(const Json& result, const char* path) {
  double sum = 0;
  for (const Json& run : result["runs"]) {
    const Json::json_pointer at(path);
    if (run.contains(at) && run[at].is_number()) sum += run[at].get<double>();
  }
  return sum / static_cast<double>(result["runs"].size());
}

std::string ratio(double a, double b) {
  return a == 0 ? "-" : fmt::format("{:.3f}", b / a);
}

void add_figures(Table& table, const Json& a, const Json& b) {
  const auto plain = [&](const char* name, const char* path) {
    const double left = mean(a, path), right = mean(b, path);
    table.add({name, grouped(left), grouped(right), ratio(left, right)});
  };
  const auto fine = [&](const char* name, const char* path, double unit) {
    const double left = unit * mean(a, path), right = unit * mean(b, path);
    table.add({name, fmt::format("{:.3f}", left), fmt::format("{:.3f}", right), ratio(left, right)});
  };
  plain("rate, 1/s", "/rate");
  plain("best second, 1/s", "/best_second");
  fine("errors, %", "/errors_share", 100);
  fine("packets per connection", "/packets_per_connection", 1);
  plain("cycles each, first worker", "/workers/0/cycles_each");
  plain("retransmissions", "/tcp/retransmit_segments");
}

void add_latencies(Table& table, const Json& a, const Json& b) {
  for (const char* of : {"handshake", "first_byte", "total"}) {
    for (const char* percentile : {"p50", "p99", "p99.9"}) {
      const std::string path = fmt::format("/latency/{}/percentiles_ns/{}", of, percentile);
      const double left = mean(a, path.c_str()), right = mean(b, path.c_str());
      if (left == 0 && right == 0) continue;
      const auto time = [](double ns) { return human_time(Duration{static_cast<Duration::rep>(ns)}); };
      table.add({fmt::format("{} {}", of, percentile), time(left), time(right), ratio(left, right)});
    }
  }
}

std::string differences(const Json& a, const Json& b) {
  std::string text;
  for (const char* part : {"settings", "machine"})
    for (const auto& [name, value] : a[part].items())
      if (name != "config" && b[part].contains(name) && b[part][name] != value)
        text += fmt::format("  differs: {}: {} and {}\n", name, value.dump(), b[part][name].dump());
  return text;
}

// Rates are told apart where both have an interval, and the two do not meet.
std::string verdict(const Json& a, const Json& b) {
  const Json& x = a["summary"];
  const Json& y = b["summary"];
  if (x["runs"] < 2 || y["runs"] < 2)
    return "one run alone does not say how much chance there is in it: use --repeat\n";
  const bool is_faster = y["rate_low_95"].get<double>() > x["rate_high_95"].get<double>();
  const bool is_slower = y["rate_high_95"].get<double>() < x["rate_low_95"].get<double>();
  if (is_faster) return "B is faster: the 95 % confidence intervals lie apart\n";
  return is_slower ? "B is slower: the 95 % confidence intervals lie apart\n"
                   : "no difference of the rates is shown: the 95 % confidence intervals overlap\n";
}

std::string marks(const char* name, const Json& result) {
  std::string text;
  for (const Json& run : result["runs"])
    for (const Json& mark : run["marks"]) text += fmt::format("  {} is marked {}\n", name, mark.get<std::string>());
  return text;
}

}  // namespace

int compare_cps(const CpsOptions& options) {
  try {
    const Json a = load_result(options.compare_a);
    const Json b = load_result(options.compare_b);
    Table table({"", "A", "B", "B/A"});
    add_figures(table, a, b);
    add_latencies(table, a, b);
    fmt::print("A: {}\nB: {}\n{}{}{}{}{}", options.compare_a, options.compare_b, table.to_string(), differences(a, b),
               marks("A", a), marks("B", b), verdict(a, b));
    return kDone;
  } catch (const UnusableFile& error) {
    fmt::print(stderr, "{}\n", error.what());
  } catch (const nlohmann::json::exception& error) {
    fmt::print(stderr, "not a whole result: {}\n", error.what());
  }
  return kUnusable;
}

}  // namespace weir::app
