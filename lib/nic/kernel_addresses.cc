#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include <weir/nic/link.h>

namespace weir::nic {

namespace {

std::optional<IpAddress> address_of(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    return IpAddress::v4(be32::from_raw(v4.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6;
  std::memcpy(&v6, address, sizeof v6);
  return IpAddress::v6(v6.sin6_addr.s6_addr);
}

}  // namespace

std::vector<IpAddress> kernel_addresses(const std::string& interface) {
  std::vector<IpAddress> result;
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return result;
  for (const ifaddrs* entry = all; entry != nullptr; entry = entry->ifa_next) {
    if (interface != entry->ifa_name) continue;
    if (const auto address = address_of(entry->ifa_addr)) result.push_back(*address);
  }
  freeifaddrs(all);
  return result;
}

}  // namespace weir::nic
