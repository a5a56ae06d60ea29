// Configurations of the load generator: what they mean, and what is refused.
#include <weir/run/config.h>
#include <weir/run/forecast.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::run {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr const char* kPort = R"([[port]]
device = "net_tap0,iface=t"
addresses = ["10.0.0.2/16", "fd00::2/64"]
)";

CpsConfig parsed(const std::string& load, const std::string& before = "") {
  return parse_cps_config(before + kPort + "[load]\n" + load, "cps.toml");
}

std::string problem(const std::string& load, const std::string& before = "") {
  try {
    parsed(load, before);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

const std::string kTarget = "targets = [\"10.0.0.80:80\"]\n";

TEST(CpsConfig, NeedsLittle) {
  const CpsConfig config = parsed(kTarget);
  EXPECT_EQ(config.process.name, "cps");
  EXPECT_EQ(config.generator.mode, load::GeneratorMode::kConnections);
  EXPECT_EQ(config.generator.sources.size(), 2u);  // the port's own
  EXPECT_EQ(config.generator.rate, 0);
  EXPECT_EQ(config.generator.request, "GET / HTTP/1.1\r\nHost: 10.0.0.80:80\r\nConnection: close\r\n\r\n");
}

TEST(CpsConfig, ExampleIsRight) {
  const CpsConfig config = load_cps_config(std::string(WEIR_SOURCE) + "/config/cps.toml");
  EXPECT_EQ(config.generator.sources.size(), 50u);
  EXPECT_EQ(config.generator.rate, 10'000);
  EXPECT_EQ(config.plan.expect.size(), 2u);
  EXPECT_THAT(summary(config), HasSubstr("50 addresses x 64512 ports / 60 s TIME_WAIT = 53760/s"));
}

TEST(CpsConfig, SetsEverythingThatIsGiven) {
  const CpsConfig config = parsed(kTarget + R"(mode = "requests"
protocol = "raw"
closes_first = "client"
request = "ping"
answer_bytes = 4
rate = 5000
open_max = 50
ramp_up_ms = 100
warm_up_ms = 200
duration_ms = 3000
timeout_ms = 400
interval_ms = 500
expect = "rate >= 4900"
)");
  const load::GeneratorConfig& load = config.generator;
  EXPECT_EQ(load.mode, load::GeneratorMode::kRequests);
  EXPECT_EQ(load.protocol, load::GeneratorProtocol::kRaw);
  EXPECT_EQ(load.closes_first, load::FirstToClose::kClient);
  EXPECT_EQ(load.request, "ping");
  EXPECT_EQ(load.answer_bytes, 4u);
  EXPECT_EQ(load.rate, 5000);
  EXPECT_EQ(load.open_max, 50u);
  EXPECT_EQ(load.ramp_up, 100ms);
  EXPECT_EQ(config.plan.warm_up, 200ms);
  EXPECT_EQ(config.plan.duration, 3s);
  EXPECT_EQ(load.timeout, 400ms);
  EXPECT_EQ(load.interval, 500ms);
}

TEST(CpsConfig, SourcesAreSinglyOrManyAtOnce) {
  const auto sources =
      parsed(kTarget + R"(sources = ["10.0.1.7", "10.0.2.250-10.0.3.5", "10.0.4.9/29"])").generator.sources;
  ASSERT_EQ(sources.size(), 1u + 12u + 6u);
  EXPECT_EQ(sources[1].to_string(), "10.0.2.250");
  EXPECT_EQ(sources[12].to_string(), "10.0.3.5");
  EXPECT_EQ(sources[13].to_string(), "10.0.4.9");
  EXPECT_EQ(sources[18].to_string(), "10.0.4.14");
  const auto six = parsed("targets = \"[fd00::80]:80\"\nsources = [\"fd00::1:fe-fd00::1:102\", \"fd00::ff01:0/126\"]")
                       .generator.sources;
  ASSERT_EQ(six.size(), 5u + 4u);
  EXPECT_EQ(six[2].to_string(), "fd00::1:100");
  EXPECT_EQ(six[8].to_string(), "fd00::ff01:3");
}

TEST(CpsConfig, ThousandsOfSourcesAreAnnounced) {
  const CpsConfig config = parsed(kTarget + "sources = \"10.0.16.1-10.0.31.254\"");
  EXPECT_EQ(config.generator.sources.size(), 4094u);
  EXPECT_EQ(config.process.ports[0].announced.size(), 4094u);
  EXPECT_THAT(summary(config), HasSubstr("(4094 addresses)"));
}

TEST(CpsConfig, BadSourcesAreRefused) {
  EXPECT_THAT(problem(kTarget + "sources = \"10.0.0.9-10.0.0.3\""), HasSubstr("names no addresses"));
  EXPECT_THAT(problem(kTarget + "sources = \"10.0.0.1-fd00::3\""), HasSubstr("names no addresses"));
  EXPECT_THAT(problem(kTarget + "sources = \"fd00::/64\""), HasSubstr("too many addresses"));
  EXPECT_THAT(problem(kTarget + "sources = \"172.16.0.1\""), HasSubstr("in no network of a port"));
  EXPECT_THAT(problem("targets = \"[fd00::80]:80\"\nsources = \"10.0.0.3\""), HasSubstr("no source is of the family"));
}

TEST(CpsConfig, AFloodNeedsItsTargetInTheAllowList) {
  const std::string flood = kTarget + "mode = \"flood\"\nrate = 1000\n";
  EXPECT_THAT(problem(flood), HasSubstr("10.0.0.80 is not allowed to be flooded"));
  EXPECT_THAT(problem(flood + "[load.flood]\nsources = \"198.18.0.0/15\"\n"), HasSubstr("is not allowed"));
  EXPECT_THAT(problem(flood + "[load.flood]\nsources = \"198.18.0.0/15\"\nallowed_targets = \"10.0.0.81\"\n"),
              HasSubstr("10.0.0.80 is not allowed"));
  EXPECT_EQ(problem(flood + "[load.flood]\nsources = \"198.18.0.0/15\"\nallowed_targets = \"10.0.0.80\"\n"), "");
}

TEST(CpsConfig, AFloodComesFromTestNetworksOnly) {
  const std::string flood = kTarget + "mode = \"flood\"\nrate = 1000\n[load.flood]\nallowed_targets = \"10.0.0.80\"\n";
  EXPECT_THAT(problem(flood + "sources = \"8.8.8.0/24\""), HasSubstr("is not a network for tests"));
  EXPECT_THAT(problem(flood + "sources = \"10.0.0.0/7\""), HasSubstr("is not a network for tests"));
  EXPECT_THAT(problem(flood + "sources = \"2001:2::/48\""), HasSubstr("no sources are of the family"));
  EXPECT_EQ(problem(flood + "sources = \"10.200.0.0/16\""), "");
}

TEST(CpsConfig, AFloodHasARate) {
  EXPECT_THAT(problem(kTarget + "mode = \"flood\"\n[load.flood]\nsources = \"198.18.0.0/15\"\n"
                                "allowed_targets = \"10.0.0.80\"\n"),
              HasSubstr("a flood without a rate"));
}

TEST(CpsConfig, AFloodBesideConnectionsIsAskedForByItsRate) {
  const std::string beside = kTarget + "rate = 1000\n[load.flood]\nsources = \"198.18.0.0/15\"\n";
  EXPECT_EQ(parsed(beside).generator.flood_rate, 0);
  EXPECT_THAT(problem(beside + "rate = 5000\n"), HasSubstr("is not allowed to be flooded"));
  EXPECT_EQ(parsed(beside + "rate = 5000\nallowed_targets = \"10.0.0.80\"\n").generator.flood_rate, 5000);
  EXPECT_THAT(problem(kTarget + "mode = \"flood\"\nrate = 1000\n[load.flood]\nsources = \"198.18.0.0/15\"\nrate = 5\n"
                                "allowed_targets = \"10.0.0.80\"\n"),
              HasSubstr("whose rate is that of [load]"));
}

TEST(CpsConfig, TooFewPortsAreSaidWithTheArithmetic) {
  const std::string load =
      kTarget + "closes_first = \"client\"\nsources = \"10.0.1.1-10.0.1.50\"\nduration_ms = 100000\n";
  EXPECT_THAT(problem(load + "rate = 60000"),
              HasSubstr("60000/s for 102 s needs 3600000 ports, and there are 3225600: 50 addresses x 64512 ports / 60 "
                        "s TIME_WAIT = 53760/s"));
  EXPECT_EQ(problem(load + "rate = 53000"), "");
  // A run that ends before the first port comes again.
  EXPECT_EQ(problem(load + "rate = 60000", "[tcp]\nmsl_ms = 1000\n"), "");
}

TEST(CpsConfig, TimeWaitOfTheServerIsItsOwnMatterAndSaid) {
  const CpsConfig config = parsed(kTarget + "rate = 60000\nduration_ms = 100000\nsources = \"10.0.1.1-10.0.1.50\"");
  ASSERT_EQ(describe_source_ports(config).size(), 1u);
  EXPECT_THAT(describe_source_ports(config)[0], HasSubstr("53760/s; 60000/s are asked for"));
}

TEST(CpsConfig, MoreAtOnceThanPortsOrConnections) {
  EXPECT_THAT(problem(kTarget + "open_max = 100000"), HasSubstr("write connections = 100000"));
  EXPECT_THAT(problem(kTarget + "mode = \"concurrent\"\nopen_max = 100000\nsources = \"10.0.0.3\"",
                      "[process]\nconnections = 100000\n"),
              HasSubstr("more than 1 address x 64512 ports give"));
}

TEST(CpsConfig, WhatDoesNotFitTogetherIsRefused) {
  EXPECT_THAT(problem(kTarget + "mode = \"requests\"\nprotocol = \"none\""), HasSubstr("has nothing to ask for"));
  EXPECT_THAT(problem(kTarget + "mode = \"requests\"\nprotocol = \"raw\""), HasSubstr("where an answer"));
  EXPECT_THAT(problem(kTarget + "protocol = \"raw\"\ncloses_first = \"client\""), HasSubstr("where the answer ends"));
  EXPECT_THAT(problem(kTarget + "transfer = \"upload\""), HasSubstr("only bytes are sent without end"));
  EXPECT_THAT(problem(kTarget + "path = \"/a b\""), HasSubstr("cannot stand in a request"));
  EXPECT_THAT(problem(kTarget + "request = \"ping\""), HasSubstr("is for protocol = \"raw\""));
  EXPECT_THAT(problem(kTarget + "expect = \"speed is good\""), HasSubstr("is no condition"));
  EXPECT_THAT(problem(kTarget + "rat = 5"), HasSubstr("unknown key"));
  EXPECT_THAT(problem(""), HasSubstr("targets"));
}

}  // namespace
}  // namespace weir::run
