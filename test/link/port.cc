#include "port.h"

#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <unistd.h>

namespace weir::link {
namespace {

constexpr int kSocketBufferBytes = 64 << 20;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void set(int socket, int level, int option, int value, const std::string& interface) {
  if (setsockopt(socket, level, option, &value, sizeof value) != 0) fail(interface);
}

void bind_to(int socket, const std::string& interface) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  if (address.sll_ifindex == 0 || bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fail(interface);
  }
}

}  // namespace

Port::Port(const std::string& interface) : socket_(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0)), buffers_(kBurst) {
  if (socket_ < 0) fail("AF_PACKET socket");
  set(socket_, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, interface);
  set(socket_, SOL_PACKET, PACKET_QDISC_BYPASS, 1, interface);
  set(socket_, SOL_SOCKET, SO_RCVBUFFORCE, kSocketBufferBytes, interface);
  set(socket_, SOL_SOCKET, SO_SNDBUFFORCE, kSocketBufferBytes, interface);
  bind_to(socket_, interface);
}

Port::~Port() {
  close(socket_);
}

std::span<const std::span<const std::byte>> Port::receive() {
  for (unsigned n = 0; n < kBurst; ++n) {
    pieces_[n] = {buffers_[n].data(), kBytes};
    messages_[n] = {};
    messages_[n].msg_hdr.msg_iov = &pieces_[n];
    messages_[n].msg_hdr.msg_iovlen = 1;
  }
  const int count = recvmmsg(socket_, messages_.data(), kBurst, MSG_DONTWAIT, nullptr);
  if (count <= 0) return {};
  for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n) {
    received_[n] = {buffers_[n].data(), messages_[n].msg_len};
  }
  return {received_.data(), static_cast<std::size_t>(count)};
}

unsigned Port::send(std::span<const std::span<std::byte>> frames) {
  for (unsigned n = 0; n < frames.size(); ++n) {
    pieces_[n] = {frames[n].data(), frames[n].size()};
    messages_[n] = {};
    messages_[n].msg_hdr.msg_iov = &pieces_[n];
    messages_[n].msg_hdr.msg_iovlen = 1;
  }
  const auto count = static_cast<unsigned>(frames.size());
  unsigned refused = 0;
  for (unsigned done = 0; done < count;) {
    const int sent = sendmmsg(socket_, messages_.data() + done, count - done, MSG_DONTWAIT);
    done += sent > 0 ? static_cast<unsigned>(sent) : 1;
    refused += sent <= 0;
  }
  return refused;
}

std::uint64_t Port::missed() {
  tpacket_stats statistics{};
  socklen_t length = sizeof statistics;  // reading sets the kernel's counts back to 0
  if (getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) == 0) missed_ += statistics.tp_drops;
  return missed_;
}

}  // namespace weir::link
