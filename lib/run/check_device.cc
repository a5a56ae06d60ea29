#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <regex>
#include <string_view>

#include "uses.h"

namespace weir::run {
namespace {

struct DeviceKind {
  std::string_view name;      // without its number
  std::string_view argument;  // that it cannot do without
  std::string_view example;
};

constexpr std::array kDeviceKinds{
    DeviceKind{"net_af_packet", "iface", "net_af_packet0,iface=eth1"},
    DeviceKind{"net_af_xdp", "iface", "net_af_xdp0,iface=eth1"},
    DeviceKind{"net_memif", "role", "net_memif0,role=client,socket=/run/weir/memif.sock,socket-abstract=no"},
    DeviceKind{"net_virtio_user", "path", "net_virtio_user0,path=/run/weir/vhost.sock"},
    DeviceKind{"net_vhost", "iface", "net_vhost0,iface=/run/weir/vhost.sock"},
    DeviceKind{"net_tap", "iface", "net_tap0,iface=weir0"},
    DeviceKind{"net_pcap", "iface", "net_pcap0,iface=eth1"},
    DeviceKind{"net_null", "", "net_null0"},
};

bool is_pci_address(const std::string& device) {
  static const std::regex form("([0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7](,.*)?");
  return std::regex_match(device, form);
}

// "net_tap" of "net_tap0,iface=t".
std::string_view kind_of(std::string_view device) {
  const std::string_view name = device.substr(0, device.find(','));
  return name.substr(0, name.find_last_not_of("0123456789") + 1);
}

std::string all_kinds() {
  std::string list;
  for (const auto& kind : kDeviceKinds) list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", kind.example);
  return list;
}

}  // namespace

void check_device(Problems& problems, const Placed<std::string>& device) {
  if (is_pci_address(device.value)) return;
  const auto kind = std::ranges::find(kDeviceKinds, kind_of(device.value), &DeviceKind::name);
  if (kind == kDeviceKinds.end()) {
    return problems.add(device.place, fmt::format("unknown kind of device \"{}\"", device.value),
                        "write a PCI address like \"0000:03:00.0\", or one like these: " + all_kinds());
  }
  if (device.value.find(fmt::format(",{}=", kind->argument)) != std::string::npos) return;
  if (kind->argument.empty()) return;
  problems.add(device.place, fmt::format("\"{}\" lacks {}=", device.value, kind->argument),
               fmt::format("write it like \"{}\"", kind->example));
}

}  // namespace weir::run
