#include "interface.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <future>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <netif/ethernet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <net/if.h>

namespace weir::lwip {
namespace {

constexpr std::size_t kFrameBytes = 1514;

struct Interface {
  int socket = -1;
  std::array<u8_t, 6> mac{};
  netif lwip{};
};

Interface& the_interface() {
  static Interface interface;
  return interface;
}

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void open_socket(Interface& interface, const std::string& name) {
  interface.socket = socket(AF_PACKET, SOCK_RAW, 0);
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  if (interface.socket < 0 || ioctl(interface.socket, SIOCGIFHWADDR, &request) != 0) fail(name);
  std::memcpy(interface.mac.data(), request.ifr_hwaddr.sa_data, interface.mac.size());
  const int yes = 1;
  setsockopt(interface.socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
  if (bind(interface.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail(name);
}

err_t send_frame(netif*, pbuf* frame) {
  std::array<char, kFrameBytes> bytes;
  const u16_t length = pbuf_copy_partial(frame, bytes.data(), bytes.size(), 0);
  return send(the_interface().socket, bytes.data(), length, 0) == length ? ERR_OK : ERR_IF;
}

err_t initialise(netif* lwip) {
  lwip->name[0] = 'w';
  lwip->name[1] = 'r';
  lwip->mtu = 1500;
  lwip->hwaddr_len = ETH_HWADDR_LEN;
  std::memcpy(lwip->hwaddr, the_interface().mac.data(), ETH_HWADDR_LEN);
  lwip->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP | NETIF_FLAG_MLD6;
  lwip->output = etharp_output;
  lwip->output_ip6 = ethip6_output;
  lwip->linkoutput = send_frame;
  return ERR_OK;
}

void receive_without_end(Interface& interface) {
  std::array<char, kFrameBytes> bytes;
  while (true) {
    const ssize_t length = recv(interface.socket, bytes.data(), bytes.size(), 0);
    if (length <= 0) continue;
    // Not from the pool: Debian's 2.1.3 takes its buffers for larger than they are.
    pbuf* frame = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(length), PBUF_RAM);
    if (frame == nullptr) continue;
    pbuf_take(frame, bytes.data(), static_cast<u16_t>(length));
    if (interface.lwip.input(frame, &interface.lwip) != ERR_OK) pbuf_free(frame);
  }
}

struct Addresses {
  ip4_addr_t v4{};
  ip6_addr_t v6{};
};

Addresses addresses_of(const InterfaceSettings& settings) {
  Addresses addresses;
  if (ip4addr_aton(settings.v4.c_str(), &addresses.v4) == 0 || ip6addr_aton(settings.v6.c_str(), &addresses.v6) == 0) {
    throw std::runtime_error("not an address: " + settings.v4 + " or " + settings.v6);
  }
  return addresses;
}

// In lwIP's thread.
void bring_up(void* argument) {
  const auto& addresses = *static_cast<const Addresses*>(argument);
  netif* lwip = &the_interface().lwip;
  ip4_addr_t mask{}, gateway{};
  IP4_ADDR(&mask, 255, 255, 255, 0);
  netif_add(lwip, &addresses.v4, &mask, &gateway, nullptr, initialise, tcpip_input);
  netif_set_default(lwip);
  netif_create_ip6_linklocal_address(lwip, 1);
  netif_ip6_addr_set(lwip, 1, &addresses.v6);
  netif_ip6_addr_set_state(lwip, 0, IP6_ADDR_PREFERRED);
  netif_ip6_addr_set_state(lwip, 1, IP6_ADDR_PREFERRED);
  netif_set_up(lwip);
}

}  // namespace

void start(const InterfaceSettings& settings) {
  Interface& interface = the_interface();
  Addresses addresses = addresses_of(settings);
  open_socket(interface, settings.name);
  std::promise<void> started;
  tcpip_init([](void* promise) { static_cast<std::promise<void>*>(promise)->set_value(); }, &started);
  started.get_future().wait();
  tcpip_callback_wait(bring_up, &addresses);
  std::thread([&interface] { receive_without_end(interface); }).detach();
}

}  // namespace weir::lwip
