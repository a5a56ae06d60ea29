#include <weir/nic/probe.h>

#include <algorithm>
#include <thread>

#include <rte_ethdev.h>

namespace weir::nic {

namespace {

void wait_for_link(Port& port, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kStep{50};
  for (; !port.poll_link().up && patience > kStep; patience -= kStep) std::this_thread::sleep_for(kStep);
}

// A key that may be set again to what it is may be set.
bool takes_key(const Port& port, const rte_eth_dev_info& info) {
  std::array<std::uint8_t, RssState::kKeyMax> key{};
  if (info.hash_key_size == 0 || info.hash_key_size > key.size()) return false;
  rte_eth_rss_conf conf{};
  conf.rss_key = key.data();
  conf.rss_key_len = info.hash_key_size;
  return rte_eth_dev_rss_hash_conf_get(port.id(), &conf) == 0 && rte_eth_dev_rss_hash_update(port.id(), &conf) == 0;
}

}  // namespace

Probe probe(const PortConfig& config, PacketPool& packets, std::chrono::milliseconds patience) {
  Port port(config, packets);
  rte_eth_dev_info info;
  if (rte_eth_dev_info_get(port.id(), &info) != 0) throw SetupError(config.device + " is gone");
  wait_for_link(port, patience);
  Probe result;
  result.driver = info.driver_name;
  result.queues_max = std::min(info.max_rx_queues, info.max_tx_queues);
  result.offloads = port.offloads();
  result.rss_key_settable = takes_key(port, info);
  result.rss = port.rss();
  result.link = port.link();
  return result;
}

}  // namespace weir::nic
