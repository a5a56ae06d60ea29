#include <weir/balance/source_pool.h>

#include <algorithm>

#include <weir/flow/port_allocator.h>

namespace weir::balance {
namespace {

constexpr std::uint64_t kPortsEach = 65536 - PortAllocator::kFirstPort;

std::string arithmetic(const ServiceConfig& service, Family family, std::uint64_t sessions,
                       std::chrono::seconds time_wait) {
  const auto of_family = [&](const IpAddress& address) { return address.family() == family; };
  const auto given = static_cast<std::uint64_t>(std::ranges::count_if(service.sources, of_family));
  const std::uint64_t addresses = std::max<std::uint64_t>(1, given);
  const std::uint64_t ports = addresses * kPortsEach;
  if (ports >= sessions) return {};
  const std::uint64_t needed = (sessions + kPortsEach - 1) / kPortsEach;
  const std::string name = family == Family::kIpv4 ? "IPv4" : "IPv6";
  const std::string rate =
      std::to_string(ports / static_cast<std::uint64_t>(std::max<std::int64_t>(1, time_wait.count())));
  return "service " + service.name + ": " + std::to_string(addresses) + " " + name + " source address" +
         (addresses == 1 ? "" : "es") + " x " + std::to_string(kPortsEach) + " ports = " + std::to_string(ports) +
         " connections to one back end at a time, fewer than the " + std::to_string(sessions) +
         " sessions configured, and " + rate + " new ones a second while each port rests " +
         std::to_string(time_wait.count()) + " s after Weir closed first; give it " + std::to_string(needed) +
         " addresses in `sources`\n";
}

}  // namespace

SourcePool::SourcePool(std::span<const IpAddress> addresses) {
  for (const IpAddress& address : addresses) of(address.family()).addresses.push_back(address);
}

std::size_t SourcePool::tries(Family family) const {
  return std::max<std::size_t>(1, of(family).addresses.size());
}

std::optional<IpAddress> SourcePool::next(Family family) {
  Ring& ring = of(family);
  if (ring.addresses.empty()) return {};
  ring.next = (ring.next + 1) % ring.addresses.size();
  return ring.addresses[ring.next];
}

std::string source_shortage(const ServiceConfig& service, std::uint64_t sessions, std::chrono::seconds time_wait) {
  std::string result;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const auto uses = [&](const BackendConfig& backend) { return backend.address.address.family() == family; };
    if (std::ranges::any_of(service.backends, uses)) result += arithmetic(service, family, sessions, time_wait);
  }
  return result;
}

}  // namespace weir::balance
