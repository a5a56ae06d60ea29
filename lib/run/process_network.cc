// What each worker's network layer and host are told of ports, routes, neighbours and addresses.
#include <algorithm>

#include "process_impl.h"

namespace weir::run {

void Process::Impl::add_interfaces(Worker& worker) {
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const stack::InterfaceConfig interface { ports[i]->mac(), config.ports[i].mtu, config.ports[i].addresses };
    worker.network().add_interface(interface);
    for (const IpAddress& address : config.ports[i].announced) worker.network().add_virtual_address(address);
    worker.network().set_link(static_cast<std::uint16_t>(i), ports[i]->link().up, worker.host().now());
  }
  if (worker.index() == 0) worker.network().announce(worker.host().now());
  add_routes(worker.network());
  add_neighbours(worker.network());
  add_local_addresses(worker.host());
}

void Process::Impl::add_routes(stack::Network& network) {
  for (const RouteConfig& route : config.routes) {
    const stack::RouteError error = network.add_route(route.destination, route.via);
    if (error != stack::RouteError::kNone)
      throw nic::SetupError("route to " + route.destination.to_string() + " via " + route.via.to_string() + ": " +
                            to_string(error));
  }
}

void Process::Impl::add_neighbours(stack::Network& network) {
  for (const NeighbourConfig& neighbour : config.neighbours) {
    const auto on_link = [&](const PortConfig& port) {
      return std::any_of(port.addresses.begin(), port.addresses.end(),
                         [&](const Prefix& prefix) { return prefix.contains(neighbour.address); });
    };
    const auto port = std::find_if(config.ports.begin(), config.ports.end(), on_link);
    const auto interface = static_cast<std::uint16_t>(port - config.ports.begin());
    if (port == config.ports.end() || !network.add_neighbour(interface, neighbour.address, neighbour.mac))
      throw nic::SetupError("neighbour " + neighbour.address.to_string() +
                            ": it is in no port's network, or there are too many");
  }
}

// The same order on every worker: an address's index is part of the flow hash. Configured ones come first, as the
// first of a family is what connections start from.
void Process::Impl::add_local_addresses(stack::Host& host) {
  const auto add = [&](const IpAddress& address, std::uint16_t mtu) {
    if (!host.is_local(address)) host.add_address(address, mtu);
  };
  for (const PortConfig& port : config.ports) {
    for (const Prefix& own : port.addresses) add(own.address, port.mtu);
    for (const IpAddress& address : port.announced) add(address, port.mtu);
  }
  for (std::size_t i = 0; i < ports.size(); ++i) add(stack::link_local_for(ports[i]->mac()), config.ports[i].mtu);
}

}  // namespace weir::run
