// What in [load] does not fit together.
#include <algorithm>

#include <fmt/format.h>

#include <weir/run/forecast.h>

#include "read_config.h"

namespace weir::run {
namespace {

using load::FirstToClose;
using load::GeneratorConfig;
using load::GeneratorMode;
using load::GeneratorProtocol;

void check_protocol(TableReader& table, const GeneratorConfig& load) {
  Problems& problems = table.problems();
  const bool asks = load.mode == GeneratorMode::kRequests || load.mode == GeneratorMode::kThroughput;
  if (load.protocol == GeneratorProtocol::kNone && asks)
    problems.add(table.place("protocol"), fmt::format("mode \"{}\" has nothing to ask for", to_string(load.mode)),
                 "write protocol = \"http\" or \"raw\"");
  const bool needs_length = load.mode == GeneratorMode::kRequests || load.mode == GeneratorMode::kConcurrent;
  if (load.protocol == GeneratorProtocol::kRaw && needs_length && load.answer_bytes == 0)
    problems.add(table.place("answer_bytes"), "nothing says where an answer on a kept connection ends",
                 "write answer_bytes = how many bytes each has");
  const bool ends_by_itself = load.answer_bytes != 0 || load.closes_first == FirstToClose::kServer;
  if (load.protocol == GeneratorProtocol::kRaw && load.mode == GeneratorMode::kConnections && !ends_by_itself)
    problems.add(table.place("answer_bytes"), "nothing says where the answer ends, and the server is not to close",
                 "write answer_bytes = how many bytes it has, or closes_first = \"server\"");
  const bool is_upload = load.transfer == load::Transfer::kUpload;
  if (is_upload && (load.mode != GeneratorMode::kThroughput || load.protocol != GeneratorProtocol::kRaw))
    problems.add(table.place("transfer"), "only bytes are sent without end",
                 "write mode = \"throughput\" and protocol = \"raw\" beside transfer = \"upload\"");
}

void check_sources(TableReader& table, const GeneratorConfig& load) {
  if (load.mode == GeneratorMode::kFlood) return;
  for (const Endpoint& target : load.targets) {
    const auto fits = [&](const IpAddress& source) { return source.family() == target.address.family(); };
    if (std::ranges::any_of(load.sources, fits)) continue;
    table.problems().add(table.place("sources"), fmt::format("no source is of the family of {}", target.to_string()),
                         "add one to sources, or to the addresses of the [[port]]");
  }
}

void check_open(TableReader& table, const CpsConfig& config) {
  if (config.generator.open_max <= config.process.connections) return;
  table.problems().add(table.place("open_max"),
                       fmt::format("{} is more than connections = {} under [process]", config.generator.open_max,
                                   config.process.connections),
                       fmt::format("write connections = {} there, or less here", config.generator.open_max));
}

void check_flood(TableReader& table, const GeneratorConfig& load) {
  if (load.mode != GeneratorMode::kFlood || load.rate > 0) return;
  table.problems().add(table.place("rate"), "a flood without a rate would be as fast as this machine",
                       "write rate = SYNs a second");
}

void check_ports(TableReader& table, const CpsConfig& config) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const std::string shortage = port_shortage(config, family);
    if (!shortage.empty())
      table.problems().add(table.place("sources"), shortage,
                           "give more sources, a lower rate, a shorter run, or msl_ms under [tcp]");
  }
}

}  // namespace

void check_load(TableReader& load, CpsConfig& config) {
  check_protocol(load, config.generator);
  check_sources(load, config.generator);
  check_open(load, config);
  check_flood(load, config.generator);
  check_ports(load, config);
}

}  // namespace weir::run
