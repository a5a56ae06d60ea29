#include <fmt/format.h>

#include <weir/nic/device.h>

#include "gather.h"

namespace weir::doctor {

namespace {

constexpr const char* kPci = "/sys/bus/pci/devices";
constexpr std::string_view kNetworkClass = "0x02";

std::string folder_of(const std::string& address) {
  return fmt::format("{}/{}", kPci, address);
}

// What /sys tells of a device on the PCI bus.
void describe_pci(const Machine& machine, const std::string& address, NicFacts& nic) {
  const std::string folder = folder_of(address);
  nic.driver = machine.link_target(folder + "/driver");
  nic.node = static_cast<int>(machine.number(folder + "/numa_node").value_or(-1));
  nic.width = machine.line(folder + "/current_link_width");
  nic.width_max = machine.line(folder + "/max_link_width");
  nic.speed = machine.line(folder + "/current_link_speed");
  nic.speed_max = machine.line(folder + "/max_link_speed");
}

// A virtio device stands between the PCI device and the interface: .../0000:00:03.0/virtio0/net/eth0.
std::vector<std::string> interfaces_of(const Machine& machine, const std::string& folder) {
  auto interfaces = machine.list(folder + "/net");
  for (const std::string& name : machine.list(folder))
    if (interfaces.empty() && name.starts_with("virtio")) interfaces = machine.list(folder + "/" + name + "/net");
  return interfaces;
}

NicFacts pci_nic(const Machine& machine, const std::string& address) {
  NicFacts nic;
  nic.name = address;
  nic.pci = true;
  nic.present = machine.has(folder_of(address));
  describe_pci(machine, address, nic);
  const auto interfaces = interfaces_of(machine, folder_of(address));
  if (interfaces.empty()) return nic;
  nic.interface = interfaces.front();
  nic.kernel = machine.interface(nic.interface);
  return nic;
}

// A port on top of an interface of the kernel's.
NicFacts interface_port(const Machine& machine, const std::string& interface) {
  NicFacts nic;
  nic.interface = interface;
  nic.kernel = machine.interface(interface);
  nic.present = nic.kernel.has_value();
  if (!nic.kernel) return nic;
  const bool on_pci = machine.has(folder_of(nic.kernel->bus)) && !nic.kernel->bus.empty();
  if (on_pci) describe_pci(machine, nic.kernel->bus, nic);
  nic.driver = nic.kernel->driver;
  return nic;
}

NicFacts port(const Machine& machine, const run::PortConfig& config) {
  const nic::Device device = nic::Device::parse(config.device);
  NicFacts nic;
  if (device.is_pci()) nic = pci_nic(machine, device.name);
  if (const auto interface = device.kernel_interface()) nic = interface_port(machine, *interface);
  nic.name = config.device;
  nic.configured = true;
  for (const Prefix& own : config.addresses) nic.wanted.push_back(own.address);
  nic.wanted.insert(nic.wanted.end(), config.announced.begin(), config.announced.end());
  return nic;
}

}  // namespace

std::vector<NicFacts> gather_ports(const Machine& machine, const run::ProcessConfig& config) {
  std::vector<NicFacts> nics;
  for (const run::PortConfig& wanted : config.ports) nics.push_back(port(machine, wanted));
  return nics;
}

std::vector<NicFacts> gather_nics(const Machine& machine) {
  std::vector<NicFacts> nics;
  for (const std::string& address : machine.list(kPci))
    if (machine.line(folder_of(address) + "/class").starts_with(kNetworkClass))
      nics.push_back(pci_nic(machine, address));
  return nics;
}

}  // namespace weir::doctor
