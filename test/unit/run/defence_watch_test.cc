#include <gtest/gtest.h>

#include "defence_watch.h"

namespace weir::run {
namespace {

using stack::DefenceReason;
using stack::DefenceState;

stack::DefenceStatus listener(DefenceState state, DefenceReason reason) {
  return {
      .listen = *Endpoint::parse("192.0.2.80:80"), .state = state, .reason = reason, .half_open = 8192, .syns = 31'000};
}

TEST(DefenceWatch, TellsEachChangeOnce) {
  DefenceWatch watch;
  EXPECT_TRUE(watch.look(0, {listener(DefenceState::kQuiet, DefenceReason::kCalm)}).empty());
  const auto attacked = listener(DefenceState::kAttacked, DefenceReason::kHalfOpen);
  const auto lines = watch.look(0, {attacked});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].level, LogLevel::kWarning);
  EXPECT_EQ(lines[0].text,
            "listener 192.0.2.80:80, worker 0: quiet -> attacked (half-open), 8192 handshakes under way, 31000 SYNs/s");
  EXPECT_TRUE(watch.look(0, {attacked}).empty());
  const auto calmer = watch.look(0, {listener(DefenceState::kCautious, DefenceReason::kCalm)});
  ASSERT_EQ(calmer.size(), 1U);
  EXPECT_EQ(calmer[0].level, LogLevel::kInfo);
}

stack::DefenceStatus flooded(std::vector<TopSource> sources) {
  auto attacked = listener(DefenceState::kAttacked, DefenceReason::kHalfOpen);
  attacked.top_sources = std::move(sources);
  return attacked;
}

const std::vector<TopSource> kThree{{*Prefix::parse("203.0.113.0/24"), 500},
                                    {*Prefix::parse("2001:db8:7::/48"), 100},
                                    {*Prefix::parse("198.51.100.0/24"), 20}};

TEST(DefenceWatch, NamesTheLargestSourcesThatAreKnown) {
  DefenceWatch watch;
  EXPECT_EQ(watch.look(0, {flooded(kThree)}).at(0).text,
            "listener 192.0.2.80:80, worker 0: quiet -> attacked (half-open), 8192 handshakes under way, 31000 SYNs/s, "
            "largest sources: 203.0.113.0/24 (15500 SYNs/s), 2001:db8:7::/48 (3100 SYNs/s)");
  EXPECT_TRUE(watch.look(0, {flooded(kThree)}).empty());
}

TEST(DefenceWatch, NamesSourcesOnceWhenTheyAreKnownLater) {
  DefenceWatch watch;
  EXPECT_EQ(watch.look(0, {flooded({})}).size(), 1U);
  EXPECT_TRUE(watch.look(0, {flooded({})}).empty());
  const auto lines = watch.look(0, {flooded({kThree[0]})});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].text, "listener 192.0.2.80:80, worker 0: largest sources of SYNs: 203.0.113.0/24 (15500 SYNs/s)");
  EXPECT_TRUE(watch.look(0, {flooded(kThree)}).empty());
}

TEST(DefenceWatch, NoSourcesAreNamedOnTheWayDown) {
  DefenceWatch watch;
  watch.look(0, {flooded(kThree)});
  auto calmer = flooded(kThree);
  calmer.state = DefenceState::kCautious;
  const auto lines = watch.look(0, {calmer});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].text.find("sources"), std::string::npos);
  EXPECT_TRUE(watch.look(0, {calmer}).empty());
}

TEST(DefenceWatch, WorkersAreWatchedEachByItself) {
  DefenceWatch watch;
  const auto attacked = listener(DefenceState::kAttacked, DefenceReason::kSynRate);
  EXPECT_EQ(watch.look(0, {attacked}).size(), 1U);
  EXPECT_EQ(watch.look(1, {attacked}).size(), 1U);
}

TEST(DefenceWatch, WhatIsConfiguredIsNoNews) {
  DefenceWatch watch;
  EXPECT_TRUE(watch.look(0, {listener(DefenceState::kAttacked, DefenceReason::kConfigured)}).empty());
}

TEST(DefenceWatch, DryRunSaysSo) {
  DefenceWatch watch;
  auto attacked = listener(DefenceState::kAttacked, DefenceReason::kHalfOpen);
  attacked.use = tcp::SynCookieUse::kDryRun;
  EXPECT_NE(watch.look(0, {attacked}).at(0).text.find("dry run"), std::string::npos);
}

}  // namespace
}  // namespace weir::run
