// Arithmetic of source ports: a connection is told by both its ends, so each source address gives so many connections
// to one back end, and a closed one holds its port for TIME_WAIT.
#include <algorithm>

#include <fmt/format.h>

#include <weir/flow/port_allocator.h>
#include <weir/run/forecast.h>

namespace weir::run {
namespace {

constexpr std::uint64_t kPorts = 65536 - PortAllocator::kFirstPort;

const char* name_of(Family family) {
  return family == Family::kIpv4 ? "IPv4" : "IPv6";
}

std::uint64_t backends_of(const balance::ServiceConfig& service, Family family) {
  const auto is_of = [&](const auto& backend) { return backend.address.address.family() == family; };
  return static_cast<std::uint64_t>(std::ranges::count_if(service.backends, is_of));
}

// Without addresses of a family, the host uses one of its own.
std::uint64_t sources_of(const balance::ServiceConfig& service, Family family) {
  return static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(
      1, std::ranges::count(service.sources, family, [](const IpAddress& source) { return source.family(); })));
}

std::string rate(std::uint64_t sources, std::chrono::milliseconds time_wait) {
  const double seconds = static_cast<double>(time_wait.count()) / 1000;
  return fmt::format("{} address{} x {} ports / {:g} s TIME_WAIT = {:.0f} connections/s per back end", sources,
                     sources == 1 ? "" : "es", kPorts, seconds, static_cast<double>(sources * kPorts) / seconds);
}

// Said only where the addresses bound what may be open at once more than the configuration does.
std::string shortage(std::uint64_t wanted, std::uint64_t sources, std::uint64_t backends) {
  const std::uint64_t possible = sources * kPorts * backends;
  if (possible >= wanted) return "";
  const std::uint64_t needed = (wanted + kPorts * backends - 1) / (kPorts * backends);
  return fmt::format("; too few for {} at once: only {} fit. Give source_addresses {} more", wanted, possible,
                     needed - sources);
}

}  // namespace

std::vector<std::string> describe_source_ports(const LbConfig& config) {
  std::vector<std::string> lines;
  const std::uint64_t wanted = std::uint64_t{config.balancer.sessions} * config.process.workers;
  for (const auto& service : config.balancer.services) {
    for (const Family family : {Family::kIpv4, Family::kIpv6}) {
      const std::uint64_t backends = backends_of(service, family), sources = sources_of(service, family);
      if (backends == 0) continue;
      lines.push_back(fmt::format("source ports of {}, {}: {}{}", service.name, name_of(family),
                                  rate(sources, 2 * config.process.tcp.msl), shortage(wanted, sources, backends)));
    }
  }
  return lines;
}

}  // namespace weir::run
