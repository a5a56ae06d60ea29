// A flood before a balancer: back ends hear only of clients that are there.
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

}  // namespace
}  // namespace weir::balance
