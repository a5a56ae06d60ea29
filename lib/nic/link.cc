#include <weir/nic/link.h>

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace weir::nic {

// Asked by socket rather than read from /sys, which may show another namespace's interfaces.
std::optional<LinkState> kernel_link(const std::string& interface) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::nullopt;
  ifreq request{};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  const bool there = ioctl(socket, SIOCGIFFLAGS, &request) == 0;
  ::close(socket);
  if (!there) return std::nullopt;
  constexpr int kUpAndRunning = IFF_UP | IFF_RUNNING;
  return LinkState{(request.ifr_flags & kUpAndRunning) == kUpAndRunning, 0};
}

}  // namespace weir::nic
