// The interpreter itself: what must fail does fail, and says why.
#include <gtest/gtest.h>

#include "options.h"
#include "runner.h"

namespace weir::scripts {
namespace {

const std::string kOpening = R"(
+0 call listen 80
+0 < S seq 0 win 65535 <mss 1460>
+0 > S. seq 0 ack 1 <mss *>
+0.1 < . seq 1 ack 1
+0 call accept
)";

// What running these lines on an open connection says; empty: nothing is wrong.
std::string outcome(const std::string& lines, const std::string& header = "") {
  return run_all(read_script("test", header + kOpening + lines));
}

void expect_failure(const std::string& lines, const std::string& why) {
  const std::string said = outcome(lines);
  EXPECT_NE(said.find(why), std::string::npos) << "expected '" << why << "' in:\n" << said;
}

std::string unreadable(const std::string& text) {
  try {
    read_script("test", text);
  } catch (const ScriptError& error) {
    return error.what();
  }
  return {};
}

TEST(Interpreter, WhatIsRightPasses) {
  EXPECT_EQ(outcome("+0 call send 10\n+0 > P. seq 1:11 ack 1\n+0.1 < . ack 11\n+10 nothing\n"), "");
}

TEST(Interpreter, WrongFlagsFail) {
  expect_failure("+0 call send 10\n+0 > . seq 1:11 ack 1\n", "flags: expected ., got P.");
}

TEST(Interpreter, WrongNumbersFail) {
  expect_failure("+0 call send 10\n+0 > P. seq 2:12 ack 1\n", "seq: expected 2, got 1");
  expect_failure("+0 call send 10\n+0 > P. seq 1:11 ack 2\n", "ack: expected 2, got 1");
  expect_failure("+0 call send 10\n+0 > P. seq 1:11 ack 1 win 7\n", "win: expected 7, got");
  expect_failure("+0 call send 10\n+0 > P. seq 1:11 ack 1 win <=1\n", "win: expected at most 1, got");
}

TEST(Interpreter, WrongLengthFails) {
  expect_failure("+0 call send 10\n+0 > P. seq 1:10 ack 1\n", "expected 9 bytes, got 10");
}

TEST(Interpreter, WrongOptionsFail) {
  expect_failure("+0 call send 10\n+0 > P. seq 1:11 ack 1 <nop>\n", "options: expected <nop>, got <>");
}

TEST(Interpreter, MissingPacketFails) {
  expect_failure("+0 > . seq 1 ack 1\n", "expected a packet until");
}

TEST(Interpreter, ExtraPacketFails) {
  expect_failure("+0 call send 10\n+1 call close\n", "what no line before this one expects");
  expect_failure("+0 call send 10\n", "at its end");
  expect_failure("+0 call send 10\n+0 nothing\n", "what no line before this one expects");
}

TEST(Interpreter, WrongTimeFails) {
  const std::string lines = "+0 < P. seq 1:11 ack 1\n+0.1 > . seq 1 ack 11\n";
  expect_failure(lines, "time: expected");
  expect_failure("+0 < P. seq 1:11 ack 1\n+0.01 > . seq 1 ack 11\n", "expected a packet until");
  EXPECT_EQ(outcome("+0 < P. seq 1:11 ack 1\n+0.04 > . seq 1 ack 11\n"), "");
  EXPECT_EQ(outcome("+0 < P. seq 1:11 ack 1\n+0.03~0.05 > . seq 1 ack 11\n"), "");
  EXPECT_EQ(outcome("+0 < P. seq 1:11 ack 1\n* > . seq 1 ack 11\n"), "");
  expect_failure("+0 < P. seq 1:11 ack 1\n+0.01~0.02 > . seq 1 ack 11\n", "expected a packet until");
}

TEST(Interpreter, AbsoluteTimesCountFromTheStart) {
  EXPECT_EQ(outcome("@0.2 < P. seq 1:11 ack 1\n@0.24 > . seq 1 ack 11\n"), "");
  expect_failure("@0.01 < P. seq 1:11 ack 1\n", "time runs backwards");
}

TEST(Interpreter, FailingChecksFail) {
  expect_failure("+0 info state == CLOSED\n", "state: expected CLOSED, got ESTABLISHED");
  expect_failure("+0 info cwnd < 10\n", "cwnd: got");
  expect_failure("+0 info nonsense == 1\n", "info has no nonsense");
  expect_failure("+0 count segments_in == 0\n", "segments_in: got");
  expect_failure("+0 count nonsense == 0\n", "there is no count");
  expect_failure("+0 event readable\n", "event: got none");
}

TEST(Interpreter, FailingCallsFail) {
  expect_failure("+0 call read 5\n", "read: expected 5 bytes, got 0");
  expect_failure("+0 call read => end\n", "expected the peer has closed");
  expect_failure("+0 call accept\n", "no connection waits");
  expect_failure("+0 call close\n+0 > F. seq 1 ack 1\n+0 call send 5\n", "the connection was released");
  expect_failure("+0 call listen 80\n", "in use");
}

TEST(Interpreter, OtherTextThanTheStreamsIsSeen) {
  expect_failure("+0 < P. seq 1:11 ack 1 fill x\n+0.04 > . seq 1 ack 11\n+0 call read 10\n", "is not what was sent");
  EXPECT_EQ(outcome("+0 < P. seq 1:11 ack 1 fill x\n+0.04 > . seq 1 ack 11\n+0 call read 10 fill x\n"), "");
}

TEST(Interpreter, AFailureNamesItsLineAndShowsThePackets) {
  const std::string said = outcome("+0 call send 10\n+0 > . seq 1:11 ack 1\n");
  EXPECT_NE(said.find("line 8: +0 > . seq 1:11 ack 1"), std::string::npos) << said;
  EXPECT_NE(said.find("> S. seq 0 ack 1"), std::string::npos) << said;
  EXPECT_NE(said.find("got: > P. seq 1:11 ack 1"), std::string::npos) << said;
}

TEST(Interpreter, FlowsAreToldApart) {
  EXPECT_EQ(outcome("+0 <b S seq 0 win 1000 <mss 1460>\n+0 >b S. seq 0 ack 1\n+0 <b . seq 1 ack 1\n+0 call accept\n"
                    "+0 call send 5 on b\n+0 >b P. seq 1:6 ack 1\n"),
            "");
  expect_failure("+0 <b S seq 0 win 1000 <mss 1460>\n+0 > S. seq 0 ack 1\n", "belongs to another connection");
}

TEST(Interpreter, RunsBothFamiliesAndThreePlacesOfTheSequenceSpace) {
  EXPECT_EQ(variants_of(read_script("test", kOpening)).size(), 6U);
  EXPECT_EQ(variants_of(read_script("test", "family: ipv6\n" + kOpening)).size(), 3U);
  EXPECT_EQ(variants_of(read_script("test", "isn: 1 2\n" + kOpening)).size(), 2U);
}

TEST(Interpreter, SettingsReachTheHost) {
  EXPECT_EQ(outcome("+0 < P. seq 1:11 ack 1\n+0.2 > . seq 1 ack 11\n", "set: delayed_ack_ms=200\n"), "");
  EXPECT_NE(unreadable("set: nonsense\n" + kOpening), "");
  EXPECT_NE(outcome("", "set: nonsense=1\n").find("nonsense=1"), std::string::npos);
}

TEST(Interpreter, WhatCannotBeReadIsRefusedWithItsLine) {
  for (const char* text : {"nonsense\n", "+0\n", "family: ipv5\n+0 nothing\n", "+x nothing\n", "+2~1 > S\n",
                           "+0 nothing\nset: a=b\n", "colour: red\n+0 nothing\n"})
    EXPECT_NE(unreadable(text).find("test:"), std::string::npos) << text;
  EXPECT_NE(unreadable("# only a comment\n"), "");
}

TEST(Interpreter, WhatMakesNoSenseFailsWhereItStands) {
  expect_failure("+0 dance\n", "no such step: dance");
  expect_failure("+0 call dance\n", "no such call: dance");
  expect_failure("+0 < X seq 1\n", "no such flags: X");
  expect_failure("+0 < . nonsense 1\n", "no such field: nonsense");
  expect_failure("+0 < . seq 1 ack 1 <nonsense>\n", "no such option: nonsense");
  expect_failure("+0 < icmp nonsense\n", "no such ICMP error");
  expect_failure("* < . seq 1 ack 1\n", "this needs one time");
}

TEST(Interpreter, OptionsAreReadAndWritten) {
  const std::string text = "mss 1460,sackOK,TS val 5 ecr 6,nop,wscale 7";
  const Bytes bytes = encode_options(text, 0);
  std::string again;
  for (const std::string& option : describe_options(bytes, 0)) again += (again.empty() ? "" : ",") + option;
  EXPECT_EQ(again, text);
  EXPECT_EQ(describe_options(encode_options("nop,nop,sack 11:21 31:41", 1000), 1000).back(), "sack 11:21 31:41");
  EXPECT_EQ(describe_options(encode_options("raw fd04aabb", 0), 0).back(), "raw fd04aabb");
}

}  // namespace
}  // namespace weir::scripts
