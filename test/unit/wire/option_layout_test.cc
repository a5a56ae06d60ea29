#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <weir/wire/build.h>

#include "support/eal.h"

namespace weir::wire {
namespace {

const TcpOptions kAll{.mss = 1460,
                      .window_scale = WindowScale{7},
                      .timestamps = Timestamps{.value = 0x01020304, .echo = 0x05060708},
                      .sack_permitted = true};

// The option bytes of a SYN written with this layout.
std::vector<int> written(const TcpOptions& options, std::string_view layout) {
  test::TestPool pool;
  Packet packet = pool->allocate();
  const Path path{.source = *IpAddress::parse("192.0.2.1"), .destination = *IpAddress::parse("192.0.2.2")};
  Segment syn;
  syn.flags = kSyn;
  syn.options = options;
  EXPECT_TRUE(write_tcp(packet, path, syn, OptionLayout::parse(layout).value()));
  const auto bytes = packet.data();
  EXPECT_EQ(bytes[32] >> 4, static_cast<int>(bytes.size() - 20) / 4) << "data offset";
  return {bytes.begin() + 40, bytes.end()};
}

TEST(OptionLayout, OptionsStandInTheOrderAskedFor) {
  EXPECT_EQ(written(kAll, "mss,sackOK,TS,nop,wscale"),
            (std::vector<int>{2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7}));
  EXPECT_EQ(written(kAll, "nop,wscale,TS,nop,nop,sackOK,mss"),
            (std::vector<int>{1, 3, 3, 7, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 4, 2, 2, 4, 5, 180, 0, 0}));
}

TEST(OptionLayout, EndIsFollowedByZeros) {
  EXPECT_EQ(written({.mss = 536}, "mss,eol"), (std::vector<int>{2, 4, 2, 24, 0, 0, 0, 0}));
  EXPECT_EQ(written({.mss = 536, .window_scale = WindowScale{2}}, "mss,wscale"),
            (std::vector<int>{2, 4, 2, 24, 3, 3, 2, 0}));
}

TEST(OptionLayout, WhatIsNotThereTakesItsNopsAlong) {
  EXPECT_EQ(written({.mss = 536, .window_scale = WindowScale{2}}, "mss,nop,nop,TS,nop,wscale"),
            (std::vector<int>{2, 4, 2, 24, 1, 3, 3, 2}));
}

TEST(OptionLayout, WhatItDoesNotNameFollows) {
  EXPECT_EQ(written({.mss = 536, .window_scale = WindowScale{2}, .sack_permitted = true}, "nop,wscale"),
            (std::vector<int>{1, 3, 3, 2, 2, 4, 2, 24, 4, 2, 0, 0}));
}

TEST(OptionLayout, AnEmptyOneIsTheUsualOrder) {
  EXPECT_EQ(written(kAll, ""), (std::vector<int>{2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7}));
}

TEST(OptionLayout, TheLongestFits) {
  std::string text = "mss,sackOK,TS,wscale";
  for (unsigned i = 0; i < OptionLayout::kNopsMax; ++i) text += ",nop";
  EXPECT_EQ(written(kAll, text + ",eol").size(), 40U);
  EXPECT_FALSE(OptionLayout::parse(text + ",nop"));
}

TEST(OptionLayout, FoolishTextIsRefused) {
  for (const char* text : {"ts", "mss,mss", "mss sackOK", "eol,mss", "mss,,nop", "mss,nop,eol,eol"})
    EXPECT_FALSE(OptionLayout::parse(text)) << text;
}

TEST(OptionLayout, TextIsReadAndWritten) {
  for (const char* text : {"", "mss", "mss,nop,nop,sackOK,TS,nop,wscale,eol"})
    EXPECT_EQ(OptionLayout::parse(text).value().to_string(), text);
}

}  // namespace
}  // namespace weir::wire
