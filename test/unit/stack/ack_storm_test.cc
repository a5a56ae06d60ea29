// Somebody who sees two hosts' packets puts text into both ends of their connection: each then acknowledges what the
// other never sent. An end that answered every such ACK would keep both at it for ever.
#include <weir/wire/build.h>

#include "host_fixture.h"

namespace weir::testing {
namespace {

class AckStorm : public HostTest {
 protected:
  // As if `from` had said more than it did.
  void forge(SimHost& pool, const Segment& last, const IpHeader& ip, std::size_t text) {
    Packet packet = pool.packets().copy(std::vector<std::uint8_t>(text, 'z'));
    Segment forged = last;
    forged.seq = last.end();
    forged.flags = kAck | kPsh;
    const wire::Path path{ip.source, ip.destination, last.source_port, last.destination_port};
    ASSERT_TRUE(wire::write_tcp(packet, path, forged));
    wire::finish_checksums(packet);
    simulation->inject(std::move(packet));
  }
  void watch() {
    simulation->filter = [this](const std::string& from, const IpHeader& ip, const Segment& segment) {
      ++packets;
      (from == "client" ? of_client : of_server) = {ip, segment};
      return true;
    };
  }
  struct Seen {
    IpHeader ip;
    Segment segment;
  };
  Seen of_client, of_server;
  unsigned packets = 0;
};
INSTANTIATE_TEST_SUITE_P(Families, AckStorm, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(AckStorm, BetweenTwoHostsIsLimitedAndOthersGoOn) {
  watch();
  establish();
  here.to_send = pattern(1000);
  there.to_send = pattern(1000);
  ASSERT_TRUE(simulation->run_until([&] { return here.received.size() == 1000 && there.received.size() == 1000; }, 5s));
  simulation->advance(1s);
  const Seen last_of_client = of_client, last_of_server = of_server;
  packets = 0;
  forge(*client, last_of_client.segment, last_of_client.ip, 10);
  forge(*client, last_of_server.segment, last_of_server.ip, 20);
  simulation->advance(10s);
  EXPECT_GE(packets, 2U) << "they have lost each other";
  EXPECT_LE(packets, 2 * (10'000 / tcp::Settings{}.challenge_ack_interval.count() + 3));
  EXPECT_GT(client->host().counters()[tcp::Counter::kChallengeAcksLimited] +
                server->host().counters()[tcp::Counter::kChallengeAcksLimited],
            0U);
  Talker second{.at = client};
  ASSERT_EQ(client->host().connect({.remote = {server_address(), kPort}}, second.id), stack::CallError::kNone);
  ASSERT_TRUE(simulation->run_until([&] { return !more.empty(); }, 5s));
  client->host().send(second.id, pattern(500));
  simulation->advance(1s);
  EXPECT_EQ(server->host().readable(more[0]), 500U);
  client->host().abort(second.id);
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::testing
