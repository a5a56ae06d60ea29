// Back ends that refuse or say nothing, and clients that leave meanwhile.
#include "proxy_fixture.h"

namespace weir::balance {
namespace {

TEST_P(ProxyTest, ARefusedConnectIsRetriedElsewhere) {
  start();
  serve({0});
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  here->to_send = "hello";
  run_until([&] { return there->received == "hello"; });
  EXPECT_EQ(opens_at(1), 1u);
  EXPECT_EQ(status().retries, 1u);
  EXPECT_EQ(status().backends[0].refused, 1u);
  EXPECT_EQ(status().backends[0].open, 0u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, ASilentBackEndIsRetriedElsewhereInItsShareOfTheTime) {
  config().timeouts.connect = milliseconds{3000};
  start();
  serve();
  silence(0);
  Line& here = connect();
  here.to_send = "patience";
  simulation->advance(990ms);
  EXPECT_EQ(opens_at(1), 0u);
  simulation->advance(100ms);  // a third of the time for the first of three
  ASSERT_EQ(opens_at(1), 1u);
  EXPECT_EQ(backends[1]->lines[0].received, "patience");
  EXPECT_EQ(status().backends[0].timeout, 1u);
  EXPECT_FALSE(here.closed);
  expect_everything_given_back();
}

TEST_P(ProxyTest, WhenAllRefuseTheClientIsReset) {
  start();
  serve({0, 1, 2});
  Line& here = connect();
  run_until([&] { return here.closed; }, 1s);
  EXPECT_TRUE(here.was_reset());
  EXPECT_EQ(status().out_of_tries, 1u);
  EXPECT_EQ(status().retries, 2u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, WhenAllAreSilentTheClientIsResetAtTheConnectTimeout) {
  config().timeouts.connect = milliseconds{3000};
  start();
  serve();
  for (std::size_t i = 0; i < kBackends; ++i) silence(i);
  Line& here = connect();
  simulation->advance(2900ms);
  EXPECT_FALSE(here.closed);
  simulation->advance(200ms);
  EXPECT_TRUE(here.was_reset());
  EXPECT_EQ(status().out_of_tries, 1u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, RetriesAreAsManyAsConfigured) {
  config().retries = 1;
  start();
  serve({0, 1});
  Line& here = connect();
  run_until([&] { return here.closed; }, 1s);
  EXPECT_TRUE(here.was_reset());
  EXPECT_EQ(opens_at(2), 0u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, WhenNoBackEndIsUpTheClientIsResetAtOnce) {
  start();
  serve();
  for (SharedBackend& backend : board->backends(0)) backend.set_healthy(false, simulation->now());
  Line& here = connect();
  run_until([&] { return here.closed; }, 100ms);
  EXPECT_TRUE(here.was_reset());
  EXPECT_EQ(status().no_backend, 1u);
  EXPECT_EQ(status().state, ServiceState::kDown);
  expect_everything_given_back();
}

TEST_P(ProxyTest, AClientThatResetsWhileConnectingEndsTheAttempt) {
  start();
  serve();
  silence(0);
  Line& here = connect();
  simulation->advance(100ms);
  EXPECT_EQ(weir->host().connections_in(tcp::State::kSynSent), 1u);
  client->reset(here);
  simulation->advance(100ms);
  EXPECT_EQ(weir->host().connections_in(tcp::State::kSynSent), 0u);
  EXPECT_EQ(proxy->open_sessions(), 0u);
  EXPECT_EQ(status().client_resets, 1u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, WhatAClientSaidBeforeTheBackEndOpenedArrivesWithItsEnd) {
  config().timeouts.connect = milliseconds{3000};
  start();
  serve();
  silence(0);
  Line& here = connect();
  here.to_send = text_pattern(50'000, 4);
  here.ends_when_sent = true;
  simulation->advance(2s);
  ASSERT_EQ(opens_at(1), 1u) << simulation->trace();
  EXPECT_TRUE(backends[1]->lines[0].received == here.to_send);
  EXPECT_TRUE(backends[1]->lines[0].saw_end);
  expect_everything_given_back();
}

TEST_P(ProxyTest, ASourcePortIsTakenFromThePool) {
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  EXPECT_EQ(backends[0]->at().host().info(there->id)->remote.address, config().sources[0]);
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::balance
