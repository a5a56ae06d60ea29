#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <weir/nic/device.h>
#include <weir/nic/setup_error.h>

#include "checks.h"
#include "pci_drivers.h"

namespace weir::doctor {

namespace {

std::string address_of(const NicFacts& nic) {
  return nic.pci && nic.configured ? nic::Device::parse(nic.name).name : nic.name;
}

std::string how_to_bind(const NicFacts& nic) {
  const std::string down = nic.interface.empty() ? "" : fmt::format("ip link set {} down; ", nic.interface);
  return fmt::format("{}modprobe vfio-pci; dpdk-devbind.py --bind=vfio-pci {}", down, address_of(nic));
}

Judged judge_presence(const Facts&, const NicFacts& nic) {
  if (nic.present) return std::nullopt;
  if (nic.pci) return broken("there is no such PCI device", "dpdk-devbind.py --status-dev net");
  return broken(fmt::format("there is no interface \"{}\" in this network namespace", nic.interface),
                "ip link (lists those there are)");
}

std::string addresses(const NicFacts& nic) {
  std::string text;
  if (!nic.kernel) return text;
  for (const IpAddress& address : nic.kernel->addresses) text += (text.empty() ? "" : " ") + address.to_string();
  return text;
}

// Bound to a driver of the kernel's that DPDK cannot share.
Judgement judge_kernel_driver(const NicFacts& nic) {
  const DriverPair* pair = pair_of(nic.driver);
  const std::string dpdk =
      pair == nullptr ? "whether DPDK knows the NIC: see the guides" : fmt::format("DPDK: {}", pair->dpdk);
  const std::string text = fmt::format("the kernel's driver {} has it ({})", nic.driver, dpdk);
  if (nic.configured) return broken(text, how_to_bind(nic));
  const std::string own = addresses(nic);
  if (!own.empty())
    return slow(fmt::format("{}, with the addresses {}: not to be taken if you are logged in through it", text, own),
                "if Weir shall have it: " + how_to_bind(nic));
  return slow(text + ": as it is Weir reaches it by net_af_packet only", how_to_bind(nic));
}

Judged judge_driver(const Facts&, const NicFacts& nic) {
  if (!nic.pci || !nic.present) return std::nullopt;
  if (is_for_user_space(nic.driver)) return ok(fmt::format("bound to {}: DPDK may have it", nic.driver));
  if (nic.driver.empty())
    return nic.configured ? broken("no driver is bound to it", how_to_bind(nic))
                          : slow("no driver is bound to it", how_to_bind(nic));
  const DriverPair* pair = pair_of(nic.driver);
  if (pair != nullptr && pair->bifurcated)
    return ok(fmt::format("{} beside the kernel's {}: nothing is to be bound", pair->dpdk, nic.driver));
  return judge_kernel_driver(nic);
}

Judged judge_opening(const Facts&, const NicFacts& nic) {
  if (nic.probe) return ok(fmt::format("opens: {}", nic.probe->driver));
  if (nic.probe_error.empty()) return std::nullopt;
  return broken(nic.probe_error, "if a running weir has it, `weir ctl status` tells; else do as the message says");
}

Judged judge_link(const Facts&, const NicFacts& nic) {
  if (!nic.probe && !nic.kernel) return std::nullopt;
  const nic::LinkState link = nic.probe ? nic.probe->link : nic.kernel->link;
  if (link.up) return ok(link.mbps == 0 ? "up" : fmt::format("up, {} Mbit/s", link.mbps));
  const std::string command = nic.interface.empty()
                                  ? "look at the cable, and at the port on the other side"
                                  : fmt::format("ip link set {} up; look at the cable", nic.interface);
  return nic.configured ? broken("down", command) : slow("down", command);
}

bool is_wanted(const NicFacts& nic, const IpAddress& address) {
  return std::ranges::find(nic.wanted, address) != nic.wanted.end();
}

// The kernel resets connections to its addresses that it does not know.
Judged judge_addresses(const Facts&, const NicFacts& nic) {
  if (!nic.configured || nic.pci || !nic.kernel) return std::nullopt;
  for (const IpAddress& own : nic.kernel->addresses)
    if (is_wanted(nic, own))
      return broken(
          fmt::format("the kernel owns {} on {} and would reset connections to it", own.to_string(), nic.interface),
          fmt::format("ip address flush dev {}", nic.interface));
  if (nic.kernel->addresses.empty()) return ok(fmt::format("the kernel has none on {}", nic.interface));
  return ok(fmt::format("the kernel's on {} are none of Weir's: {}", nic.interface, addresses(nic)));
}

constexpr std::array kChecks{
    NicCheck{"nic.present", "presence", judge_presence},     NicCheck{"nic.driver", "driver", judge_driver},
    NicCheck{"nic.opens", "opening it", judge_opening},      NicCheck{"nic.link", "link", judge_link},
    NicCheck{"nic.addresses", "addresses", judge_addresses},
};

}  // namespace

std::span<const NicCheck> nic_checks() {
  return kChecks;
}

}  // namespace weir::doctor
