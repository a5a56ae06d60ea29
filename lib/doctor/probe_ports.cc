#include <weir/doctor/facts.h>

#include <weir/nic/eal.h>
#include <weir/wire/packet.h>

#include "pci_drivers.h"

namespace weir::doctor {

namespace {

constexpr std::uint16_t kDescriptors = 256;
constexpr std::uint32_t kBytesPerPacket = 2560;
constexpr std::uint32_t kDriversMemoryMb = 128;
constexpr std::chrono::milliseconds kPatience{3000};  // for a link that comes up once the port runs

// Others stand on sockets that a running process may hold, or change the interface for everybody.
bool may_be_opened(const NicFacts& nic) {
  if (!nic.present) return false;
  if (!nic.pci) return nic.name.starts_with("net_af_packet");
  const DriverPair* pair = pair_of(nic.driver);
  return is_for_user_space(nic.driver) || (pair != nullptr && pair->bifurcated);
}

std::uint32_t packets_for(const Facts& facts) {
  return static_cast<std::uint32_t>(facts.nics.size()) * facts.workers() * kDescriptors * 4 + 4096;
}

nic::EalConfig eal_config(const Facts& facts) {
  nic::EalConfig eal;
  eal.program = "weir-doctor";
  eal.file_prefix = "doctor";
  eal.memory_mb = (packets_for(facts) * kBytesPerPacket >> 20) + kDriversMemoryMb;
  for (const NicFacts& nic : facts.nics)
    if (may_be_opened(nic)) eal.devices.push_back(nic::Device::parse(nic.name));
  return eal;
}

void probe(const Facts& facts, const run::PortConfig& wanted, PacketPool& packets, NicFacts& nic) {
  nic::PortConfig port;
  port.device = wanted.device;
  port.queues = static_cast<std::uint16_t>(facts.workers());
  port.mtu = wanted.mtu;
  port.rx_descriptors = port.tx_descriptors = kDescriptors;
  try {
    nic.probe = nic::probe(port, packets, kPatience);
  } catch (const Error& error) {
    nic.probe_error = error.what();
  }
}

}  // namespace

void probe_ports(Facts& facts) {
  const nic::EalConfig config = eal_config(facts);
  if (!facts.config || config.devices.empty()) return;
  try {
    const nic::Eal eal(config);
    PacketPool packets("doctor", packets_for(facts));
    for (std::size_t i = 0; i < facts.nics.size(); ++i)
      if (may_be_opened(facts.nics[i])) probe(facts, facts.config->process.ports[i], packets, facts.nics[i]);
  } catch (const Error& error) {
    for (NicFacts& nic : facts.nics)
      if (may_be_opened(nic)) nic.probe_error = error.what();
  }
}

}  // namespace weir::doctor
