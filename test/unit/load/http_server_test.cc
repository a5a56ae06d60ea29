// HTTP over connections of the simulated network.
#include <algorithm>

#include <gtest/gtest-spi.h>

#include "server_fixture.h"

namespace weir::load {
namespace {

INSTANTIATE_TEST_SUITE_P(All, ServerTest, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& instance) { return instance.param == Family::kIpv4 ? "v4" : "v6"; });

constexpr const char* kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr const char* kBody = "0000000\n0000001\n0000";

std::string ok(std::size_t length, const std::string& extra = "") {
  return "HTTP/1.1 200 OK\r\nServer: weir\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(length) +
         "\r\n" + extra + "\r\n";
}

TEST_P(ServerTest, HttpAnswersWithAFixedBody) {
  start(ServerKind::kHttp);
  EXPECT_EQ(answer_to(kGet), ok(20) + kBody);
  EXPECT_EQ(answer_to("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"), ok(20));
  EXPECT_EQ(status().requests, 2u);
  EXPECT_EQ(status().bad_requests, 0u);
  expect_everything_given_back();
}

TEST_P(ServerTest, HttpKeepsTheConnectionForTheNextRequest) {
  start(ServerKind::kHttp);
  Line& line = connect();
  line.to_send = kGet;
  run_until([&] { return line.received == ok(20) + kBody; });
  line.received.clear();
  line.to_send += kGet;
  run_until([&] { return line.received == ok(20) + kBody; });
  EXPECT_FALSE(line.saw_end);
  EXPECT_EQ(status().total, 1u);
  expect_everything_given_back();
}

// What a request takes is bounded apart from the connections: who rests holds nothing of it.
TEST_P(ServerTest, HttpRequestsBeyondTheirBoundAreResetAndThoseThatRestHoldNone) {
  serve_config.requests = 2;
  start(ServerKind::kHttp);
  std::vector<Line*> resting;
  for (int i = 0; i < 4; ++i) {
    Line& line = *resting.emplace_back(&connect());
    line.to_send = kGet;
    run_until([&] { return line.received == ok(20) + kBody; });
  }
  for (int i = 0; i < 2; ++i) resting[static_cast<std::size_t>(i)]->to_send += "GET / HT";  // begun, not ended
  simulation->advance(1s);
  resting[2]->to_send += kGet;
  run_until([&] { return resting[2]->closed; });
  EXPECT_EQ(status().no_resources, 1u);
  resting[0]->to_send += "TP/1.1\r\nHost: a\r\n\r\n";
  run_until([&] { return resting[0]->received.size() == 2 * (ok(20) + kBody).size(); });
  resting[3]->to_send += kGet;
  run_until([&] { return resting[3]->received.size() == 2 * (ok(20) + kBody).size(); });
  EXPECT_EQ(status().no_resources, 1u);
  expect_everything_given_back();
}

TEST_P(ServerTest, HttpClosesWhenAsked) {
  start(ServerKind::kHttp);
  Line& line = connect();
  line.to_send = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  run_until([&] { return line.saw_end; });
  EXPECT_EQ(line.received, ok(20, "Connection: close\r\n") + kBody);
  Line& old = connect();
  old.to_send = "GET / HTTP/1.0\r\n\r\n";
  run_until([&] { return old.saw_end; });
  EXPECT_EQ(old.received, ok(20, "Connection: close\r\n") + kBody);
  expect_everything_given_back();
}

TEST_P(ServerTest, HttpAnswersPipelinedRequestsInOrder) {
  start(ServerKind::kHttp);
  std::string requests, expected;
  for (unsigned i = 1; i <= 200; ++i) {
    requests += "GET /bytes/" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    expected += ok(i) + numbered_lines(i);
  }
  EXPECT_EQ(answer_to(requests), expected);
  expect_everything_given_back();
}

TEST_P(ServerTest, HttpMakesUpLargeBodies) {
  start(ServerKind::kHttp);
  const std::string answer = answer_to("GET /bytes/5000000 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(answer == ok(5'000'000) + numbered_lines(5'000'000)) << answer.size();
  expect_everything_given_back();
}

TEST_P(ServerTest, HttpReadsBodiesAndThrowsThemAway) {
  start(ServerKind::kHttp);
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + text_pattern(1'000'000, 1);
  EXPECT_EQ(answer_to(post + kGet), ok(20) + kBody + ok(20) + kBody);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  EXPECT_EQ(answer_to(chunked + kGet), ok(20) + kBody + ok(20) + kBody);
  expect_everything_given_back();
}

TEST_P(ServerTest, HttpAsksForABodyThatWaitsToBeAsked) {
  start(ServerKind::kHttp);
  Line& line = connect();
  line.to_send = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  run_until([&] { return line.received == "HTTP/1.1 100 Continue\r\n\r\n"; });
  line.to_send += "12345";
  run_until([&] { return line.received == "HTTP/1.1 100 Continue\r\n\r\n" + ok(20) + kBody; });
  expect_everything_given_back();
}

TEST_P(ServerTest, HttpRefusesGarbageAndCloses) {
  start(ServerKind::kHttp);
  const auto status_of = [this](const std::string& request) { return answer_to(request).substr(0, 12); };
  EXPECT_EQ(status_of("\x01\x02\x03 garbage\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(status_of("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n"), "HTTP/1.1 431");
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000001\r\n\r\n"), "HTTP/1.1 413");
  EXPECT_EQ(status_of("GET /bytes/100000001 HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 404");
  EXPECT_EQ(status_of("PUT / HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 501");
  EXPECT_EQ(status().bad_requests, 5u);
  expect_everything_given_back();
}

TEST_P(ServerTest, HttpRefusalIsReadEvenWhileTheClientStillSends) {
  start(ServerKind::kHttp);
  Line& line = connect();
  line.to_send = "nonsense\r\n\r\n" + text_pattern(500'000, 2);
  run_until([&] { return line.saw_end; });
  EXPECT_EQ(line.received.substr(0, 12), "HTTP/1.1 400");
  EXPECT_FALSE(line.was_reset());
  expect_everything_given_back();
}

TEST_P(ServerTest, HttpWaitsForASlowReader) {
  config().buffer_bytes = 32768;
  start(ServerKind::kHttp);
  Line& line = connect();
  line.reads_at_most = 0;
  for (int i = 0; i < 1000; ++i) line.to_send += "GET /bytes/1000 HTTP/1.1\r\nHost: a\r\n\r\n";
  simulation->advance(20s);
  EXPECT_LT(status().bytes_out, 262144u + 65536u) << "the client's window and our buffer";
  line.reads_at_most = ~std::size_t{0};
  run_until([&] { return line.received.size() == 1000 * (1000 + ok(1000).size()); }, 120s);
  expect_everything_given_back();
}

TEST_P(ServerTest, AHeadThatNeverEndsIsResetInTime) {
  config().idle = milliseconds{10'000};
  start(ServerKind::kHttp);
  Line& line = connect();
  for (int i = 0; i < 12; ++i) {
    line.to_send += "x";  // drips, so that the connection is never quiet
    simulation->advance(1s);
  }
  EXPECT_TRUE(line.was_reset());
  EXPECT_EQ(status().idle_timeouts, 1u);
  expect_everything_given_back();
}

TEST_P(ServerTest, ClientsBeyondTheSessionsAreReset) {
  start(ServerKind::kHttp);
  for (int i = 0; i < 20; ++i) connect();
  simulation->advance(1s);
  EXPECT_EQ(std::ranges::count_if(client->lines, &Line::was_reset), 4);
  EXPECT_EQ(status().no_resources, 4u);
  expect_everything_given_back();
}

TEST_P(ServerTest, ADrainEndsIdleConnectionsAtOnceAndOthersAfterTheirAnswer) {
  start(ServerKind::kHttp);
  Line& idle = connect();
  Line& busy = connect();
  busy.to_send = "GET /bytes/3000000 HTTP/1.1\r\nHost: a\r\n\r\n";
  idle.closes_at_end = busy.closes_at_end = true;
  simulation->advance(50ms);
  server->drain(weir->host());
  simulation->advance(50ms);
  EXPECT_TRUE(idle.saw_end);
  EXPECT_FALSE(busy.saw_end);
  run_until([&] { return server->is_drained(); });
  EXPECT_EQ(busy.received.size(), ok(3'000'000).size() + 3'000'000);
  expect_everything_given_back();
}

// The twin of every test above: what they claim about pools must be able to fail.
TEST_P(ServerTest, ALeakedPacketIsNoticed) {
  start(ServerKind::kHttp);
  answer_to(kGet);
  const Packet leaked = weir->packets().allocate();
  EXPECT_NONFATAL_FAILURE(expect_everything_given_back(), "packets were not given back");
}

TEST_P(ServerTest, HttpSendsItsEndWithTheLastBytes) {
  config().body_bytes = 3000;
  start(ServerKind::kHttp);
  std::size_t ends = 0;
  std::size_t text_with_end = 0;
  simulation->on_sent = [&](const testing::Sighting& seen) {
    if (&seen.at != weir || !seen.segment.has(kFin)) return;
    ++ends;
    text_with_end = seen.text.size();
  };
  Line& line = connect();
  line.to_send = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  run_until([&] { return line.saw_end; });
  EXPECT_EQ(line.received, ok(3000, "Connection: close\r\n") + numbered_lines(3000));
  EXPECT_EQ(ends, 1u);
  EXPECT_GT(text_with_end, 0u);
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::load
