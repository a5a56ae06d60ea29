// A flood before a balancer: back ends hear only of clients that are there.
#include <algorithm>

#include "proxy_fixture.h"

namespace weir::balance {
namespace {

TEST_P(ProxyTest, BackEndsHearNothingOfHandshakesThatAreNeverCompleted) {
  start();
  serve();
  bool is_flood = true;
  simulation->filter = [&](const std::string& from, const IpHeader&, const Segment& segment) {
    return !is_flood || from != "client" || segment.has(kSyn);
  };
  for (int i = 0; i < 300; ++i) connect();
  simulation->advance(10s);
  EXPECT_GT(weir->host().counters()[tcp::Counter::kSynCookiesSent], 0U);
  EXPECT_EQ(opens_at(0) + opens_at(1) + opens_at(2), 0U);
  EXPECT_EQ(weir->host().counters()[tcp::Counter::kActiveOpens], 0U);
  EXPECT_EQ(status().total, 0U);

  is_flood = false;
  client->reset_all();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  ASSERT_NE(there, nullptr);
  EXPECT_EQ(opens_at(0) + opens_at(1) + opens_at(2), 1U);
  here->to_send = "request";
  run_until([&, to = there] { return to->received == "request"; });
  EXPECT_GT(weir->host().counters()[tcp::Counter::kSynCookiesAccepted], 0U) << "the flood is not over";
  expect_everything_given_back();
}

// Seven ports towards each of three back ends.
class ProxyWithFewPorts : public ProxyTest {
 protected:
  ProxyWithFewPorts() : ProxyTest(8192) {}
};
INSTANTIATE_TEST_SUITE_P(Families, ProxyWithFewPorts,
                         ::testing::Values(Families{Family::kIpv4, Family::kIpv4},
                                           Families{Family::kIpv6, Family::kIpv6}));

TEST_P(ProxyWithFewPorts, ClientsBeyondTheSourcePortsAreResetAndTheOthersGoOn) {
  start();
  serve();
  Line* first = open().first;
  Line* there = newest_at_back_ends();
  for (int i = 0; i < 40; ++i) connect();
  simulation->advance(5s);
  EXPECT_EQ(opens_at(0) + opens_at(1) + opens_at(2), 21U);
  EXPECT_EQ(std::ranges::count_if(client->lines, &Line::was_reset), 20);
  EXPECT_EQ(status().out_of_tries + status().no_resources, 20U);
  EXPECT_GT(weir->host().counters()[tcp::Counter::kNoPorts], 0U);
  first->to_send = "still here";
  run_until([&] { return there->received == "still here"; });

  for (Line& line : client->lines)
    if (&line != first) client->reset(line);
  simulation->advance(1s);
  EXPECT_TRUE(open().first->opened) << "a reset leaves no TIME_WAIT: ports are back at once";
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::balance
