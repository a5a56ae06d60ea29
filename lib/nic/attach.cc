#include "attach.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <rte_dev.h>
#include <rte_ethdev.h>

#include <weir/nic/setup_error.h>

#include "log_capture.h"

namespace weir::nic {

namespace {

std::string package_of(const Device& device) {
  std::string name = device.driver;
  for (char& c : name)
    if (c == '_') c = '-';
  return "librte-" + name;
}

std::string remedy(const Device& device, int error) {
  if (device.is_pci())
    return "bind it to a driver that DPDK can use: `modprobe vfio-pci; dpdk-devbind.py --bind=vfio-pci " + device.name +
           "`";
  // EFAULT is how EAL says that no driver took the name.
  if (error == EFAULT || error == ENODEV)
    return "is its driver known and installed? Debian: `apt-get install librte-meta-net` (or " + package_of(device) +
           "23)";
  if (geteuid() != 0) return "this is not root: start it with sudo";
  return "see what its driver says";
}

}  // namespace

Attached attach(const Device& device, std::uint16_t queues) {
  Attached result;
  if (rte_eth_dev_get_port_by_name(device.name.c_str(), &result.port) == 0) return result;
  check_present(device);
  LogCapture log;
  const std::string arguments = device.arguments_for(queues);
  const int error = device.is_pci() ? -ENODEV : rte_eal_hotplug_add("vdev", device.name.c_str(), arguments.c_str());
  result.by_us = true;
  if (error == 0 && rte_eth_dev_get_port_by_name(device.name.c_str(), &result.port) == 0) return result;
  throw SetupError("device " + device.name + (arguments.empty() ? "" : "," + arguments) +
                   " does not start: " + remedy(device, -error) + log.quote());
}

void detach(const Device& device) {
  rte_eal_hotplug_remove("vdev", device.name.c_str());
}

}  // namespace weir::nic
