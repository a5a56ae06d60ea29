#include <filesystem>
#include <string>

#include <net/if.h>

#include <weir/nic/device.h>
#include <weir/nic/setup_error.h>

namespace weir::nic {

namespace {

void check_interface(const Device& device, const std::string& interface) {
  if (interface.empty())
    throw SetupError(device.name + " needs the interface it sits on: write \"" + device.name + ",iface=NAME\" " +
                     "(`ip link` lists the names)");
  if (if_nametoindex(interface.c_str()) != 0) return;
  throw SetupError("there is no interface \"" + interface + "\" for " + device.name +
                   " in this network namespace: " + "`ip link` lists those there are; one to try with: `ip link add " +
                   interface + " type veth peer name " + interface.substr(0, 12) + "-p`");
}

void check_pci(const Device& device) {
  if (std::filesystem::exists("/sys/bus/pci/devices/" + device.name)) return;
  throw SetupError("there is no PCI device " + device.name + ": `dpdk-devbind.py --status-dev net` lists the NICs");
}

void check_vhost_socket(const Device& device) {
  const auto path = device.argument("path");
  if (!path) throw SetupError(device.name + " needs the socket of its vhost peer: write \"path=FILE\"");
  if (device.argument("server") || std::filesystem::exists(*path)) return;
  throw SetupError("the vhost peer of " + device.name + " is not there (" + *path +
                   "): start the process with net_vhost first");
}

}  // namespace

void check_present(const Device& device) {
  if (device.is_pci()) return check_pci(device);
  if (const auto interface = device.kernel_interface()) check_interface(device, *interface);
  if (device.driver == "net_virtio_user") check_vhost_socket(device);
}

}  // namespace weir::nic
