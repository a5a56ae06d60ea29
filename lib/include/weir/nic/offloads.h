// What a device does itself, and what is therefore left to software.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct rte_eth_dev_info;

namespace weir::nic {

struct Offloads {
  bool rx_ip_checksum = false;
  bool rx_tcp_checksum = false;
  bool tx_ip_checksum = false;
  bool tx_tcp_checksum = false;
  bool tx_chains = false;  // packets of several segments go out as they are
  bool tso = false;        // what is put together of a connection's segments is cut again by the device
  bool rx_chains = false;  // packets longer than a segment come in as chains
  bool rss = false;        // TCP of both families is spread over the queues by hash

  // As bits of rte_eth_conf.
  std::uint64_t rx_bits() const;
  std::uint64_t tx_bits() const;
  // The mbuf requests (RTE_MBUF_F_TX_*) that must be completed in software.
  std::uint64_t software_requests() const;
  // "tx tcp checksum: software", ...
  std::vector<std::string> describe() const;
};

// `tso`: whether the device may be left to cut segments, where it can.
Offloads choose_offloads(const rte_eth_dev_info& device, std::uint16_t queues, bool tso);

}  // namespace weir::nic
