// Proxied connections as clients and back ends see them.
#include <algorithm>

#include <gtest/gtest-spi.h>

#include <weir/balance/proxy_protocol.h>

#include "proxy_fixture.h"

namespace weir::balance {
namespace {

INSTANTIATE_TEST_SUITE_P(All, ProxyTest,
                         ::testing::Values(Families{Family::kIpv4, Family::kIpv4},
                                           Families{Family::kIpv6, Family::kIpv6},
                                           Families{Family::kIpv6, Family::kIpv4}),
                         [](const auto& instance) {
                           const auto name = [](Family f) { return f == Family::kIpv4 ? "v4" : "v6"; };
                           return std::string{name(instance.param.client)} + "to" + name(instance.param.backend);
                         });

TEST_P(ProxyTest, BytesArriveUnchangedBothWays) {
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  here->to_send = text_pattern(1'000'000, 1);
  there->to_send = text_pattern(1'500'000, 2);
  run_until([&] { return here->received.size() == 1'500'000 && there->received.size() == 1'000'000; });
  EXPECT_TRUE(there->received == here->to_send);
  EXPECT_TRUE(here->received == there->to_send);
  EXPECT_EQ(status().open, 1u);
  client->end(*here);
  there->closes_at_end = true;
  run_until([&] { return here->closed && there->closed; });
  EXPECT_TRUE(here->ended_well() && there->ended_well());
  EXPECT_EQ(status().backends[0].bytes_in, 1'000'000u);
  EXPECT_EQ(status().backends[0].bytes_out, 1'500'000u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, BytesArriveUnchangedOverABadNetwork) {
  start();
  serve();
  simulation->link = {
      .delay = 5ms, .loss_percent = 3, .duplicate_percent = 2, .reorder_percent = 5, .corrupt_percent = 1};
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  here->to_send = text_pattern(300'000, 1);
  there->to_send = text_pattern(400'000, 2);
  here->ends_when_sent = there->ends_when_sent = true;
  run_until([&] { return here->saw_end && there->saw_end; }, 600s);
  EXPECT_TRUE(there->received == here->to_send);
  EXPECT_TRUE(here->received == there->to_send);
  simulation->link = {};
  expect_everything_given_back();
}

TEST_P(ProxyTest, ClientClosesItsHalfFirst) {
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  here->to_send = "request";
  here->ends_when_sent = true;
  run_until([&] { return there->saw_end; });
  EXPECT_EQ(there->received, "request");
  EXPECT_FALSE(here->saw_end);
  there->to_send = text_pattern(200'000, 3);
  there->ends_when_sent = true;
  run_until([&] { return here->saw_end; });
  EXPECT_TRUE(here->received == there->to_send);
  simulation->advance(1s);
  EXPECT_TRUE(here->ended_well() && there->ended_well());
  EXPECT_EQ(proxy->open_sessions(), 0u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, BackEndClosesItsHalfFirst) {
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  there->to_send = "greeting";
  there->ends_when_sent = true;
  run_until([&] { return here->saw_end; });
  EXPECT_FALSE(there->saw_end);
  here->to_send = text_pattern(200'000, 3);
  here->ends_when_sent = true;
  run_until([&] { return there->saw_end; });
  EXPECT_TRUE(there->received == here->to_send);
  simulation->advance(1s);
  EXPECT_TRUE(here->ended_well() && there->ended_well());
  EXPECT_EQ(proxy->open_sessions(), 0u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, AResetOfTheClientReachesTheBackEnd) {
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  here->to_send = "half of a requ";
  simulation->advance(1s);
  client->reset(*here);
  run_until([&] { return there->closed; });
  EXPECT_TRUE(there->was_reset());
  EXPECT_EQ(status().client_resets, 1u);
  EXPECT_EQ(status().backends[0].reset, 0u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, AResetOfTheBackEndReachesTheClient) {
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  backends[0]->reset(*there);
  run_until([&] { return here->closed; });
  EXPECT_TRUE(here->was_reset());
  EXPECT_EQ(status().client_resets, 0u);
  EXPECT_EQ(status().backends[0].reset, 1u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, ManyConnectionsAreSharedOut) {
  config().scheduler = SchedulerKind::kLeastConnections;
  config().backends[2].weight = 2;
  start();
  serve();
  for (int i = 0; i < 40; ++i) {
    Line& line = connect();
    line.to_send = text_pattern(5000, static_cast<std::uint32_t>(i));
  }
  run_until([&] { return opens_at(0) + opens_at(1) + opens_at(2) == 40; });
  EXPECT_EQ(opens_at(0), 10u);
  EXPECT_EQ(opens_at(1), 10u);
  EXPECT_EQ(opens_at(2), 20u);
  EXPECT_EQ(status().backends[2].open, 20u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, ABackEndOfWeightZeroDrains) {
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();  // on the first
  board->backends(0)[0].set_weight(0);
  for (int i = 0; i < 6; ++i) connect();
  simulation->advance(1s);
  EXPECT_EQ(opens_at(0), 1u);
  EXPECT_EQ(opens_at(1), 3u);
  here->to_send = "still alive";
  simulation->advance(1s);
  EXPECT_EQ(there->received, "still alive");
  expect_everything_given_back();
}

TEST_P(ProxyTest, ClientsBeyondTheSessionsAreReset) {
  balancer_config.sessions = 4;
  start();
  serve();
  for (int i = 0; i < 6; ++i) connect();
  simulation->advance(1s);
  EXPECT_EQ(std::ranges::count_if(client->lines, &Line::was_reset), 2);
  EXPECT_EQ(status().no_resources, 2u);
  EXPECT_EQ(status().open, 4u);
  expect_everything_given_back();
}

TEST_P(ProxyTest, ProxyHeaderComesBeforeTheFirstByte) {
  for (const ProxyProtocol version : {ProxyProtocol::kV1, ProxyProtocol::kV2}) {
    SCOPED_TRACE(to_string(version));
    config().proxy_protocol = version;
    start();
    if (version == ProxyProtocol::kV1) serve();
    Line *here = nullptr, *there = nullptr;
    std::tie(here, there) = open();
    here->to_send = "GET / HTTP/1.0\r\n\r\n";
    run_until([&] { return there->received.ends_with("\r\n\r\n"); });
    const auto info = client->at().host().info(here->id).value();
    const ProxyHeader header{version, info.local, service()};
    const std::string expected{header.bytes().begin(), header.bytes().end()};
    EXPECT_EQ(there->received, expected + here->to_send);
    proxy->stop(weir->host());
    weir->on_turn = nullptr;
    simulation->advance(1s);
  }
  expect_everything_given_back();
}

// The twins of every test above: what they claim about pools must be able to fail.
TEST_P(ProxyTest, ALeakedPacketIsNoticed) {
  start();
  serve();
  open();
  const Packet leaked = weir->packets().allocate();
  EXPECT_NONFATAL_FAILURE(expect_everything_given_back(), "packets were not given back");
}

}  // namespace
}  // namespace weir::balance
