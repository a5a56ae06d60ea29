#include <weir/nic/rss.h>

#include <bit>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_ethdev.h>

namespace weir::nic {

namespace {

constexpr std::uint8_t kToeplitzKeyMin = 40;  // 36 bytes of an IPv6 4-tuple and 4 to slide over
constexpr std::uint64_t kTcpRss = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP;

std::uint64_t read_key(std::uint16_t port, std::uint8_t length, RssState& state) {
  rte_eth_rss_conf conf{};
  conf.rss_key = state.key.data();
  conf.rss_key_len = length;
  if (rte_eth_dev_rss_hash_conf_get(port, &conf) != 0) return 0;
  state.key_length = length;
  return conf.rss_hf;
}

void read_reta(std::uint16_t port, std::uint16_t size, RssState& state) {
  std::array<rte_eth_rss_reta_entry64, RssState::kRetaMax / RTE_ETH_RETA_GROUP_SIZE> groups{};
  for (auto& group : groups) group.mask = ~std::uint64_t{0};
  if (rte_eth_dev_rss_reta_query(port, groups.data(), size) != 0) return;
  for (std::uint16_t i = 0; i < size; ++i)
    state.reta[i] = groups[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
  state.reta_size = size;
}

std::string why_unpredicted(const rte_eth_dev_info& device, std::uint16_t queues, bool rss_on) {
  if (queues == 1) return "one queue";
  if (!rss_on) return "the device does not spread TCP by hash";
  if (std::string_view{rte_bus_name(rte_dev_bus(device.device))} != "pci") return "a virtual device";
  if (device.hash_key_size < kToeplitzKeyMin || device.hash_key_size > RssState::kKeyMax) return "key of odd length";
  if (!std::has_single_bit(device.reta_size) || device.reta_size > RssState::kRetaMax) return "table of odd size";
  return "";
}

}  // namespace

bool set_rss_key(std::uint16_t port, const RssKey& key) {
  rte_eth_dev_info device;
  if (rte_eth_dev_info_get(port, &device) != 0) return false;
  // Drivers that say nothing of it have what all had once.
  const std::uint8_t length = device.hash_key_size == 0 ? kToeplitzKeyMin : device.hash_key_size;
  if (length < kToeplitzKeyMin || length > kRssKeyMax) return false;
  RssKey bytes{};
  rte_eth_rss_conf conf{};
  conf.rss_key = bytes.data();
  conf.rss_key_len = length;
  if (rte_eth_dev_rss_hash_conf_get(port, &conf) != 0) return false;  // what is hashed stays as it is
  bytes = key;
  conf.rss_key = bytes.data();
  conf.rss_key_len = length;
  return rte_eth_dev_rss_hash_update(port, &conf) == 0;
}

RssState read_rss(std::uint16_t port, std::uint16_t queues, bool rss_on) {
  RssState state;
  rte_eth_dev_info device;
  if (rte_eth_dev_info_get(port, &device) != 0) return state;
  state.reason = why_unpredicted(device, queues, rss_on);
  if (!state.reason.empty()) return state;
  const std::uint64_t hashed = read_key(port, device.hash_key_size, state);
  read_reta(port, device.reta_size, state);
  if (state.key_length == 0) state.reason = "key not readable";
  if (state.reta_size == 0) state.reason = "table not readable";
  if (state.key_length != 0 && (hashed & kTcpRss) != kTcpRss) state.reason = "TCP is not hashed for both families";
  state.predicted = state.reason.empty();
  return state;
}

}  // namespace weir::nic
