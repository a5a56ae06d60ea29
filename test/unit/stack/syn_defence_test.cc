// When a listener counts as quiet, cautious or attacked: thresholds, hysteresis and what is told of it.
#include <gtest/gtest.h>

#include "syn_defence.h"

namespace weir::stack {
namespace {

constexpr std::uint32_t kRecords = 1000;

class Watched {
 public:
  explicit Watched(const tcp::Settings& settings = {}) { begin(settings); }
  void begin(const tcp::Settings& settings) {
    defence.start({.address = IpAddress::parse("192.0.2.2").value(), .port = 80}, settings, kRecords, SipKey{1, 2},
                  now);
  }
  // SYNs of a second, spread evenly, of which clients answer `percent`, each after `round_trip`.
  void second(std::uint32_t syns, std::uint32_t percent, Duration round_trip = 50ms) {
    const Instant end = now + 1s;
    for (std::uint32_t i = 0; i < syns; ++i) {
      now = end - 1s + Duration{1s} * i / syns;
      answer();
      defence.on_syn(source, now);
      if (i * percent / 100 != (i + 1) * percent / 100) answers.push_back(now + round_trip);
    }
    now = end;
    answer();
    defence.review(now);
  }
  void answer() {
    while (answered < answers.size() && answers[answered] <= now) {
      defence.on_completed();
      ++answered;
    }
  }
  void records(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) defence.on_record(now);
  }
  void records_end(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) defence.on_record_gone();
  }
  void pass(Duration time) {
    for (const Instant end = now + time; now < end;) {
      now += SynDefence::kWindow;
      defence.review(now);
    }
  }
  DefenceState state() const { return defence.status().state; }
  DefenceReason reason() const { return defence.status().reason; }

  SynDefence defence;
  IpAddress source = IpAddress::v4(be32{0x0a000001});
  Instant now{1'000'000s};
  std::vector<Instant> answers;
  std::size_t answered = 0;
};

TEST(SynDefence, IsQuietWhileClientsAnswer) {
  Watched listener;
  for (int i = 0; i < 5; ++i) listener.second(5000, 100);
  listener.records(119);
  EXPECT_EQ(listener.state(), DefenceState::kQuiet);
  EXPECT_EQ(listener.defence.syn_ack_retries(), 5);
  EXPECT_FALSE(listener.defence.sends_cookies());
}

TEST(SynDefence, HalfOpenHandshakesMakeItCautiousThenAttacked) {
  Watched listener;
  listener.records(120);
  EXPECT_EQ(listener.state(), DefenceState::kCautious);
  EXPECT_EQ(listener.reason(), DefenceReason::kHalfOpen);
  EXPECT_EQ(listener.defence.syn_ack_retries(), SynDefence::kCautiousRetries);
  EXPECT_FALSE(listener.defence.sends_cookies());
  listener.records(379);
  EXPECT_EQ(listener.state(), DefenceState::kCautious);
  listener.records(1);
  EXPECT_EQ(listener.state(), DefenceState::kAttacked);
  EXPECT_TRUE(listener.defence.sends_cookies());
}

TEST(SynDefence, ARecordTooFewMakesItAttackedAtOnce) {
  Watched listener;
  listener.defence.on_no_record(listener.now);
  EXPECT_EQ(listener.state(), DefenceState::kAttacked);
  EXPECT_EQ(listener.reason(), DefenceReason::kHalfOpenFull);
}

