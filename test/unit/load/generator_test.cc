// What the load generator opens, asks and closes, and how it counts what becomes of it.
#include "generator_fixture.h"

namespace weir::load {
namespace {

INSTANTIATE_TEST_SUITE_P(All, GeneratorTest, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& instance) { return instance.param == Family::kIpv4 ? "v4" : "v6"; });

TEST_P(GeneratorTest, ConnectionsAreOpenedAtTheRateAndClosed) {
  serve();
  begin(100);
  run_until([&] { return totals().closed >= 50; });
  generator->drain(client->host());
  simulation->advance(5s);
  EXPECT_EQ(totals().all_failed(), 0u);
  EXPECT_EQ(totals().started, totals().closed);
  EXPECT_EQ(totals().answered, totals().closed);
  EXPECT_EQ(server_board->snapshot()[0].requests, totals().requests);
  EXPECT_EQ(board->latencies(0).total.count(), totals().answered);
  EXPECT_EQ(board->latencies(0).handshake.count(), totals().opened);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, AConnectionTakesSixPackets) {
  serve();
  begin(100);
  run_until([&] { return totals().closed >= 20; });
  generator->drain(client->host());
  simulation->advance(5s);
  EXPECT_EQ(sent(tcp::Counter::kSegmentsOut), 3 * totals().closed) << simulation->trace();
  EXPECT_EQ(sent(tcp::Counter::kSegmentsIn), 3 * totals().closed);
  EXPECT_EQ(client->host().connections_in(tcp::State::kTimeWait), 0u);
  EXPECT_GT(target->host().connections_in(tcp::State::kTimeWait), 0u);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, ClientThatClosesFirstKeepsTimeWait) {
  serve();
  config.request = get(true);
  config.closes_first = FirstToClose::kClient;
  begin(100);
  run_until([&] { return totals().closed >= 20; });
  EXPECT_EQ(totals().all_failed(), 0u);
  EXPECT_GE(client->host().connections_in(tcp::State::kTimeWait), 20u);
  EXPECT_EQ(target->host().connections_in(tcp::State::kTimeWait), 0u);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, ResetLeavesNoTimeWaitAnywhere) {
  serve();
  config.request = get(true);
  config.closes_first = FirstToClose::kReset;
  begin(100);
  run_until([&] { return totals().closed >= 20; });
  EXPECT_EQ(totals().all_failed(), 0u);
  EXPECT_EQ(client->host().connections_in(tcp::State::kTimeWait), 0u);
  EXPECT_EQ(target->host().connections_in(tcp::State::kTimeWait), 0u);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, HandshakeAndClose) {
  serve();
  config.protocol = GeneratorProtocol::kNone;
  config.closes_first = FirstToClose::kClient;
  begin(100);
  run_until([&] { return totals().closed >= 20; });
  EXPECT_EQ(totals().all_failed(), 0u);
  EXPECT_EQ(totals().requests, 0u);
  EXPECT_EQ(board->latencies(0).total.count(), totals().closed);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, RawAnswersEndWithTheirNumberOfBytes) {
  serve(100, ServerKind::kEcho);
  config.protocol = GeneratorProtocol::kRaw;
  config.request = "hello";
  config.answer_bytes = 5;
  config.closes_first = FirstToClose::kClient;
  begin(100);
  run_until([&] { return totals().closed >= 20; });
  EXPECT_EQ(totals().all_failed(), 0u);
  EXPECT_EQ(totals().bytes_in, 5 * totals().answered);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, WithoutARateEveryEndMakesRoomForTheNext) {
  serve();
  begin(0);
  std::uint64_t most = 0;
  run_until([&] {
    most = std::max(most, totals().open);
    return totals().closed >= 500;
  });
  EXPECT_EQ(most, config.open_max);
  EXPECT_EQ(totals().all_failed(), 0u);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, LatencyCountsFromTheIntendedStart) {
  serve();
  begin(1000);
  run_until([&] { return totals().closed >= 10; });
  client->pause_until(simulation->now() + 500ms);  // 500 are due when it wakes, the first half a second ago
  run_until([&] { return totals().closed >= 400; });
  EXPECT_GE(board->latencies(0).total.largest(), 480ms);
  EXPECT_GE(board->latencies(0).total.percentile(80), 100ms);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, SourcesTakeTurns) {
  serve();
  std::map<std::string, unsigned> seen;
  simulation->on_sent = [&](const testing::Sighting& sight) {
    if (&sight.at == client && sight.segment.has(kSyn)) ++seen[sight.ip.source.to_string()];
  };
  begin(100);
  run_until([&] { return totals().closed >= 20; });
  EXPECT_EQ(seen.size(), 2u);
  for (const auto& [source, count] : seen) EXPECT_GE(count, 10u) << source;
  expect_everything_given_back();
}

TEST_P(GeneratorTest, AnotherRateIsFollowed) {
  serve();
  begin(10);
  simulation->advance(10s);
  EXPECT_NEAR(static_cast<double>(totals().started), 100, 2);
  board->order(client->now(), 200, std::chrono::milliseconds{0});
  simulation->advance(1s);  // seen at the next turn
  const std::uint64_t before = totals().started;
  simulation->advance(1s);
  EXPECT_NEAR(static_cast<double>(totals().started - before), 200, 3);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, ConcurrentOnesAreHeldAndAsked) {
  serve();
  config.mode = GeneratorMode::kConcurrent;
  config.request = get(true);
  config.interval = std::chrono::milliseconds{100};
  begin(100);
  run_until([&] { return totals().open == config.open_max; });
  const std::uint64_t before = totals().answered;
  simulation->advance(1s);
  EXPECT_EQ(totals().open, config.open_max);
  EXPECT_EQ(totals().started, config.open_max);
  EXPECT_NEAR(static_cast<double>(totals().answered - before), 8 * 9.8, 9);
  EXPECT_EQ(totals().all_failed(), 0u);
  expect_everything_given_back();
  EXPECT_EQ(totals().closed, config.open_max);
}

TEST_P(GeneratorTest, ConcurrentOnesThatAreLostAreReplacedAtTheRate) {
  Party& lets_go = misbehave();
  config.mode = GeneratorMode::kConcurrent;
  config.interval = config.timeout = std::chrono::milliseconds{100'000};
  begin(10);
  run_until([&] { return totals().open == config.open_max; });
  simulation->advance(5s);
  EXPECT_EQ(totals().started, config.open_max);
  EXPECT_EQ(totals().behind, 0U) << "nothing is due while all are open";
  lets_go.reset_all();
  simulation->advance(450ms);
  EXPECT_LE(totals().started, config.open_max + 5);
  EXPECT_GE(totals().started, config.open_max + 3);
}

TEST_P(GeneratorTest, ConcurrentOnesAreNotAskedAllAtOnce) {
  serve();
  config.mode = GeneratorMode::kConcurrent;
  config.request = get(true);
  config.interval = std::chrono::milliseconds{1000};
  config.timeout = std::chrono::milliseconds{100'000};
  config.asked_max = 3;
  begin(0);
  run_until([&] { return totals().answered == config.open_max; });
  target->on_turn = {};  // from now on it does not answer
  target->next_deadline = {};
  simulation->advance(3s);
  EXPECT_EQ(totals().requests, config.open_max + 3);
  EXPECT_EQ(totals().all_failed(), 0U);
}

TEST_P(GeneratorTest, RequestsShareKeptConnections) {
  serve();
  config.mode = GeneratorMode::kRequests;
  config.request = get(true);
  begin(500);
  run_until([&] { return totals().answered >= 1000; });
  EXPECT_EQ(totals().started, config.open_max);
  EXPECT_EQ(totals().all_failed(), 0u);
  EXPECT_LT(board->latencies(0).total.percentile(99), 10ms);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, RequestsWithoutARateFollowEachOther) {
  serve();
  config.mode = GeneratorMode::kRequests;
  config.request = get(true);
  begin(0);
  run_until([&] { return totals().answered >= 1000; });
  EXPECT_EQ(totals().started, config.open_max);
  EXPECT_EQ(totals().all_failed(), 0u);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, DownloadsBytes) {
  serve(1'000'000);
  config.mode = GeneratorMode::kThroughput;
  config.request = get(true);
  config.open_max = 2;
  begin(0);
  run_until([&] { return totals().answered >= 4; });
  EXPECT_GE(totals().bytes_in, 4'000'000u);
  EXPECT_EQ(totals().all_failed(), 0u);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, UploadsBytes) {
  serve(0, ServerKind::kDiscard);
  config.mode = GeneratorMode::kThroughput;
  config.protocol = GeneratorProtocol::kRaw;
  config.transfer = Transfer::kUpload;
  config.open_max = 2;
  begin(0);
  run_until([&] { return server_board->snapshot()[0].bytes_in >= 2'000'000; });
  EXPECT_EQ(totals().all_failed(), 0u);
  expect_everything_given_back();
}

TEST_P(GeneratorTest, DownloadsWithoutEnd) {
  serve(0, ServerKind::kChargen);
  config.mode = GeneratorMode::kThroughput;
  config.protocol = GeneratorProtocol::kRaw;
  config.request = "";
  config.open_max = 2;
  begin(0);
  run_until([&] { return totals().bytes_in >= 2'000'000; });
  EXPECT_EQ(totals().all_failed(), 0u);
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::load
