// Bounds of time and memory: slow readers, quiet connections, drains.
#include "proxy_fixture.h"

namespace weir::balance {
namespace {

TEST_P(ProxyTest, ASlowClientStopsTheBackEndWithinTheBuffers) {
  config().buffer_bytes = 65536;
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  here->reads_at_most = 0;
  there->to_send = text_pattern(2'000'000, 5);
  simulation->advance(20s);
  const auto held = there->sent - backends[0]->at().host().info(there->id)->unsent;
  const auto client_window = tcp::Settings{}.receive_buffer_initial;  // who does not read gets no more
  // In the client's window, in Weir, and in flight or unsent at the back end: not the two megabytes.
  EXPECT_LE(held, client_window + config().buffer_bytes);
  EXPECT_LT(there->sent, there->to_send.size());
  here->reads_at_most = ~std::size_t{0};
  run_until([&] { return here->received.size() == 2'000'000; }, 120s);
  EXPECT_TRUE(here->received == there->to_send);
  expect_everything_given_back();
}

TEST_P(ProxyTest, ASlowBackEndStopsTheClientWithinTheBuffers) {
  config().buffer_bytes = 65536;
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  there->reads_at_most = 0;
  here->to_send = text_pattern(2'000'000, 6);
  simulation->advance(20s);
  const auto held = here->sent - client->at().host().info(here->id)->unsent;
  EXPECT_LE(held, tcp::Settings{}.receive_buffer_initial + config().buffer_bytes);
  there->reads_at_most = ~std::size_t{0};
  run_until([&] { return there->received.size() == 2'000'000; }, 120s);
  EXPECT_TRUE(there->received == here->to_send);
  expect_everything_given_back();
}

TEST_P(ProxyTest, AQuietConnectionIsResetAtTheIdleTimeout) {
  config().timeouts.idle = milliseconds{10'000};
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  simulation->advance(9s);
  here->to_send = "x";  // the time begins anew
  simulation->advance(9s);
  EXPECT_FALSE(here->closed);
  simulation->advance(2s);
  EXPECT_TRUE(here->was_reset());
  EXPECT_TRUE(there->was_reset());
  EXPECT_EQ(status().idle_timeouts, 1u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, AHalfClosedConnectionIsResetAtTheCloseTimeout) {
  config().timeouts.close = milliseconds{5'000};
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  client->end(*here);
  simulation->advance(4900ms);
  EXPECT_FALSE(here->closed || there->closed);
  simulation->advance(200ms);
  EXPECT_TRUE(here->was_reset() && there->was_reset());
  EXPECT_EQ(status().close_timeouts, 1u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, AClientThatVanishesIsGivenUp) {
  config().timeouts.idle = milliseconds{30'000};
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  simulation->filter = [](const std::string& from, const IpHeader&, const Segment&) { return from != "client"; };
  there->to_send = text_pattern(100'000, 7);
  simulation->advance(70s);
  EXPECT_TRUE(there->was_reset());
  EXPECT_EQ(proxy->open_sessions(), 0u);
  simulation->filter = nullptr;
  expect_everything_given_back();
}

TEST_P(ProxyTest, ASlowButSteadyReaderOutlivesTheCloseTimeout) {
  config().timeouts.close = milliseconds{5'000};
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  here->reads_at_most = 0;
  there->to_send = text_pattern(450'000, 8);
  there->ends_when_sent = true;
  client->end(*here);
  for (int i = 0; i < 40; ++i) {
    simulation->advance(1s);
    here->reads_at_most += 12'000;
  }
  simulation->advance(1s);
  EXPECT_TRUE(here->received == there->to_send);
  EXPECT_TRUE(here->saw_end);
  EXPECT_EQ(status().close_timeouts, 0u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, ADrainLetsOpenConnectionsFinishAndTakesNoNewOnes) {
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  here->to_send = "last words";
  proxy->drain(weir->host());
  EXPECT_FALSE(proxy->is_drained());
  EXPECT_EQ(status().state, ServiceState::kDraining);
  Line& late = connect();
  simulation->advance(1s);
  EXPECT_EQ(late.reason, tcp::CloseReason::kRefused);
  EXPECT_EQ(there->received, "last words");
  there->to_send = "farewell";
  there->ends_when_sent = there->closes_at_end = true;
  here->closes_at_end = true;
  run_until([&] { return proxy->is_drained(); }, 5s);
  EXPECT_EQ(here->received, "farewell");
  EXPECT_TRUE(here->ended_well());
  expect_everything_given_back();
}

TEST_P(ProxyTest, StoppingResetsWhatIsOpen) {
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  proxy->stop(weir->host());
  EXPECT_TRUE(proxy->is_drained());
  simulation->advance(1s);
  EXPECT_TRUE(here->was_reset() && there->was_reset());
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::balance
