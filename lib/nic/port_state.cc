#include <rte_ethdev.h>

#include <weir/nic/port.h>

namespace weir::nic {

namespace {

std::string rss_line(const Offloads& offloads, const RssState& rss, std::uint16_t queues) {
  if (queues == 1) return "rss: one queue, not needed";
  if (rss.predicted)
    return "rss: " + std::to_string(queues) + " queues, key and table of " + std::to_string(rss.reta_size) +
           " entries read back; RSS predicted: yes";
  return "rss: " + std::to_string(queues) + " queues, spread by " + (offloads.rss ? "the device" : "the driver") +
         "; RSS predicted: no (" + rss.reason + "), hand-off ring in use";
}

}  // namespace

std::vector<std::string> Port::describe() const {
  std::vector<std::string> lines{"driver: " + driver_ + ", " + std::to_string(config_.queues) + " queue(s) of " +
                                 std::to_string(config_.rx_descriptors) + " descriptors"};
  for (std::string& line : offloads_.describe()) lines.push_back(std::move(line));
  lines.push_back(rss_line(offloads_, rss_, config_.queues));
  lines.push_back(std::string{"link state: from "} +
                  (device_.kernel_interface() ? "the kernel's interface" : "the device"));
  return lines;
}

// Drivers on top of a kernel interface say "up" whatever it is: the kernel knows.
LinkState Port::poll_link() {
  if (const auto interface = device_.kernel_interface()) return link_ = kernel_link(*interface).value_or(LinkState{});
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(id_, &link) != 0) return link_ = {};
  const bool speed_known = link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN && device_.is_pci();
  return link_ = {link.link_status == RTE_ETH_LINK_UP, speed_known ? link.link_speed : 0};
}

PortStats Port::stats() const {
  PortStats sum;
  for (std::uint16_t i = 0; i < config_.queues; ++i) {
    const QueueCounters& queue = queues_[i].counters;
    sum.rx_packets += queue.rx_packets.value();
    sum.rx_bytes += queue.rx_bytes.value();
    sum.tx_packets += queue.tx_packets.value();
    sum.tx_bytes += queue.tx_bytes.value();
    sum.tx_merged += queue.tx_merged.value();
    sum.tx_dropped += queue.tx_full.value() + queue.tx_unsendable.value();
  }
  rte_eth_stats device{};
  if (rte_eth_stats_get(id_, &device) != 0) return sum;
  sum.rx_missed = device.imissed;
  sum.rx_errors = device.ierrors;
  sum.rx_no_mbuf = device.rx_nombuf;
  sum.tx_errors = device.oerrors;
  return sum;
}

}  // namespace weir::nic
