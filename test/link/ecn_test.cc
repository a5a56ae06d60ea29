#include "ecn.h"

#include <array>
#include <initializer_list>

#include <gtest/gtest.h>

namespace weir::link {
namespace {

using Frame = std::array<std::byte, 60>;

Frame frame_of(std::initializer_list<unsigned> ethertype_and_header) {
  Frame frame{};
  std::size_t n = 12;
  for (const unsigned byte : ethertype_and_header) frame[n++] = static_cast<std::byte>(byte);
  return frame;
}

// 192.0.2.1 to 192.0.2.2, 40 bytes of TCP, with a right checksum for the ECN field given.
Frame ipv4(unsigned tos, unsigned checksum) {
  return frame_of(
      {0x08, 0x00, 0x45, tos, 0, 40, 0, 0, 0x40, 0, 64, 6, checksum >> 8, checksum & 0xff, 192, 0, 2, 1, 192, 0, 2, 2});
}

unsigned sum_of_header(const Frame& frame) {
  unsigned sum = 0;
  for (std::size_t n = 14; n < 34; n += 2) {
    sum += std::to_integer<unsigned>(frame[n]) << 8 | std::to_integer<unsigned>(frame[n + 1]);
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

TEST(LinkEcn, MarksIpv4AndKeepsItsChecksumRight) {
  for (const unsigned ect : {1U, 2U, 3U}) {
    auto frame = ipv4(0xb8 | ect, 0);
    const unsigned checksum = ~sum_of_header(frame) & 0xffff;
    frame = ipv4(0xb8 | ect, checksum);
    ASSERT_EQ(sum_of_header(frame), 0xffffU);
    EXPECT_TRUE(mark(frame));
    EXPECT_EQ(frame[15], std::byte{0xbb});
    EXPECT_EQ(sum_of_header(frame), 0xffffU);
  }
}

TEST(LinkEcn, MarksIpv6) {
  auto frame = frame_of({0x86, 0xdd, 0x6b, 0xa5});
  EXPECT_TRUE(mark(frame));
  EXPECT_EQ(frame[14], std::byte{0x6b});
  EXPECT_EQ(frame[15], std::byte{0xb5});
}

TEST(LinkEcn, LeavesPacketsAloneWhoseSenderCannotTakeIt) {
  for (auto frame : {ipv4(0xb8, 1), frame_of({0x86, 0xdd, 0x6b, 0x85}), frame_of({0x08, 0x06, 0, 1, 2})}) {
    const auto before = frame;
    EXPECT_FALSE(mark(frame));
    EXPECT_EQ(frame, before);
  }
}

}  // namespace
}  // namespace weir::link
