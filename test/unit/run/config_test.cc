// Configuration files that are right.
#include <weir/run/config.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "small_configs.h"

namespace weir::run {
namespace {

using namespace std::chrono_literals;

TEST(Config, NeedsLittleForALoadBalancer) {
  const LbConfig config = parse_lb_config(kSmallestLb, "lb.toml");
  EXPECT_EQ(config.process.name, "lb");
  EXPECT_EQ(config.process.control_socket, "/run/weir/lb.sock");
  ASSERT_EQ(config.process.ports.size(), 1u);
  EXPECT_THAT(config.process.ports[0].announced,
              ::testing::ElementsAre(*IpAddress::parse("10.0.0.80"), *IpAddress::parse("fd00::80")));
  ASSERT_EQ(config.balancer.services.size(), 1u);
  EXPECT_EQ(config.balancer.services[0].backends[0].address, *Endpoint::parse("10.0.0.11:8080"));
}

TEST(Config, NeedsLittleForAServer) {
  const ServeConfig config = parse_serve_config(kSmallestServe, "serve.toml");
  EXPECT_EQ(config.process.ports[0].device, "0000:03:00.0");
  ASSERT_EQ(config.serve.servers.size(), 1u);
  EXPECT_EQ(config.serve.servers[0].kind, load::ServerKind::kEcho);
  EXPECT_EQ(config.serve.servers[0].name, "echo");
}

TEST(Config, TakesAnAddressOfThePortItselfWithoutAnnouncingItTwice) {
  std::string text = kSmallestLb;
  text.replace(text.find("10.0.0.80:80"), 12, "10.0.0.2:80");
  EXPECT_EQ(parse_lb_config(text, "lb.toml").process.ports[0].announced.size(), 1u);
}

TEST(Config, SetsEverythingThatIsGiven) {
  const LbConfig config = parse_lb_config(std::string(R"([process]
name = "edge"
workers = 4
lcores = "2-5"
huge_pages = "never"
memory_mb = 512
packets = 70000
connections = 5000
cold_blocks = 4000
half_open = 3000
time_wait_v4 = 2000
time_wait_v6 = 1000
idle_sleep_us = 50
missteer_every = 10
drain_deadline_ms = 5000
log_level = "debug"
[tcp]
rto_min_ms = 1000
msl_ms = 60000
mss_bytes = 1400
nagle = false
rack = false
tail_loss_probe = false
undo_spurious = false
congestion_control = "newreno"
ecn = "on"
hystart = false
pacing = true
slow_start_segments = 4
)") + kSmallestLb + R"([service.health]
enabled = false
interval_ms = 100
[[route]]
to = "::/0"
via = "fd00::1"
[[neighbour]]
address = "10.0.0.11"
mac = "02:00:00:00:00:0b"
)",
                                          "lb.toml");
  EXPECT_EQ(config.process.control_socket, "/run/weir/edge.sock");
  EXPECT_EQ(config.process.workers, 4u);
  EXPECT_EQ(config.process.packets, 70'000u);
  EXPECT_EQ(config.process.connections, 5000u);
  EXPECT_EQ(config.process.cold_blocks, 4000u);
  EXPECT_EQ(config.process.half_open, 3000u);
  EXPECT_EQ(config.process.time_wait_v4, 2000u);
  EXPECT_EQ(config.process.time_wait_v6, 1000u);
  EXPECT_EQ(config.process.lcores, "2-5");
  EXPECT_EQ(config.process.huge_pages, HugePages::kNever);
  EXPECT_EQ(config.process.missteer_every, 10u);
  EXPECT_EQ(config.process.drain_deadline, 5s);
  EXPECT_EQ(config.process.log_level, LogLevel::kDebug);
  EXPECT_EQ(config.process.tcp.rto_min, 1s);
  EXPECT_EQ(config.process.tcp.mss, 1400);
  EXPECT_FALSE(config.process.tcp.nagle);
  EXPECT_FALSE(config.process.tcp.rack);
  EXPECT_FALSE(config.process.tcp.tail_loss_probe);
  EXPECT_FALSE(config.process.tcp.undo_spurious);
  EXPECT_EQ(config.process.tcp.congestion_control, tcp::CongestionControl::kNewReno);
  EXPECT_EQ(config.process.tcp.ecn, tcp::EcnMode::kOn);
  EXPECT_FALSE(config.process.tcp.hystart);
  EXPECT_TRUE(config.process.tcp.pacing);
  EXPECT_EQ(config.process.tcp.slow_start_segments, 4);
  EXPECT_FALSE(config.balancer.services[0].health.enabled);
  EXPECT_EQ(config.process.routes, (std::vector<RouteConfig>{{*Prefix::parse("::/0"), *IpAddress::parse("fd00::1")}}));
  EXPECT_EQ(config.process.neighbours.size(), 1u);
}

TEST(Config, LoadsTheExamples) {
  EXPECT_NO_THROW(load_lb_config(WEIR_SOURCE "/config/lb.toml"));
  EXPECT_NO_THROW(load_serve_config(WEIR_SOURCE "/config/serve.toml"));
}

}  // namespace
}  // namespace weir::run
