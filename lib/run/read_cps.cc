// [load]: what `weir cps` is to do.
#include <algorithm>

#include <fmt/format.h>

#include <weir/run/cps_expect.h>

#include "read_config.h"
#include "uses.h"

namespace weir::run {
namespace {

using load::FirstToClose;
using load::GeneratorConfig;
using load::GeneratorMode;
using load::GeneratorProtocol;

constexpr std::int64_t kRateMax = 100'000'000;
constexpr std::int64_t kDayMs = 86'400'000;

void read_kind(TableReader& table, GeneratorConfig& load) {
  table.choice("mode", load.mode,
               {{"connections", GeneratorMode::kConnections},
                {"concurrent", GeneratorMode::kConcurrent},
                {"requests", GeneratorMode::kRequests},
                {"throughput", GeneratorMode::kThroughput},
                {"flood", GeneratorMode::kFlood}});
  table.choice(
      "protocol", load.protocol,
      {{"http", GeneratorProtocol::kHttp}, {"raw", GeneratorProtocol::kRaw}, {"none", GeneratorProtocol::kNone}});
  table.choice("closes_first", load.closes_first,
               {{"server", FirstToClose::kServer}, {"client", FirstToClose::kClient}, {"reset", FirstToClose::kReset}});
  table.choice("transfer", load.transfer,
               {{"download", load::Transfer::kDownload}, {"upload", load::Transfer::kUpload}});
}

void read_targets(TableReader& table, GeneratorConfig& load) {
  table.require("targets", "write targets = [\"192.0.2.80:80\"]: what is to be measured");
  Unique<Endpoint> seen(table.problems());
  for (const auto& target : table.all_parsed<Endpoint>("targets", kEndpointForm)) {
    if (!check_endpoint(table.problems(), target)) continue;
    seen.add(target.value, target.place, target.value.to_string(), "name every target once");
    load.targets.push_back(target.value);
  }
  if (load.targets.size() <= load::kTargetsMax) return;
  table.problems().add(table.place("targets"), fmt::format("there are {} targets", load.targets.size()),
                       fmt::format("write at most {}", load::kTargetsMax));
}

// Without any: what the ports have themselves.
void read_own_sources(TableReader& table, ProcessConfig& process, GeneratorConfig& load) {
  load.sources = read_sources(table, "sources");
  for (const IpAddress& source : load.sources) announce(table.problems(), process, {source, table.place("sources")});
  if (table.has("sources")) return;
  for (const PortConfig& port : process.ports)
    for (const Prefix& own : port.addresses) load.sources.push_back(own.address);
}

void check_one_line(TableReader& table, std::string_view key, const Placed<std::string>& text) {
  const auto is_visible = [](char c) { return c > ' ' && c < 0x7f; };
  if (std::ranges::all_of(text.value, is_visible) && !text.value.empty()) return;
  table.problems().add(text.place, fmt::format("\"{}\" cannot stand in a request", text.value),
                       fmt::format("write {} without blanks and control characters", key));
}

std::string http_request(TableReader& table, const GeneratorConfig& load) {
  std::string path = "/";
  std::string host = load.targets.empty() ? "" : load.targets.front().to_string();
  if (const auto text = table.text("path")) check_one_line(table, "path", *text), path = text->value;
  if (const auto text = table.text("host")) check_one_line(table, "host", *text), host = text->value;
  const bool is_single = load.mode == GeneratorMode::kConnections && load.closes_first == FirstToClose::kServer;
  return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", path, host, is_single ? "Connection: close\r\n" : "");
}

// Keys that say something to one protocol only.
void check_keys_of(TableReader& table, GeneratorProtocol used, GeneratorProtocol wanted,
                   std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (used == wanted || !table.has(key)) continue;
    table.problems().add(table.place(key), fmt::format("is for protocol = \"{}\"", to_string(wanted)),
                         fmt::format("remove it, or the protocol \"{}\"", to_string(used)));
  }
}

void read_request(TableReader& table, GeneratorConfig& load) {
  check_keys_of(table, load.protocol, GeneratorProtocol::kHttp, {"path", "host", "status"});
  check_keys_of(table, load.protocol, GeneratorProtocol::kRaw, {"request", "answer_bytes"});
  const std::string get = http_request(table, load);
  const auto raw = table.text("request");
  table.number("status", load.status, 200, 599);
  table.number("answer_bytes", load.answer_bytes, 0, std::int64_t{1} << 40);
  if (load.protocol == GeneratorProtocol::kHttp) load.request = get;
  if (load.protocol == GeneratorProtocol::kRaw && raw) load.request = raw->value;
  if (load.request.size() <= load::kRequestBytesMax) return;
  table.problems().add(table.place(), fmt::format("a request of {} bytes", load.request.size()),
                       fmt::format("write at most {}", load::kRequestBytesMax));
}

void read_pace(TableReader& table, GeneratorConfig& load, MeasurePlan& plan) {
  std::int64_t rate = 0;
  table.number("rate", rate, 0, kRateMax);
  load.rate = static_cast<double>(rate);
  table.number("open_max", load.open_max, 1, 1 << 28);
  table.milliseconds("ramp_up_ms", load.ramp_up, 0, kDayMs);
  table.milliseconds("warm_up_ms", plan.warm_up, 0, kDayMs);
  table.milliseconds("duration_ms", plan.duration, 1000, 30 * kDayMs);
  table.milliseconds("timeout_ms", load.timeout, 10, kDayMs);
  table.milliseconds("interval_ms", load.interval, 1, kDayMs);
}

void read_expectations(TableReader& table, MeasurePlan& plan) {
  for (const auto& condition : table.texts("expect")) {
    plan.expect.push_back(condition.value);
    if (const std::string wrong = why_no_expectation(condition.value); !wrong.empty())
      table.problems().add(condition.place, wrong, std::string(kExpectationForm));
  }
}

// Networks in which addresses may be made up: RFC 1918, 2544, 3849, 4193, 5180, 5737, 6598.
bool may_be_made_up(const Prefix& network) {
  for (const char* text :
       {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "192.0.2.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "2001:2::/48", "fc00::/7"}) {
    const Prefix allowed = Prefix::parse(text).value();
    if (network.address.family() == allowed.address.family() && network.length >= allowed.length &&
        allowed.contains(network.address))
      return true;
  }
  return false;
}

void check_flood_targets(TableReader& table, const GeneratorConfig& load, const std::vector<IpAddress>& allowed) {
  for (const Endpoint& target : load.targets) {
    if (std::ranges::find(allowed, target.address) != allowed.end()) continue;
    table.problems().add(table.place(), fmt::format("{} is not allowed to be flooded", target.address.to_string()),
                         fmt::format("where it is yours, write allowed_targets = [\"{}\"] under [load.flood]",
                                     target.address.to_string()));
  }
}

void check_flood_sources(TableReader& table, const GeneratorConfig& load) {
  for (const Endpoint& target : load.targets) {
    const auto fits = [&](const Prefix& network) { return network.address.family() == target.address.family(); };
    if (std::ranges::any_of(load.flood_sources, fits)) continue;
    table.problems().add(table.place(), fmt::format("no sources are of the family of {}", target.to_string()),
                         "write sources = [\"198.18.0.0/15\", \"2001:2::/48\"] under [load.flood]");
  }
}

// Of a flood beside the connections.
void read_flood_rate(TableReader& table, GeneratorConfig& load) {
  std::int64_t rate = 0;
  table.number("rate", rate, 0, kRateMax);
  load.flood_rate = static_cast<double>(rate);
  if (load.mode != GeneratorMode::kFlood || rate == 0) return;
  table.problems().add(table.place("rate"), "the mode is \"flood\", whose rate is that of [load]",
                       "write it there, or another mode");
}

void read_flood(TableReader& table, GeneratorConfig& load) {
  for (const auto& network : table.all_parsed<Prefix>("sources", kPrefixForm)) {
    load.flood_sources.push_back(network.value);
    if (may_be_made_up(network.value)) continue;
    table.problems().add(network.place, fmt::format("{} is not a network for tests", network.value.to_string()),
                         "write one such as \"198.18.0.0/15\", \"10.1.0.0/16\" or \"2001:2::/48\"");
  }
  std::vector<IpAddress> allowed;
  for (const auto& one : table.all_parsed<IpAddress>("allowed_targets", kAddressForm)) allowed.push_back(one.value);
  read_flood_rate(table, load);
  if (load.mode != GeneratorMode::kFlood && load.flood_rate == 0) return;
  check_flood_targets(table, load, allowed);
  check_flood_sources(table, load);
}

}  // namespace

void read_load(TableReader& top, CpsConfig& config) {
  top.require("load", "add [load] with targets and mode");
  top.table("load", [&](TableReader& table) {
    GeneratorConfig& load = config.generator;
    read_kind(table, load);
    read_targets(table, load);
    read_own_sources(table, config.process, load);
    read_request(table, load);
    read_pace(table, load, config.plan);
    read_expectations(table, config.plan);
    load.tcp = config.process.tcp;
    if (load.mode == GeneratorMode::kFlood && !table.has("flood")) check_flood_targets(table, load, {});
    table.table("flood", [&](TableReader& flood) { read_flood(flood, load); });
    check_load(table, config);
  });
}

}  // namespace weir::run
