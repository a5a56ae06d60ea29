#include <fmt/format.h>
#include <algorithm>

#include "read_config.h"
#include "uses.h"

namespace weir::run {
namespace {

using balance::BackendConfig;
using balance::ServiceConfig;

const char* name_of(Family family) {
  return family == Family::kIpv4 ? "IPv4" : "IPv6";
}

bool has_family(const std::vector<IpAddress>& addresses, Family family) {
  return std::ranges::find(addresses, family, &IpAddress::family) != addresses.end();
}

bool has_family(const ProcessConfig& process, Family family) {
  const auto is_of = [&](const Prefix& prefix) { return prefix.address.family() == family; };
  return std::ranges::any_of(process.ports,
                             [&](const auto& port) { return std::ranges::any_of(port.addresses, is_of); });
}

bool has_route(ProcessConfig& process, const IpAddress& address) {
  const auto leads = [&](const RouteConfig& route) { return route.destination.contains(address); };
  return port_near(process, address) != nullptr || std::ranges::any_of(process.routes, leads);
}

// Connections to a back end need an address of its family to come from.
void check_source(TableReader& table, const ProcessConfig& process, const ServiceConfig& service,
                  const BackendConfig& backend) {
  const Family family = backend.address.address.family();
  const auto shown = fmt::format("back end \"{}\" is reached by {}", backend.name, name_of(family));
  if (!service.sources.empty() && !has_family(service.sources, family)) {
    table.problems().add(
        table.place("address"), fmt::format("{}, but no source address is", shown),
        fmt::format("add an {} address to source_addresses of the service, or leave them out", name_of(family)));
  } else if (!has_family(process, family)) {
    table.problems().add(table.place("address"), fmt::format("{}, but no port has such an address", shown),
                         fmt::format("add an {} address to a [[port]]", name_of(family)));
  }
}

void check_route(TableReader& table, ProcessConfig& process, const BackendConfig& backend) {
  const IpAddress& address = backend.address.address;
  if (!has_family(process, address.family()) || has_route(process, address)) return;
  table.problems().add(table.place("address"),
                       fmt::format("no way leads to back end \"{}\" at {}", backend.name, address.to_string()),
                       fmt::format("add a [[route]] with to = \"{}\"", address.is_v4() ? "0.0.0.0/0" : "::/0"));
}

// A service that is its own back end would send each connection round until something runs out.
void check_loop(TableReader& table, const ServiceConfig& service, const BackendConfig& backend) {
  if (std::ranges::find(service.listen, backend.address) == service.listen.end()) return;
  table.problems().add(
      table.place("address"),
      fmt::format("back end \"{}\" is the service's own address {}", backend.name, backend.address.to_string()),
      "write the address of the server");
}

}  // namespace

void check_backend(TableReader& table, ProcessConfig& process, const ServiceConfig& service,
                   const BackendConfig& backend) {
  if (process.ports.empty()) return;  // noted already, and nothing here could be right
  check_source(table, process, service, backend);
  check_route(table, process, backend);
  check_loop(table, service, backend);
}

}  // namespace weir::run
