#include <string>

#include <gtest/gtest.h>

#include <weir/load/http_answer.h>

namespace weir::load {
namespace {

std::string text(const HttpHead& head) {
  return {head.bytes().begin(), head.bytes().end()};
}

TEST(HttpHead, SaysLengthAndWhetherTheConnectionStays) {
  EXPECT_EQ(text(HttpHead(kOk, 1024, true, 1)),
            "HTTP/1.1 200 OK\r\nServer: weir\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n");
  EXPECT_EQ(text(HttpHead(kOk, 0, false, 1)),
            "HTTP/1.1 200 OK\r\nServer: weir\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nConnection: "
            "close\r\n\r\n");
  EXPECT_NE(text(HttpHead(kOk, 0, true, 0)).find("Connection: keep-alive\r\n"), std::string::npos);
}

TEST(HttpHead, TheLongestFits) {
  const std::string longest = text(HttpHead(kHeadersTooLarge, ~std::uint64_t{0}, true, 0));
  EXPECT_TRUE(longest.ends_with("\r\n\r\n"));
}

TEST(HttpHead, ContinueIsBare) {
  EXPECT_EQ(text(HttpHead(kContinue, 0, true, 1)), "HTTP/1.1 100 Continue\r\n\r\n");
}

}  // namespace
}  // namespace weir::load
