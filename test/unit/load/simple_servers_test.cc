// Echo, discard and chargen over connections of the simulated network.
#include "server_fixture.h"

namespace weir::load {
namespace {

TEST_P(ServerTest, EchoSendsBackWhatComes) {
  start(ServerKind::kEcho);
  simulation->link = {
      .delay = 5ms, .loss_percent = 2, .duplicate_percent = 1, .reorder_percent = 3, .corrupt_percent = 1};
  const std::string text = text_pattern(500'000, 3);
  EXPECT_TRUE(answer_to(text) == text);
  simulation->link = {};
  expect_everything_given_back();
}

TEST_P(ServerTest, EchoHoldsBackAClientThatDoesNotRead) {
  config().buffer_bytes = 65536;
  start(ServerKind::kEcho);
  Line& line = connect();
  line.reads_at_most = 0;
  line.to_send = text_pattern(3'000'000, 4);
  simulation->advance(20s);
  EXPECT_LT(line.sent, 1'500'000u);
  line.reads_at_most = ~std::size_t{0};
  run_until([&] { return line.received.size() == 3'000'000; }, 120s);
  EXPECT_TRUE(line.received == line.to_send);
  expect_everything_given_back();
}

TEST_P(ServerTest, DiscardReadsEverythingAndSaysNothing) {
  start(ServerKind::kDiscard);
  EXPECT_EQ(answer_to(text_pattern(700'000, 5)), "");
  EXPECT_EQ(status().bytes_in, 700'000u);
  expect_everything_given_back();
}

TEST_P(ServerTest, ChargenSendsUntilTheClientCloses) {
  start(ServerKind::kChargen);
  Line& line = connect();
  run_until([&] { return line.received.size() > 1'000'000; });
  EXPECT_EQ(line.received.substr(0, 8), " !\"#$%&'");
  EXPECT_EQ(line.received.substr(74 * 1000 + 72, 2), "\r\n");
  client->end(line);
  run_until([&] { return line.saw_end; });
  expect_everything_given_back();
}

TEST_P(ServerTest, AResetEndsTheSession) {
  start(ServerKind::kChargen);
  Line& line = connect();
  simulation->advance(1s);
  client->reset(line);
  simulation->advance(1s);
  EXPECT_EQ(server->open_sessions(), 0u);
  EXPECT_EQ(status().resets, 1u);
  expect_everything_given_back();
}

TEST_P(ServerTest, AQuietConnectionIsResetAtTheIdleTimeout) {
  config().idle = milliseconds{10'000};
  start(ServerKind::kEcho);
  Line& line = connect();
  line.to_send = "x";
  simulation->advance(9900ms);
  EXPECT_FALSE(line.closed);
  simulation->advance(300ms);
  EXPECT_TRUE(line.was_reset());
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::load
