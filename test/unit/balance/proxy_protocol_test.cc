#include <string>

#include <gtest/gtest.h>

#include <weir/balance/proxy_protocol.h>

namespace weir::balance {
namespace {

const Endpoint kClient4{IpAddress::v4(be32{0xc0a80001}), 56324};
const Endpoint kService4{IpAddress::v4(be32{0xc0a8000b}), 443};
const Endpoint kClient6 = Endpoint::parse("[2001:db8::1]:65535").value();
const Endpoint kService6 = Endpoint::parse("[2001:db8::80]:80").value();

std::string text(const ProxyHeader& header) {
  return {header.bytes().begin(), header.bytes().end()};
}

TEST(ProxyHeader, NoneIsEmpty) {
  EXPECT_EQ(text(ProxyHeader(ProxyProtocol::kNone, kClient4, kService4)), "");
}

TEST(ProxyHeader, Version1IsALine) {
  EXPECT_EQ(text(ProxyHeader(ProxyProtocol::kV1, kClient4, kService4)),
            "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
  EXPECT_EQ(text(ProxyHeader(ProxyProtocol::kV1, kClient6, kService6)),
            "PROXY TCP6 2001:db8::1 2001:db8::80 65535 80\r\n");
}

TEST(ProxyHeader, LongestLineFits) {
  const std::uint8_t ones[16] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  const Endpoint longest{IpAddress::v6(ones), 65535};
  EXPECT_EQ(ProxyHeader(ProxyProtocol::kV1, longest, longest).bytes().size(), 104u);
}

TEST(ProxyHeader, Version2IsBinary) {
  using namespace std::string_literals;
  const std::string start = "\r\n\r\n\0\r\nQUIT\n"s;
  EXPECT_EQ(text(ProxyHeader(ProxyProtocol::kV2, kClient4, kService4)),
            start + "\x21\x11\x00\x0c\xc0\xa8\x00\x01\xc0\xa8\x00\x0b\xdc\x04\x01\xbb"s);
  EXPECT_EQ(text(ProxyHeader(ProxyProtocol::kV2, kClient6, kService6)),
            start + "\x21\x21\x00\x24"s + "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s +
                "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x80"s + "\xff\xff\x00\x50"s);
}

}  // namespace
}  // namespace weir::balance
