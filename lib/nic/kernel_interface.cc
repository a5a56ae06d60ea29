#include <weir/nic/kernel_interface.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace weir::nic {

namespace {

// Questions to one interface by way of a socket: its namespace decides which interfaces there are.
class Ethtool {
 public:
  explicit Ethtool(const std::string& interface) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    std::strncpy(request_.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  }
  ~Ethtool() { ::close(socket_); }
  Ethtool(const Ethtool&) = delete;
  Ethtool& operator=(const Ethtool&) = delete;

  template <typename Question>
  bool ask(std::uint32_t command, Question& question) {
    question.cmd = command;
    request_.ifr_data = reinterpret_cast<char*>(&question);
    return ioctl(socket_, SIOCETHTOOL, &request_) == 0;
  }
  std::uint32_t value(std::uint32_t command) {
    ethtool_value question{};
    return ask(command, question) ? question.data : 0;
  }

 private:
  int socket_;
  ifreq request_{};
};

std::string text_of(const char* field, std::size_t size) {
  const std::string text(field, strnlen(field, size));
  return text == "N/A" ? "" : text;
}

void ask_driver(Ethtool& ethtool, KernelInterface& result) {
  ethtool_drvinfo info{};
  if (!ethtool.ask(ETHTOOL_GDRVINFO, info)) return;
  result.driver = text_of(info.driver, sizeof info.driver);
  result.bus = text_of(info.bus_info, sizeof info.bus_info);
}

void ask_queues(Ethtool& ethtool, KernelInterface& result) {
  ethtool_channels channels{};
  if (!ethtool.ask(ETHTOOL_GCHANNELS, channels)) return;
  result.queues = channels.combined_count + channels.rx_count;
  result.queues_max = channels.max_combined + channels.max_rx;
}

void ask_features(Ethtool& ethtool, KernelInterface& result) {
  result.rx_checksum = ethtool.value(ETHTOOL_GRXCSUM) != 0;
  result.tx_checksum = ethtool.value(ETHTOOL_GTXCSUM) != 0;
  result.tso = ethtool.value(ETHTOOL_GTSO) != 0;
  result.gro = ethtool.value(ETHTOOL_GGRO) != 0;
  result.lro = (ethtool.value(ETHTOOL_GFLAGS) & ETH_FLAG_LRO) != 0;
}

// Sizes of 0 in the question ask for the sizes alone.
void ask_rss(Ethtool& ethtool, KernelInterface& result) {
  ethtool_rxfh rss{};
  if (ethtool.ask(ETHTOOL_GRSSH, rss)) result.rss_key_bytes = rss.key_size;
}

void ask_speed(Ethtool& ethtool, KernelInterface& result) {
  ethtool_cmd settings{};
  if (!ethtool.ask(ETHTOOL_GSET, settings)) return;
  const std::uint32_t speed = ethtool_cmd_speed(&settings);
  result.link.mbps = speed == static_cast<std::uint32_t>(SPEED_UNKNOWN) ? 0 : speed;
}

}  // namespace

std::optional<KernelInterface> kernel_interface(const std::string& name) {
  const auto link = kernel_link(name);
  if (!link) return std::nullopt;
  KernelInterface result;
  result.link = *link;
  Ethtool ethtool(name);
  ask_driver(ethtool, result);
  ask_queues(ethtool, result);
  ask_features(ethtool, result);
  ask_rss(ethtool, result);
  if (link->up) ask_speed(ethtool, result);
  result.addresses = kernel_addresses(name);
  return result;
}

}  // namespace weir::nic
