// Targets that misbehave, and what runs out: counted by reason, and the run goes on.
#include "generator_fixture.h"

#include <set>

namespace weir::load {
namespace {

class GeneratorFailures : public GeneratorTest {};
INSTANTIATE_TEST_SUITE_P(All, GeneratorFailures, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& instance) { return instance.param == Family::kIpv4 ? "v4" : "v6"; });

TEST_P(GeneratorFailures, TargetThatRefuses) {
  begin(100);
  run_until([&] { return failed(Failure::kRefused) >= 20; });
  EXPECT_EQ(totals().all_failed(), failed(Failure::kRefused));
  EXPECT_EQ(totals().opened, 0u);
  expect_everything_given_back();
}

TEST_P(GeneratorFailures, TargetThatNeverAnswersTheSyn) {
  simulation->filter = [](const std::string& from, const IpHeader&, const Segment&) { return from != "target"; };
  begin(10);
  run_until([&] { return failed(Failure::kTimeout) >= 5; });
  EXPECT_EQ(totals().all_failed(), failed(Failure::kTimeout));
  expect_everything_given_back();
}

TEST_P(GeneratorFailures, TargetThatNeverAnswersTheRequest) {
  misbehave();
  begin(10);
  run_until([&] { return failed(Failure::kTimeout) >= 5; });
  EXPECT_GE(totals().opened, 5u);
  EXPECT_EQ(totals().answered, 0u);
  EXPECT_EQ(totals().all_failed(), failed(Failure::kTimeout));
  expect_everything_given_back();
}

TEST_P(GeneratorFailures, TargetThatResets) {
  Party& party_at = misbehave();
  begin(10);
  run_until([&] {
    for (Line& line : party_at.lines)
      if (line.id && !line.closed && !line.received.empty()) party_at.reset(line), line.closed = true;
    return failed(Failure::kReset) >= 5;
  });
  EXPECT_EQ(totals().all_failed(), failed(Failure::kReset));
  expect_everything_given_back();
}

TEST_P(GeneratorFailures, TargetThatAnswersGarbage) {
  misbehave().accepted.to_send = "220 mail.example ESMTP\r\n";
  begin(10);
  run_until([&] { return failed(Failure::kBadAnswer) >= 5; });
  EXPECT_EQ(totals().all_failed(), failed(Failure::kBadAnswer));
  expect_everything_given_back();
}

TEST_P(GeneratorFailures, TargetThatSaysMoreThanItsAnswer) {
  misbehave().accepted.to_send = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more";
  begin(10);
  run_until([&] { return failed(Failure::kBadAnswer) >= 5; });
  EXPECT_EQ(totals().all_failed(), failed(Failure::kBadAnswer));
  expect_everything_given_back();
}

TEST_P(GeneratorFailures, TargetThatAnswersWithAnotherStatus) {
  misbehave().accepted.to_send = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
  begin(10);
  run_until([&] { return failed(Failure::kBadStatus) >= 5; });
  EXPECT_EQ(totals().all_failed(), failed(Failure::kBadStatus));
  expect_everything_given_back();
}

TEST_P(GeneratorFailures, TargetThatClosesInTheMiddleOfAnAnswer) {
  Party& party_at = misbehave();
  party_at.accepted.to_send = "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nand then nothing";
  party_at.accepted.ends_when_sent = true;
  begin(10);
  run_until([&] { return failed(Failure::kClosedEarly) >= 5; });
  EXPECT_EQ(totals().all_failed(), failed(Failure::kClosedEarly));
  expect_everything_given_back();
}

TEST_P(GeneratorFailures, TargetThatStopsInMidRun) {
  serve();
  begin(100);
  run_until([&] { return totals().closed >= 20; });
  server->stop(target->host());
  run_until([&] { return failed(Failure::kRefused) >= 20; });
  EXPECT_GE(totals().closed, 20u);
  expect_everything_given_back();
}

TEST_P(GeneratorFailures, KeptConnectionThatIsClosedIsOpenedAnew) {
  Party& party_at = misbehave();
  config.mode = GeneratorMode::kConcurrent;
  config.request = "";
  config.protocol = GeneratorProtocol::kNone;
  begin(0);
  run_until([&] { return totals().opened == config.open_max && party_at.lines.size() == config.open_max; });
  party_at.end(party_at.lines.front());
  run_until([&] { return failed(Failure::kClosedEarly) == 1 && totals().opened == config.open_max + 1; });
  EXPECT_EQ(totals().all_failed(), 1u);
  expect_everything_given_back();
}

TEST_P(GeneratorFailures, NoMemoryForMoreConnectionsIsCounted) {
  misbehave();
  config.open_max = 100'000;  // more than the host has states for
  begin(100'000);
  run_until([&] { return failed(Failure::kNoResources) > 0; });
  expect_everything_given_back();
}

// A core among so many that hardly a port is its own.
TEST_P(GeneratorFailures, PortsThatRestInTimeWaitAreCounted) {
  serve();
  stack::HostConfig narrow = testing::small_host(5);
  narrow.steering.workers = 60'000;
  client = &simulation->add_host("narrow", {"192.0.2.9", "2001:db8::9"}, narrow);
  config.sources = {IpAddress::parse("192.0.2.9").value(), IpAddress::parse("2001:db8::9").value()};
  config.request = get(true);
  config.closes_first = FirstToClose::kClient;
  begin(100);
  simulation->advance(1s);
  const std::uint64_t ports = totals().closed;
  EXPECT_GT(ports, 0u);
  EXPECT_LE(ports, 2u);
  EXPECT_EQ(totals().all_failed(), failed(Failure::kNoPort));
  EXPECT_NEAR(static_cast<double>(failed(Failure::kNoPort)), 100, 4);
  simulation->advance(60s);
  run_until([&] { return totals().closed >= 2 * ports; });  // TIME-WAIT has passed
  expect_everything_given_back();
}

class Flood : public GeneratorTest {};
INSTANTIATE_TEST_SUITE_P(All, Flood, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& instance) { return instance.param == Family::kIpv4 ? "v4" : "v6"; });

TEST_P(Flood, SynsFromTheNetworkAtTheRateAndNothingElse) {
  serve();
  config.mode = GeneratorMode::kFlood;
  config.flood_sources = {Prefix::parse("198.18.0.0/24").value(), Prefix::parse("2001:2::/120").value()};
  std::set<std::string> sources;
  std::uint64_t others = 0;
  simulation->on_delivered = [&](const testing::Sighting& sight) {
    if (&sight.at != target) return;
    sight.segment.flags == kSyn ? void(sources.insert(sight.ip.source.to_string())) : void(++others);
  };
  begin(1000);
  simulation->advance(1s);
  EXPECT_NEAR(static_cast<double>(totals().syns), 1000, 5);
  EXPECT_GT(sources.size(), 150u);
  for (const std::string& source : sources)
    EXPECT_TRUE(source.starts_with(GetParam() == Family::kIpv4 ? "198.18.0." : "2001:2::")) << source;
  EXPECT_EQ(others, 0u);
  EXPECT_EQ(totals().started, 0u);
  EXPECT_EQ(client->host().connections_in(tcp::State::kSynSent), 0u);
}

TEST_P(Flood, BesideConnectionsThatGoOn) {
  serve();
  config.flood_rate = 2000;
  config.flood_sources = {Prefix::parse("198.18.0.0/24").value(), Prefix::parse("2001:2::/120").value()};
  begin(100);
  simulation->advance(1s);
  EXPECT_NEAR(static_cast<double>(totals().syns), 2000, 10);
  run_until([&] { return totals().closed >= 100; });
  EXPECT_EQ(totals().all_failed(), 0u);
  EXPECT_EQ(sent(tcp::Counter::kRetransmitSegments), 0u);
  generator->drain(client->host());
  const std::uint64_t before = totals().syns;
  simulation->advance(1s);
  EXPECT_EQ(totals().syns, before) << "with the connections the flood ends";
  expect_everything_given_back();
}

TEST(RandomAddress, StaysInItsNetwork) {
  Random random{3};
  for (const char* text :
       {"198.18.0.0/15", "10.0.0.4/30", "10.0.0.4/31", "10.0.0.4/32", "2001:2::/48", "fd00::1/128", "fd00::/127"}) {
    const Prefix network = Prefix::parse(text).value();
    for (int i = 0; i < 1000; ++i) {
      const IpAddress address = random_address(network, random);
      EXPECT_TRUE(network.contains(address)) << address.to_string() << " in " << text;
      EXPECT_EQ(address.family(), network.address.family());
    }
  }
  for (int i = 0; i < 100; ++i) {
    const auto last = random_address(Prefix::parse("10.0.0.4/30").value(), random).as_v4().value() & 3;
    EXPECT_TRUE(last == 1 || last == 2);  // neither the network's own nor its broadcast address
  }
}

}  // namespace
}  // namespace weir::load
