#include <algorithm>
#include <bit>
#include <cstring>

#include <weir/base/random.h>

#include "process_impl.h"

namespace weir::run {

namespace {

// Descriptors hold packets: all queues together at most half of the pool.
std::uint16_t descriptors_for(const ProcessConfig& config) {
  const auto queues = static_cast<std::uint32_t>(config.ports.size()) * config.workers;
  const std::uint32_t each = std::bit_floor(config.packets / (queues * 4));
  return static_cast<std::uint16_t>(std::clamp(each, kDescriptorsMin, kDescriptorsMax));
}

nic::RssKey secret_rss_key() {
  nic::RssKey key;
  for (std::size_t at = 0; at < key.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t bytes = secret_seed();
    std::memcpy(key.data() + at, &bytes, std::min(sizeof bytes, key.size() - at));
  }
  return key;
}

}  // namespace

void Process::Impl::open_ports() {
  const nic::RssKey key = secret_rss_key();  // one for all: a connection's packets may come by any of them
  for (const PortConfig& wanted : config.ports) {
    open_port(wanted, key);
    const nic::Port& opened = *ports.back();
    check_kernel_addresses(wanted, opened.mac());
    links.push_back(opened.link());
    say("port " + wanted.device + ": mac " + opened.mac().to_string() + ", mtu " + std::to_string(opened.mtu()) +
        ", link " + (opened.link().up ? "up" : "down"));
    for (const std::string& line : opened.describe()) say("  " + line);
  }
}

void Process::Impl::open_port(const PortConfig& wanted, const nic::RssKey& rss_key) {
  nic::PortConfig port;
  port.device = wanted.device;
  port.queues = static_cast<std::uint16_t>(config.workers);
  port.mtu = wanted.mtu;
  port.mac = wanted.mac;
  port.rss_key = rss_key;
  port.tso = wanted.tso;
  port.rx_descriptors = port.tx_descriptors = descriptors_for(config);
  ports.push_back(std::make_unique<nic::Port>(port, *packets));
}

// An address that the kernel owns too is answered for twice, by the kernel with resets.
void Process::Impl::check_kernel_addresses(const PortConfig& port, const MacAddress& mac) {
  const auto interface = nic::Device::parse(port.device).kernel_interface();
  if (!interface) return;
  for (const IpAddress& taken : nic::kernel_addresses(*interface)) {
    const auto is_taken = [&](const Prefix& own) { return own.address == taken; };
    if (std::any_of(port.addresses.begin(), port.addresses.end(), is_taken) ||
        std::find(port.announced.begin(), port.announced.end(), taken) != port.announced.end())
      throw nic::SetupError("the kernel owns " + taken.to_string() + " on " + *interface +
                            " and would reset every connection to it: `ip addr flush dev " + *interface + "`");
    if (taken == stack::link_local_for(mac))
      say("port " + port.device + ": the kernel answers for " + taken.to_string() +
          " as well; better: `sysctl net.ipv6.conf." + *interface + ".disable_ipv6=1`");
  }
}

}  // namespace weir::run
