#include <fmt/format.h>
#include <algorithm>

#include <weir/wire/packet.h>

#include "read_config.h"
#include "uses.h"

namespace weir::run {
namespace {

constexpr std::int64_t kMtuMin = 576;  // RFC 1122 §3.3.3; with IPv6 addresses 1280 (RFC 8200 §5)
constexpr std::int64_t kMtuMinIpv6 = 1280;
constexpr std::int64_t kMtuMax = PacketPool::kDataRoom - 18;  // a frame, with its VLAN tag, fits one buffer

void read_mac(TableReader& table, PortConfig& port) {
  const auto mac = table.parsed<MacAddress>("mac", kMacForm);
  if (!mac) return;
  port.mac = mac->value;
  if (!mac->value.is_group() && !mac->value.is_zero()) return;
  table.problems().add(mac->place, fmt::format("{} is not of one station", mac->value.to_string()),
                       "write one whose first byte is even, like \"02:00:00:00:00:01\"");
}

void read_addresses(TableReader& table, PortConfig& port, Unique<IpAddress>& addresses) {
  table.require("addresses", "write addresses = [\"192.0.2.2/24\"]: a port without an address serves nobody");
  for (const auto& prefix : table.all_parsed<Prefix>("addresses", kPrefixForm)) {
    const IpAddress& address = prefix.value.address;
    if (!check_unicast(table.problems(), {address, prefix.place})) continue;
    addresses.add(address, prefix.place, address.to_string(), "give every port addresses of its own");
    port.addresses.push_back(prefix.value);
  }
}

void check_mtu(TableReader& table, const PortConfig& port) {
  const auto is_v6 = [](const Prefix& prefix) { return !prefix.address.is_v4(); };
  if (port.mtu >= kMtuMinIpv6 || std::ranges::none_of(port.addresses, is_v6)) return;
  table.problems().add(table.place("mtu"), fmt::format("{} is too small for IPv6", port.mtu),
                       fmt::format("write at least {}, or leave out the port's IPv6 addresses", kMtuMinIpv6));
}

void read_device(TableReader& table, PortConfig& port, Unique<std::string>& devices) {
  table.require("device", "write device = \"net_af_packet0,iface=eth1\", or the PCI address of a NIC");
  const auto device = table.text("device");
  if (!device) return;
  port.device = device->value;
  check_device(table.problems(), *device);
  const std::string name = device->value.substr(0, device->value.find(','));
  devices.add(name, device->place, fmt::format("device \"{}\"", name), "number them: net_tap0, net_tap1");
}

}  // namespace

void read_ports(TableReader& top, ProcessConfig& process) {
  Unique<std::string> devices(top.problems());
  Unique<IpAddress> addresses(top.problems());
  top.require("port", "add a [[port]] with device and addresses");
  top.tables("port", [&](TableReader& table) {
    PortConfig& port = process.ports.emplace_back();
    read_device(table, port, devices);
    read_addresses(table, port, addresses);
    table.number("mtu", port.mtu, kMtuMin, kMtuMax);
    read_mac(table, port);
    table.flag("tso", port.tso);
    check_mtu(table, port);
  });
  if (process.ports.size() <= kPortsMax) return;
  top.problems().add(top.place("port"), fmt::format("there are {} ports", process.ports.size()),
                     fmt::format("configure at most {}", kPortsMax));
}

}  // namespace weir::run
