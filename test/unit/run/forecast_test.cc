// Forecasts of memory and source ports.
#include <weir/run/forecast.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <weir/base/region.h>

#include "small_configs.h"

namespace weir::run {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t kGiB = 1 << 30;

TEST(Forecast, WorkersShareWhatIsOfTheProcess) {
  ProcessConfig config;
  config.workers = 3;
  config.connections = 1000;
  EXPECT_EQ(host_config(config).connections, 334u);
}

TEST(Forecast, CountsEveryWorkerAndThePackets) {
  ProcessConfig config;
  const std::uint64_t one = forecast(config, 0).total();
  config.connections *= 2, config.half_open *= 2, config.time_wait_v4 *= 2, config.time_wait_v6 *= 2;
  config.packets *= 2;
  config.workers = 2;
  EXPECT_EQ(forecast(config, 0).total(), 2 * one);
  EXPECT_EQ(forecast(config, 7).total(), 2 * one + 7);
}

TEST(Forecast, HasAColdBlockForEachConnectionUnlessToldOtherwise) {
  const auto bytes_of = [](const ProcessConfig& config, const std::string& name) {
    std::uint64_t bytes = 0;
    for (const auto& part : forecast(config, 0).parts)
      if (part.name == name) bytes += part.bytes;
    return bytes;
  };
  ProcessConfig config;
  config.workers = 2;
  config.connections = 10'000;
  const std::uint64_t all = bytes_of(config, "cold blocks");
  config.cold_blocks = 1000;
  EXPECT_EQ(host_config(config).cold_blocks, 500u);
  EXPECT_EQ(bytes_of(config, "cold blocks"), all / 10);
}

TEST(Forecast, IsTellingPeople) {
  const stack::MemoryForecast forecast{{{"connections", kGiB + 1}, {"packets", 3 << 20}}};
  EXPECT_EQ(describe(forecast), "memory: 1028 MiB, or 515 huge pages of 2 MiB (connections 1025 MiB, packets 3 MiB)");
}

TEST(Forecast, RefusesWhatTheMachineHasNot) {
  const stack::MemoryForecast forecast{{{"connections", kGiB}, {"packets", kGiB}}};
  EXPECT_NO_THROW(require_memory(forecast, 3 * kGiB, 0));
  EXPECT_NO_THROW(require_memory(forecast, 2 * kGiB, kGiB));
  EXPECT_NO_THROW(require_memory(forecast, kGiB / 4, 2 * kGiB));
  EXPECT_THROW(require_memory(forecast, 2 * kGiB, 0), OutOfMemory);
  EXPECT_THROW(require_memory(forecast, kGiB + kGiB / 2, kGiB / 4), OutOfMemory);
  try {
    require_memory(forecast, kGiB, 0);
  } catch (const OutOfMemory& error) {
    EXPECT_THAT(error.what(), HasSubstr("2176 MiB are needed, 1024 MiB and 0 MiB in huge pages are free; set packets"));
  }
}

TEST(SourcePorts, ArithmeticIsToldForEachFamilyOfBackEnds) {
  LbConfig config = parse_lb_config(kSmallestLb, "lb.toml");
  EXPECT_THAT(describe_source_ports(config), ElementsAre("source ports of web, IPv4: 1 address x 64512 ports / 60 s "
                                                         "TIME_WAIT = 1075 connections/s per back end"));
  config.process.tcp.msl = 500ms;
  config.balancer.services[0].sources = {*IpAddress::parse("10.0.0.3"), *IpAddress::parse("10.0.0.4")};
  config.balancer.services[0].backends.push_back({"two", *Endpoint::parse("[fd00::11]:80")});
  EXPECT_THAT(describe_source_ports(config),
              ElementsAre("source ports of web, IPv4: 2 addresses x 64512 ports / 1 s TIME_WAIT = 129024 "
                          "connections/s per back end",
                          "source ports of web, IPv6: 1 address x 64512 ports / 1 s TIME_WAIT = 64512 "
                          "connections/s per back end"));
}

TEST(SourcePorts, AShortageIsToldWithItsRemedy) {
  LbConfig config = parse_lb_config(kSmallestLb, "lb.toml");
  config.balancer.sessions = 200000;
  EXPECT_THAT(describe_source_ports(config)[0],
              HasSubstr("; too few for 200000 at once: only 64512 fit. Give source_addresses 3 more"));
}

}  // namespace
}  // namespace weir::run
