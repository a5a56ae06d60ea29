#include <weir/run/cps_expect.h>

#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace weir::run {
namespace {

constexpr std::array<std::string_view, 5> kRelations{"<=", ">=", "==", "<", ">"};  // the longer ones first
constexpr std::array<std::string_view, 8> kPlain{
    "rate", "best_second", "errors", "failed", "marks", "retransmissions", "packets_per_connection", "throughput"};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

struct Latency {
  std::string_view of = "total";
  double percent = 0;
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

// "p99", "handshake_p99.9".
std::optional<Latency> latency_of(std::string_view field) {
  Latency latency;
  for (const std::string_view of : {"handshake", "first_byte", "total"}) {
    if (!field.starts_with(of) || field.size() <= of.size() || field[of.size()] != '_') continue;
    latency.of = of;
    field.remove_prefix(of.size() + 1);
    break;
  }
  if (!field.starts_with('p')) return {};
  const auto percent = number(field.substr(1));
  if (!percent || *percent < 0 || *percent > 100) return {};
  latency.percent = *percent;
  return latency;
}

bool is_field(std::string_view field) {
  return std::find(kPlain.begin(), kPlain.end(), field) != kPlain.end() || latency_of(field).has_value();
}

// Numbers with the unit that the field wants: latencies a time, errors perhaps percent.
std::optional<double> bound_of(std::string_view field, std::string_view text) {
  double unit = 1;
  const auto ends_with = [&](std::string_view suffix, double factor) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    unit = factor;
    return true;
  };
  if (latency_of(field)) {
    if (!ends_with("ns", 1) && !ends_with("us", 1e3) && !ends_with("ms", 1e6) && !ends_with("s", 1e9)) return {};
  } else if (field == "errors") {
    ends_with("%", 0.01);
  }
  const auto value = number(trimmed(text));
  if (!value) return {};
  return *value * unit;
}

std::optional<Expectation> parse(std::string_view text) {
  for (const std::string_view relation : kRelations) {
    const std::size_t at = text.find(relation);
    if (at == std::string_view::npos) continue;
    const std::string_view field = trimmed(text.substr(0, at));
    if (!is_field(field)) return {};
    const auto bound = bound_of(field, trimmed(text.substr(at + relation.size())));
    if (!bound) return {};
    return Expectation{std::string(text), std::string(field), std::string(relation), *bound};
  }
  return {};
}

const load::Distribution& distribution(const CpsRun& run, std::string_view of) {
  return of == "handshake" ? run.handshake : of == "first_byte" ? run.first_byte : run.total;
}

double value_of(const std::string& field, const CpsRun& run, load::GeneratorMode mode) {
  if (const auto latency = latency_of(field))
    return static_cast<double>(distribution(run, latency->of).percentile(latency->percent).count());
  if (field == "rate") return run.rate(mode);
  if (field == "best_second") return run.best_second(mode);
  if (field == "errors") return run.errors();
  if (field == "failed") return static_cast<double>(run.totals.all_failed());
  if (field == "marks") return static_cast<double>(run.marks.size());
  if (field == "retransmissions") return static_cast<double>(run.counter("retransmit_segments"));
  if (field == "packets_per_connection") return run.packets_per_connection();
  return run.throughput_bps();
}

bool holds(double value, const std::string& relation, double bound) {
  if (relation == "<=") return value <= bound;
  if (relation == ">=") return value >= bound;
  if (relation == "==") return value == bound;
  return relation == "<" ? value < bound : value > bound;
}

}  // namespace

std::string why_no_expectation(std::string_view text) {
  return parse(text) ? "" : fmt::format("\"{}\" is no condition", text);
}

Expectation parse_expectation(std::string_view text) {
  return parse(text).value();
}

// Latencies of nothing keep no promise: where none was measured, no condition on them holds.
Outcome judge(const Expectation& expectation, const CpsRun& run, load::GeneratorMode mode) {
  const double value = value_of(expectation.field, run, mode);
  const auto latency = latency_of(expectation.field);
  const bool is_empty = latency && distribution(run, latency->of).count() == 0;
  return {expectation.text, value, !is_empty && holds(value, expectation.relation, expectation.bound)};
}

}  // namespace weir::run
