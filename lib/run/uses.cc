#include "uses.h"

#include <fmt/format.h>
#include <algorithm>

namespace weir::run {
namespace {

// The first and the last address of an IPv4 network name the network and everybody in it (RFC 1122 §3.2.1.3);
// networks of 31 and 32 bits have neither (RFC 3021).
bool is_reserved_in(const Prefix& network, const IpAddress& address) {
  if (!address.is_v4() || network.length >= 31) return false;
  const std::uint32_t host_bits = 0xffff'ffffU >> network.length;
  const std::uint32_t host = address.as_v4().value() & host_bits;
  return host == 0 || host == host_bits;
}

const char* why_not_unicast(const IpAddress& address) {
  if (address.is_unspecified()) return "stands for no host";
  if (address.is_multicast()) return "is a multicast address";
  if (address.is_broadcast()) return "is the broadcast address";
  if (address.is_loopback()) return "is a loopback address";
  return nullptr;
}

const Prefix* network_of(const PortConfig& port, const IpAddress& address) {
  const auto found = std::ranges::find_if(port.addresses, [&](const Prefix& p) { return p.contains(address); });
  return found == port.addresses.end() ? nullptr : &*found;
}

bool is_own(const PortConfig& port, const IpAddress& address) {
  return std::ranges::find(port.addresses, address, &Prefix::address) != port.addresses.end() ||
         std::ranges::find(port.announced, address) != port.announced.end();
}

}  // namespace

void check_label(Problems& problems, const Placed<std::string>& name) {
  constexpr std::size_t kLabelMax = 64;
  const std::string& text = name.value;
  const auto fits = [](char c) { return c > ' ' && c != '"' && c != '\\' && c < 0x7f; };
  if (!text.empty() && text.size() <= kLabelMax && std::ranges::all_of(text, fits)) return;
  problems.add(name.place, fmt::format("\"{}\" cannot be a name", text),
               fmt::format("write 1 to {} letters, digits and signs, without blanks and quotation marks", kLabelMax));
}

bool check_unicast(Problems& problems, const Placed<IpAddress>& address) {
  const char* why = why_not_unicast(address.value);
  if (why == nullptr) return true;
  problems.add(address.place, fmt::format("{} {}", address.value.to_string(), why), "write an address of one host");
  return false;
}

bool check_port(Problems& problems, const Placed<Endpoint>& endpoint) {
  if (endpoint.value.port != 0) return true;
  problems.add(endpoint.place, "port 0 is out of range", "write a port from 1 to 65535");
  return false;
}

bool check_endpoint(Problems& problems, const Placed<Endpoint>& endpoint) {
  return check_port(problems, endpoint) && check_unicast(problems, {endpoint.value.address, endpoint.place});
}

PortConfig* port_near(ProcessConfig& process, const IpAddress& address) {
  const auto near = [&](const PortConfig& port) { return network_of(port, address) != nullptr; };
  const auto found = std::ranges::find_if(process.ports, near);
  return found == process.ports.end() ? nullptr : &*found;
}

void announce(Problems& problems, ProcessConfig& process, const Placed<IpAddress>& address) {
  const auto owns = [&](const PortConfig& port) { return is_own(port, address.value); };
  if (!check_unicast(problems, address) || std::ranges::any_of(process.ports, owns)) return;
  if (std::ranges::all_of(process.ports, &std::vector<Prefix>::empty, &PortConfig::addresses)) return;  // noted
  const std::string shown = address.value.to_string();
  PortConfig* port = port_near(process, address.value);
  if (port == nullptr) {
    const auto remedy = "add \"{}/{}\" to the addresses of the [[port]] that is to serve it";
    return problems.add(address.place, shown + " is in no network of a port",
                        fmt::format(fmt::runtime(remedy), shown, address.value.is_v4() ? 32 : 128));
  }
  if (is_reserved_in(*network_of(*port, address.value), address.value)) {
    return problems.add(address.place, shown + " is the network's own or its broadcast address",
                        "choose one between them");
  }
  port->announced.push_back(address.value);
}

}  // namespace weir::run
