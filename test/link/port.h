// One end of the link: a network interface read and written whole frames at a time (AF_PACKET). Root.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace weir::link {

class Port {
 public:
  static constexpr unsigned kBurst = 64;

  // Throws std::system_error that names the interface.
  explicit Port(const std::string& interface);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  int descriptor() const { return socket_; }
  // What has come, at most kBurst frames, valid until the next call. Longer frames than fit come cut short.
  std::span<const std::span<const std::byte>> receive();
  // At most kBurst frames; returns how many the interface refused.
  unsigned send(std::span<const std::span<std::byte>> frames);
  // Frames that came while nobody read and the socket's buffer was full.
  std::uint64_t missed();

 private:
  static constexpr std::size_t kBytes = 2048;

  int socket_;
  std::uint64_t missed_ = 0;
  std::vector<std::array<std::byte, kBytes>> buffers_;
  std::array<std::span<const std::byte>, kBurst> received_;
  std::array<iovec, kBurst> pieces_{};
  std::array<mmsghdr, kBurst> messages_{};
};

}  // namespace weir::link
