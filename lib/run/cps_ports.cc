// Arithmetic of the load generator's source ports.
#include <algorithm>

#include <fmt/format.h>

#include <weir/flow/port_allocator.h>
#include <weir/run/forecast.h>

namespace weir::run {
namespace {

using load::FirstToClose;
using load::GeneratorMode;

constexpr std::uint64_t kPorts = 65536 - PortAllocator::kFirstPort;

const char* plural(std::uint64_t n) {
  return n == 1 ? "" : "es";
}

std::string in_words(const PortArithmetic& ports) {
  const std::string targets = ports.targets == 1 ? "" : fmt::format(" x {} targets", ports.targets);
  return fmt::format("{} address{} x {} ports{} / {:g} s TIME_WAIT = {:.0f}/s", ports.sources, plural(ports.sources),
                     kPorts, targets, ports.time_wait_s, ports.per_second);
}

// This family's part of the rate: targets are taken in turn.
double rate_of(const CpsConfig& config, const PortArithmetic& ports) {
  const auto all = static_cast<double>(config.generator.targets.size());
  return config.generator.rate * static_cast<double>(ports.targets) / all;
}

bool opens_again_and_again(const CpsConfig& config) {
  return config.generator.mode == GeneratorMode::kConnections;
}

double seconds_of_run(const CpsConfig& config) {
  return std::chrono::duration<double>(config.generator.ramp_up / 2 + config.plan.warm_up + config.plan.duration)
      .count();
}

}  // namespace

PortArithmetic port_arithmetic(const CpsConfig& config, Family family) {
  const auto is_of = [&](const auto& one) { return one.family() == family; };
  PortArithmetic ports;
  ports.sources = static_cast<std::uint64_t>(std::ranges::count_if(config.generator.sources, is_of));
  ports.targets = static_cast<std::uint64_t>(
      std::ranges::count_if(config.generator.targets, is_of, [](const Endpoint& target) { return target.address; }));
  ports.ports = ports.sources * ports.targets * kPorts;
  ports.time_wait_s = static_cast<double>(2 * config.process.tcp.msl.count()) / 1000;
  ports.per_second = static_cast<double>(ports.ports) / ports.time_wait_s;
  return ports;
}

std::string port_shortage(const CpsConfig& config, Family family) {
  const PortArithmetic ports = port_arithmetic(config, family);
  if (ports.targets == 0 || ports.sources == 0 || config.generator.mode == GeneratorMode::kFlood) return "";
  if (!opens_again_and_again(config)) {
    if (config.generator.open_max <= ports.ports || ports.targets != config.generator.targets.size()) return "";
    return fmt::format("{} open at once are more than {} address{} x {} ports give", config.generator.open_max,
                       ports.sources, plural(ports.sources), kPorts);
  }
  if (config.generator.closes_first != FirstToClose::kClient) return "";
  const double rate = rate_of(config, ports);
  const double resting = rate * std::min(ports.time_wait_s, seconds_of_run(config));
  if (resting <= static_cast<double>(ports.ports)) return "";
  return fmt::format("{:.0f}/s for {:g} s needs {:.0f} ports, and there are {}: {}", rate, seconds_of_run(config),
                     resting, ports.ports, in_words(ports));
}

std::vector<std::string> describe_source_ports(const CpsConfig& config) {
  std::vector<std::string> lines;
  if (config.generator.mode == GeneratorMode::kFlood) return lines;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const PortArithmetic ports = port_arithmetic(config, family);
    if (ports.targets == 0) continue;
    std::string line = fmt::format("source ports, {}: {}", family == Family::kIpv4 ? "IPv4" : "IPv6", in_words(ports));
    const bool is_server = config.generator.closes_first == FirstToClose::kServer;
    if (opens_again_and_again(config) && is_server && rate_of(config, ports) > ports.per_second)
      line += fmt::format(
          "; {:.0f}/s are asked for: the server's TIME_WAIT is met again, and a server that does not "
          "take a new SYN for an old one will refuse",
          rate_of(config, ports));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace weir::run
