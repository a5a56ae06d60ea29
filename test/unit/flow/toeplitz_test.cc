#include <weir/flow/toeplitz.h>

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

#include "keys.h"

namespace weir {
namespace {

// The key and the vectors of the RSS specification ("Verifying the RSS Hash Calculation", Microsoft).
constexpr std::array<std::uint8_t, 52> kKey{0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
                                            0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
                                            0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
                                            0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

constexpr std::uint32_t dotted(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}
IpAddress words(std::array<std::uint16_t, 8> words) {
  std::array<std::uint8_t, 16> bytes;
  for (std::size_t i = 0; i < 16; ++i) bytes[i] = static_cast<std::uint8_t>(words[i / 2] >> (i % 2 == 0 ? 8 : 0));
  return IpAddress::v6(bytes.data());
}

TEST(Toeplitz, MatchesThePublishedVectorsOfIpv4) {
  const Toeplitz toeplitz{kKey};
  EXPECT_EQ(toeplitz.hash({test::address_v4(dotted(66, 9, 149, 187)), 2794},
                          {test::address_v4(dotted(161, 142, 100, 80)), 1766}),
            0x51ccc178U);
  EXPECT_EQ(toeplitz.hash({test::address_v4(dotted(199, 92, 111, 2)), 14230},
                          {test::address_v4(dotted(65, 69, 140, 83)), 4739}),
            0xc626b0eaU);
}

TEST(Toeplitz, MatchesThePublishedVectorsOfIpv6) {
  const Toeplitz toeplitz{kKey};
  EXPECT_EQ(toeplitz.hash({words({0x3ffe, 0x2501, 0x200, 0x1fff, 0, 0, 0, 7}), 2794},
                          {words({0x3ffe, 0x2501, 0x200, 3, 0, 0, 0, 1}), 1766}),
            0x40207d3dU);
  EXPECT_EQ(toeplitz.hash({words({0x3ffe, 0x501, 8, 0, 0x260, 0x97ff, 0xfe40, 0xefab}), 14230},
                          {words({0xff02, 0, 0, 0, 0, 0, 0, 1}), 4739}),
            0xdde51bbfU);
}

}  // namespace
}  // namespace weir
