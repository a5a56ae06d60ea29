#include <weir/nic/port.h>

#include <cerrno>
#include <cstring>

#include <rte_ethdev.h>

#include "attach.h"
#include "log_capture.h"

namespace weir::nic {

namespace {

constexpr std::uint16_t kHeaderBytes = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;

rte_eth_dev_info info_of(std::uint16_t port) {
  rte_eth_dev_info info;
  if (rte_eth_dev_info_get(port, &info) != 0) throw SetupError("DPDK port " + std::to_string(port) + " is gone");
  return info;
}

void require_queues(const PortConfig& config, const rte_eth_dev_info& info) {
  const std::uint16_t most = std::min(info.max_rx_queues, info.max_tx_queues);
  if (most >= config.queues) return;
  throw SetupError(config.device + " has " + std::to_string(most) + " queue(s) but there are " +
                   std::to_string(config.queues) + " workers: set workers = " + std::to_string(most) +
                   " or take a device with more queues");
}

void require_mtu(const PortConfig& config, const rte_eth_dev_info& info, const Offloads& offloads) {
  std::uint32_t most = std::min<std::uint32_t>(info.max_mtu, info.max_rx_pktlen - kHeaderBytes);
  if (!offloads.rx_chains) most = std::min<std::uint32_t>(most, PacketPool::kDataRoom - kHeaderBytes);
  if (config.mtu <= most) return;
  throw SetupError(config.device + " cannot take an mtu of " + std::to_string(config.mtu) +
                   ": set mtu = " + std::to_string(most) + " or less");
}

// `what` cannot be done; `error` is DPDK's negative errno.
[[noreturn]] void fail(const PortConfig& config, const std::string& what, int error, const LogCapture& log) {
  throw SetupError(config.device + ": " + what + ": " + std::strerror(-error) + log.quote());
}

rte_eth_conf conf_for(const PortConfig& config, const rte_eth_dev_info& info, const Offloads& offloads) {
  rte_eth_conf conf{};
  // Some drivers take no MTU, or none but the usual one; then it is the stack alone that keeps to it.
  conf.rxmode.mtu = config.mtu == RTE_ETHER_MTU ? 0 : config.mtu;
  conf.rxmode.offloads = offloads.rx_bits();
  conf.txmode.offloads = offloads.tx_bits();
  if (!offloads.rss) return conf;
  conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
  conf.rx_adv_conf.rss_conf.rss_hf =
      info.flow_type_rss_offloads &
      (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP);
  return conf;
}

}  // namespace

Port::Port(const PortConfig& config, PacketPool& packets)
    : config_(config),
      device_(Device::parse(config.device)),
      pool_(packets.get()),
      queues_(std::make_unique<Queue[]>(config.queues)) {
  const Attached attached = attach(device_, config.queues);
  id_ = attached.port;
  attached_ = attached.by_us;
  try {
    set_up();
  } catch (...) {
    close();
    throw;
  }
}

Port::~Port() {
  close();
}

void Port::close() {
  rte_eth_dev_stop(id_);
  rte_eth_dev_close(id_);
  if (attached_) detach(device_);
}

void Port::set_up() {
  LogCapture log;
  const rte_eth_dev_info info = info_of(id_);
  driver_ = info.driver_name;
  offloads_ = choose_offloads(info, config_.queues, config_.tso);
  software_requests_ = offloads_.software_requests();
  const std::uint16_t most = info.tx_desc_lim.nb_seg_max;  // 0: the driver does not say
  if (most != 0) merge_limits_.buffers = std::min(merge_limits_.buffers, most);
  require_queues(config_, info);
  require_mtu(config_, info, offloads_);
  const rte_eth_conf conf = conf_for(config_, info, offloads_);
  if (const int error = rte_eth_dev_configure(id_, config_.queues, config_.queues, &conf); error != 0)
    fail(config_, "cannot be configured for " + std::to_string(config_.queues) + " queue(s)", error, log);
  set_mtu(log);
  set_up_queues(log);
  set_addresses(log);
  if (const int error = rte_eth_dev_start(id_); error != 0) fail(config_, "does not start", error, log);
  rte_eth_allmulticast_enable(id_);  // neighbour discovery; where a driver has no such filter it lets all through
  if (config_.rss_key && offloads_.rss) set_rss_key(id_, *config_.rss_key);
  rss_ = read_rss(id_, config_.queues, offloads_.rss);
  poll_link();
}

// Below a kernel interface this is the interface's own. A driver without the call leaves it to the stack alone.
void Port::set_mtu(const LogCapture& log) {
  if (config_.mtu == RTE_ETHER_MTU) return;
  const int error = rte_eth_dev_set_mtu(id_, config_.mtu);
  if (error != 0 && error != -ENOTSUP)
    fail(config_, "does not take an mtu of " + std::to_string(config_.mtu), error, log);
}

void Port::set_up_queues(const LogCapture& log) {
  const int socket = rte_eth_dev_socket_id(id_);
  const auto node = static_cast<unsigned>(socket);  // SOCKET_ID_ANY stays what it is
  rte_eth_dev_adjust_nb_rx_tx_desc(id_, &config_.rx_descriptors, &config_.tx_descriptors);
  for (std::uint16_t queue = 0; queue < config_.queues; ++queue) {
    if (const int error = rte_eth_rx_queue_setup(id_, queue, config_.rx_descriptors, node, nullptr, pool_); error != 0)
      fail(config_, "receive queue " + std::to_string(queue) + " cannot be set up", error, log);
    if (const int error = rte_eth_tx_queue_setup(id_, queue, config_.tx_descriptors, node, nullptr); error != 0)
      fail(config_, "transmit queue " + std::to_string(queue) + " cannot be set up", error, log);
  }
}

void Port::set_addresses(const LogCapture& log) {
  rte_ether_addr address{};
  if (config_.mac) {
    std::memcpy(address.addr_bytes, config_.mac->bytes().data(), sizeof address.addr_bytes);
    if (const int error = rte_eth_dev_default_mac_addr_set(id_, &address); error != 0)
      fail(config_, "does not take the mac " + config_.mac->to_string() + " (leave mac out)", error, log);
  }
  if (const int error = rte_eth_macaddr_get(id_, &address); error != 0) fail(config_, "has no mac", error, log);
  std::array<std::uint8_t, 6> bytes{};
  std::memcpy(bytes.data(), address.addr_bytes, bytes.size());
  mac_ = MacAddress{bytes};
}

}  // namespace weir::nic
