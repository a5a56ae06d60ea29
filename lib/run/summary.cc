#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <weir/run/forecast.h>

namespace weir::run {
namespace {

template <typename T>
std::string list(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) text += (text.empty() ? "" : " ") + value.to_string();
  return text;
}

// Thousands of addresses are not for reading.
std::string shortened(const std::vector<IpAddress>& addresses) {
  constexpr std::size_t kShown = 8;
  if (addresses.size() <= kShown) return list(addresses);
  return fmt::format("{} to {} ({} addresses)", addresses.front().to_string(), addresses.back().to_string(),
                     addresses.size());
}

std::string of_process(const ProcessConfig& config) {
  std::string text =
      fmt::format("  process {}: {} worker{}, {} connections, control socket {}\n", config.name, config.workers,
                  config.workers == 1 ? "" : "s", config.connections, config.control_socket.string());
  for (const PortConfig& port : config.ports) {
    text += fmt::format("  port {}: {}", port.device, list(port.addresses));
    text += port.announced.empty() ? "\n" : fmt::format(", and besides {}\n", shortened(port.announced));
  }
  return text;
}

std::string of_memory(const ProcessConfig& config, std::uint64_t sessions_bytes) {
  return fmt::format("  {}\n", describe(forecast(config, sessions_bytes)));
}

std::string of_service(const balance::ServiceConfig& service) {
  return fmt::format("  service {} at {}: {} to {} back end{}, health checks {}\n", service.name, list(service.listen),
                     to_string(service.scheduler), service.backends.size(), service.backends.size() == 1 ? "" : "s",
                     service.health.enabled ? fmt::format("every {} ms", service.health.interval.count()) : "off");
}

}  // namespace

std::string summary(const LbConfig& config) {
  std::string text = of_process(config.process);
  for (const auto& service : config.balancer.services) text += of_service(service);
  for (const auto& line : describe_source_ports(config)) text += fmt::format("  {}\n", line);
  return text + of_memory(config.process, session_bytes(config));
}

std::string summary(const ServeConfig& config) {
  std::string text = of_process(config.process);
  for (const auto& server : config.serve.servers) {
    text += fmt::format("  server {}: {} at {}\n", server.name, to_string(server.kind), list(server.listen));
  }
  return text + of_memory(config.process, session_bytes(config));
}

std::string summary(const CpsConfig& config) {
  const load::GeneratorConfig& generator = config.generator;
  std::string text = of_process(config.process);
  text += fmt::format("  load: {}, {} at {}, ", to_string(generator.mode),
                      generator.rate > 0 ? fmt::format("{:.0f}/s", generator.rate) : "as fast as possible",
                      list(generator.targets));
  text += fmt::format("at most {} open, {:g} s after {:g} s of warm-up\n", generator.open_max,
                      static_cast<double>(config.plan.duration.count()) / 1000,
                      static_cast<double>((generator.ramp_up + config.plan.warm_up).count()) / 1000);
  for (const auto& line : describe_source_ports(config)) text += fmt::format("  {}\n", line);
  return text + of_memory(config.process, session_bytes(config));
}

}  // namespace weir::run