TEST(SynDefence, ManySynsMakeItCautiousAndManyUnansweredAttacked) {
  Watched listener;
  listener.second(30'000, 100);
  listener.second(30'000, 100);
  EXPECT_EQ(listener.state(), DefenceState::kCautious);
  EXPECT_EQ(listener.reason(), DefenceReason::kSynRate);
  listener.second(30'000, 30);
  EXPECT_EQ(listener.state(), DefenceState::kAttacked);
  EXPECT_EQ(listener.reason(), DefenceReason::kFailedHandshakes);
}

TEST(SynDefence, CountsSinceItBegan) {
  Watched listener;
  const auto sees = [&listener] {
    listener.defence.on_syn(listener.source, listener.now);
    for (int i = 0; i < 5; ++i) listener.defence.on_cookie_sent(listener.now, 1s);
    for (int i = 0; i < 4; ++i) listener.defence.on_cookie_accepted();
    for (int i = 0; i < 3; ++i) listener.defence.on_cookie_refused(DropReason::kSynCookieWrong);
    for (int i = 0; i < 2; ++i) listener.defence.on_cookie_refused(DropReason::kSynCookieSpent);
  };
  const auto expect = [&listener](std::uint64_t times) {
    const DefenceCounts counts = listener.defence.status().counts;
    EXPECT_EQ(counts.syns, times);
    EXPECT_EQ(counts.cookies_sent, 5 * times);
    EXPECT_EQ(counts.cookies_accepted, 4 * times);
    EXPECT_EQ(counts.cookies_wrong, 3 * times);
    EXPECT_EQ(counts.cookies_spent, 2 * times);
  };
  sees();
  sees();
  expect(2);
  listener.pass(1s);
  expect(2);
  listener.begin({});
  expect(0);
  sees();
  expect(1);
  listener.pass(SynDefence::kWindow);
  EXPECT_EQ(listener.defence.status().cookies_refused, 20U) << "a second, of both reasons";
}

// A crowd that comes at once is not a flood: its answers are on their way for the first round trip.
TEST(SynDefence, ACrowdIsNotTakenForAFlood) {
  Watched listener;
  for (int i = 0; i < 5; ++i) listener.second(50'000, 98, 200ms);
  EXPECT_EQ(listener.state(), DefenceState::kCautious);
}

TEST(SynDefence, CalmsDownStepByStep) {
  Watched listener;
  listener.second(30'000, 0);
  listener.second(30'000, 0);
  ASSERT_EQ(listener.state(), DefenceState::kAttacked);
  listener.pass(9s);
  EXPECT_EQ(listener.state(), DefenceState::kAttacked);
  listener.pass(2s);
  EXPECT_EQ(listener.state(), DefenceState::kCautious);
  EXPECT_EQ(listener.reason(), DefenceReason::kCalm);
  listener.pass(8s);
  EXPECT_EQ(listener.state(), DefenceState::kCautious);
  listener.pass(2s);
  EXPECT_EQ(listener.state(), DefenceState::kQuiet);
}

// Cookies keep the table empty: that alone is no sign of the flood's end.
TEST(SynDefence, StaysAttackedWhileTheFloodWouldFillTheTableAgain) {
  Watched listener;
  listener.records(500);
  listener.records_end(500);
  for (int i = 0; i < 30; ++i) listener.second(200, 0);
  EXPECT_EQ(listener.state(), DefenceState::kAttacked) << "200 a second, 3 s each, are more than half of 500";
  for (int i = 0; i < 13; ++i) listener.second(50, 0);
  EXPECT_EQ(listener.state(), DefenceState::kCautious) << "150 records are no danger";
  for (int i = 0; i < 30; ++i) listener.second(50, 0);
  EXPECT_EQ(listener.state(), DefenceState::kCautious) << "63 s each they would be again";
}

TEST(SynDefence, HalfOfAThresholdIsNotYetCalm) {
  Watched listener;
  listener.records(500);
  listener.records_end(250);
  listener.pass(60s);
  EXPECT_EQ(listener.state(), DefenceState::kAttacked);
  listener.records_end(1);
  listener.pass(11s);
  EXPECT_EQ(listener.state(), DefenceState::kCautious);
}

TEST(SynDefence, OffNeverMoves) {
  Watched listener{{.syn_cookies = tcp::SynCookieUse::kOff}};
  listener.records(kRecords);
  listener.defence.on_no_record(listener.now);
  listener.second(50'000, 0);
  listener.second(50'000, 0);
  EXPECT_EQ(listener.state(), DefenceState::kQuiet);
  EXPECT_EQ(listener.defence.syn_ack_retries(), 5);
}

TEST(SynDefence, AlwaysIsAttackedForGood) {
  Watched listener{{.syn_cookies = tcp::SynCookieUse::kAlways}};
  EXPECT_EQ(listener.reason(), DefenceReason::kConfigured);
  listener.pass(60s);
  EXPECT_TRUE(listener.defence.sends_cookies());
}

TEST(SynDefence, DryRunTellsButDoesNothing) {
  Watched listener{{.syn_cookies = tcp::SynCookieUse::kDryRun}};
  listener.records(500);
  EXPECT_EQ(listener.state(), DefenceState::kAttacked);
  EXPECT_TRUE(listener.defence.would_send_cookies());
  EXPECT_FALSE(listener.defence.sends_cookies());
  EXPECT_EQ(listener.defence.syn_ack_retries(), 5);
}

TEST(SynDefence, TellsRatesAndSinceWhen) {
  Watched listener;
  const Instant began = listener.now;
  listener.second(4000, 100);
  EXPECT_NEAR(listener.defence.status().syns, 4000U, 100U);
  EXPECT_EQ(listener.defence.status().since, began);
  listener.records(500);
  EXPECT_EQ(listener.defence.status().since, began + 1s);
  EXPECT_EQ(listener.defence.status().half_open, 500U);
}

TEST(SynDefence, TellsWhereSynsComeFromWhileItIsNotQuiet) {
  Watched listener;
  listener.second(4000, 100);
  EXPECT_TRUE(listener.defence.status().top_sources.empty());
  listener.source = IpAddress::parse("203.0.113.9").value();
  listener.records(500);
  listener.second(4000, 0);
  const auto sources = listener.defence.status().top_sources;
  ASSERT_EQ(sources.size(), 1U) << "what came while it was quiet was not looked at";
  EXPECT_EQ(sources[0].prefix.to_string(), "203.0.113.0/24");
  EXPECT_EQ(sources[0].permille, 1000U);
  listener.records_end(500);
  listener.pass(30s);
  ASSERT_EQ(listener.state(), DefenceState::kQuiet);
  EXPECT_TRUE(listener.defence.status().top_sources.empty());
}

TEST(SynDefence, TellsWhereSynsComeFromWhileItIsCautious) {
  Watched listener;
  listener.records(120);
  listener.second(4000, 100);
  ASSERT_EQ(listener.state(), DefenceState::kCautious);
  EXPECT_EQ(listener.defence.status().top_sources.size(), 1U);
}

TEST(SynDefence, ANewListenerKnowsNoSourcesOfTheOneBefore) {
  Watched listener{{.syn_cookies = tcp::SynCookieUse::kAlways}};
  listener.second(4000, 0);
  ASSERT_EQ(listener.defence.status().top_sources.size(), 1U);
  listener.begin({.syn_cookies = tcp::SynCookieUse::kAlways});
  EXPECT_TRUE(listener.defence.status().top_sources.empty());
}

}  // namespace
}  // namespace weir::stack
