#include <weir/nic/offloads.h>

#include <string_view>

#include <rte_ethdev.h>

namespace weir::nic {

namespace {

constexpr std::uint64_t kTcpRss = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP;

// net_tap cuts in software (librte_gso), IPv4 only, and measures segments with their link
// header against the MTU.
bool cuts_itself(const rte_eth_dev_info& device) {
  return std::string_view{device.driver_name} != "net_tap";
}

std::string who(const char* what, bool device) {
  return std::string{what} + (device ? "device" : "software");
}

}  // namespace

std::uint64_t Offloads::rx_bits() const {
  return (rx_ip_checksum ? RTE_ETH_RX_OFFLOAD_IPV4_CKSUM : 0) | (rx_tcp_checksum ? RTE_ETH_RX_OFFLOAD_TCP_CKSUM : 0) |
         (rx_chains ? RTE_ETH_RX_OFFLOAD_SCATTER : 0);
}

std::uint64_t Offloads::tx_bits() const {
  return (tx_ip_checksum ? RTE_ETH_TX_OFFLOAD_IPV4_CKSUM : 0) | (tx_tcp_checksum ? RTE_ETH_TX_OFFLOAD_TCP_CKSUM : 0) |
         (tx_chains ? RTE_ETH_TX_OFFLOAD_MULTI_SEGS : 0) | (tso ? RTE_ETH_TX_OFFLOAD_TCP_TSO : 0);
}

std::uint64_t Offloads::software_requests() const {
  return (tx_ip_checksum ? 0 : RTE_MBUF_F_TX_IP_CKSUM) | (tx_tcp_checksum ? 0 : RTE_MBUF_F_TX_TCP_CKSUM);
}

std::vector<std::string> Offloads::describe() const {
  return {who("rx ip checksum: ", rx_ip_checksum),
          who("rx tcp checksum: ", rx_tcp_checksum),
          who("tx ip checksum: ", tx_ip_checksum),
          who("tx tcp checksum: ", tx_tcp_checksum),
          who("tx segmentation: ", tso),
          std::string{"tx of packets in several buffers: "} + (tx_chains ? "device" : "copied into one")};
}

Offloads choose_offloads(const rte_eth_dev_info& device, std::uint16_t queues, bool tso) {
  const auto rx = [&](std::uint64_t bit) { return (device.rx_offload_capa & bit) != 0; };
  const auto tx = [&](std::uint64_t bit) { return (device.tx_offload_capa & bit) != 0; };
  Offloads result;
  result.rx_ip_checksum = rx(RTE_ETH_RX_OFFLOAD_IPV4_CKSUM);
  result.rx_tcp_checksum = rx(RTE_ETH_RX_OFFLOAD_TCP_CKSUM);
  result.rx_chains = rx(RTE_ETH_RX_OFFLOAD_SCATTER);
  result.tx_ip_checksum = tx(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
  result.tx_tcp_checksum = tx(RTE_ETH_TX_OFFLOAD_TCP_CKSUM);
  result.tx_chains = tx(RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
  result.tso =
      tso && tx(RTE_ETH_TX_OFFLOAD_TCP_TSO) && result.tx_tcp_checksum && result.tx_chains && cuts_itself(device);
  result.rss = queues > 1 && (device.flow_type_rss_offloads & kTcpRss) == kTcpRss;
  return result;
}

}  // namespace weir::nic
