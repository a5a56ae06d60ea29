#include <fmt/format.h>

#include "read_config.h"
#include "uses.h"

namespace weir::run {
namespace {

// A next hop or neighbour has to be reachable without another route.
void check_adjacent(TableReader& table, ProcessConfig& process, const Placed<IpAddress>& address) {
  if (!check_unicast(table.problems(), address) || port_near(process, address.value) != nullptr) return;
  table.problems().add(address.place, fmt::format("{} is in no network of a port", address.value.to_string()),
                       "give a [[port]] an address with the network that it lies in");
}

void check_families(TableReader& table, const Placed<Prefix>& to, const Placed<IpAddress>& via) {
  if (to.value.address.family() == via.value.family()) return;
  table.problems().add(via.place,
                       fmt::format("{} and {} are of different families", to.value.to_string(), via.value.to_string()),
                       "use IPv4 for both or IPv6 for both");
}

void read_route(TableReader& table, ProcessConfig& process, Unique<Prefix>& destinations) {
  table.require("to", "write to = \"0.0.0.0/0\" for the default route, or a network");
  table.require("via", "write via = \"192.0.2.1\", the router's address");
  const auto to = table.parsed<Prefix>("to", kPrefixForm);
  const auto via = table.parsed<IpAddress>("via", kAddressForm);
  if (!to || !via) return;
  destinations.add(to->value, to->place, to->value.to_string(), "keep one route for it");
  check_families(table, *to, *via);
  check_adjacent(table, process, *via);
  process.routes.push_back({to->value, via->value});
}

void read_neighbour(TableReader& table, ProcessConfig& process, Unique<IpAddress>& neighbours) {
  table.require("address", "write address = \"192.0.2.7\"");
  table.require("mac", "write mac = \"02:00:00:00:00:07\"");
  const auto address = table.parsed<IpAddress>("address", kAddressForm);
  const auto mac = table.parsed<MacAddress>("mac", kMacForm);
  if (!address || !mac) return;
  neighbours.add(address->value, address->place, address->value.to_string(), "keep one MAC address for it");
  check_adjacent(table, process, *address);
  process.neighbours.push_back({address->value, mac->value});
}

}  // namespace

void read_routes(TableReader& top, ProcessConfig& process) {
  Unique<Prefix> destinations(top.problems());
  Unique<IpAddress> neighbours(top.problems());
  top.tables("route", [&](TableReader& table) { read_route(table, process, destinations); });
  top.tables("neighbour", [&](TableReader& table) { read_neighbour(table, process, neighbours); });
}

}  // namespace weir::run
