// Checks of back ends, and what real connections tell.
#include <algorithm>

#include "proxy_fixture.h"

namespace weir::balance {
namespace {

class HealthTest : public ProxyTest {
 protected:
  HealthTest() {
    config().health = {
        .enabled = true, .interval = milliseconds{1000}, .timeout = milliseconds{500}, .rise = 2, .fall = 3};
  }
  bool is_up(std::size_t backend) { return status().backends[backend].healthy; }
  void expect_everything_given_back_without_checks() {
    proxy->stop(weir->host());
    expect_everything_given_back();
  }
};

INSTANTIATE_TEST_SUITE_P(All, HealthTest,
                         ::testing::Values(Families{Family::kIpv4, Family::kIpv4},
                                           Families{Family::kIpv6, Family::kIpv6}),
                         [](const auto& instance) { return instance.param.client == Family::kIpv4 ? "v4" : "v6"; });

TEST_P(HealthTest, ChecksPassAndLeaveNothingBehind) {
  start();
  serve();
  simulation->advance(10s);
  for (std::size_t i = 0; i < kBackends; ++i) {
    EXPECT_EQ(status().backends[i].last_check, CheckResult::kPassed);
    EXPECT_NEAR(static_cast<double>(status().backends[i].checks_passed), 10, 2);
    EXPECT_EQ(status().backends[i].total, 0u);  // checks are not clients' connections
  }
  EXPECT_EQ(weir->host().connections_in(tcp::State::kTimeWait), 0u);
  expect_everything_given_back_without_checks();
}

TEST_P(HealthTest, TheFirstCheckAloneTakesADeadBackEndDown) {
  start();
  serve({1});
  silence(2);
  simulation->advance(700ms);
  EXPECT_TRUE(is_up(0));
  EXPECT_FALSE(is_up(1));
  EXPECT_FALSE(is_up(2));
  EXPECT_EQ(status().backends[1].last_check, CheckResult::kRefused);
  EXPECT_EQ(status().backends[2].last_check, CheckResult::kTimeout);
  expect_everything_given_back_without_checks();
}

TEST_P(HealthTest, FailuresInARowTakeABackEndDownAndPassesInARowUpAgain) {
  start();
  serve();
  simulation->advance(5s);
  silence(1);
  simulation->advance(1s);
  EXPECT_TRUE(is_up(1)) << "one failure is no fall";
  simulation->advance(4s);
  EXPECT_FALSE(is_up(1));
  const Instant fell = status().backends[1].since;
  EXPECT_LT(fell, simulation->now());
  silence(1, false);
  run_until([&] { return is_up(1); }, 5s);
  EXPECT_GT(status().backends[1].since, fell + 1s) << "two passes take more than one interval";
  expect_everything_given_back_without_checks();
}

TEST_P(HealthTest, AsManyPassesInARowAsAskedBringABackEndUpAndNoMore) {
  config().health.rise = 3;
  start();
  serve();
  silence(1);
  run_until([&] { return !is_up(1); }, 10s);
  const std::uint64_t passed = status().backends[1].checks_passed;
  silence(1, false);
  run_until([&] { return is_up(1); }, 10s);
  EXPECT_EQ(status().backends[1].checks_passed, passed + 3);
  expect_everything_given_back_without_checks();
}

TEST_P(HealthTest, NewConnectionsAvoidABackEndThatIsDownAndOldOnesLiveOn) {
  start();
  serve();
  Line *here = nullptr, *there = nullptr;
  std::tie(here, there) = open();
  board->backends(0)[0].set_healthy(false, simulation->now());
  for (int i = 0; i < 4; ++i) connect();
  simulation->advance(100ms);
  EXPECT_EQ(opens_at(1) + opens_at(2), 4u) << "four clients; a check opens and resets within one burst, unseen";
  here->to_send = "still there";
  simulation->advance(100ms);
  EXPECT_EQ(there->received, "still there");
  expect_everything_given_back_without_checks();
}

TEST_P(HealthTest, ClientsThatAreRefusedTakeABackEndDownBeforeTheNextCheck) {
  config().health.interval = milliseconds{3'600'000};
  start();
  serve({0});
  run_until([&] { return status().backends[2].last_check == CheckResult::kPassed; }, 400s);
  simulation->advance(400s);
  board->backends(0)[0].set_healthy(true, simulation->now());
  board->backends(0)[0].connect_succeeded();
  for (int i = 0; i < 12; ++i) connect();
  simulation->advance(1s);
  EXPECT_FALSE(is_up(0));
  EXPECT_EQ(std::ranges::count_if(client->lines, &Line::closed), 0) << "none of them noticed";
  expect_everything_given_back_without_checks();
}

}  // namespace
}  // namespace weir::balance
