#include "ecn.h"

namespace weir::link {
namespace {

constexpr std::size_t kIp = 14, kTos = kIp + 1, kIpv4Checksum = kIp + 10;

unsigned at(std::span<const std::byte> frame, std::size_t n) {
  return std::to_integer<unsigned>(frame[n]);
}

// RFC 1624: the sum changes by as much as the word that holds the field.
void mark_v4(std::span<std::byte> frame) {
  const unsigned more = 3 - (at(frame, kTos) & 3);
  frame[kTos] |= std::byte{3};
  unsigned sum = (~(at(frame, kIpv4Checksum) << 8 | at(frame, kIpv4Checksum + 1)) & 0xffff) + more;
  sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
  frame[kIpv4Checksum] = static_cast<std::byte>(sum >> 8);
  frame[kIpv4Checksum + 1] = static_cast<std::byte>(sum & 0xff);
}

}  // namespace

bool mark(std::span<std::byte> frame) {
  if (frame.size() < kIp + 40) return false;
  const unsigned type = at(frame, 12) << 8 | at(frame, 13), tos = at(frame, kTos);
  if (type == 0x0800 && (tos & 3) != 0) {
    mark_v4(frame);
    return true;
  }
  if (type == 0x86dd && (tos & 0x30) != 0) {
    frame[kTos] |= std::byte{0x30};
    return true;
  }
  return false;
}

}  // namespace weir::link
