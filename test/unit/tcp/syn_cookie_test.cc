// SYN cookies: what is made is accepted by whom it was made for, for two slots, and tells what it was told.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <weir/base/random.h>
#include <weir/tcp/syn_cookie.h>

namespace weir::tcp {

std::ostream& operator<<(std::ostream& out, const CookieOptions& options) {
  return out << "mss " << options.mss << " scale " << (options.window_scale ? int{options.window_scale->shift()} : -1)
             << " sack " << options.sack << " timestamps " << options.timestamps << " ecn " << options.ecn;
}

namespace {

constexpr Instant kStart{1'000'000s};
constexpr CookieSecrets kSecrets{.making = {1, 2}};

CookieFlow flow(Family family = Family::kIpv4) {
  const bool is_v4 = family == Family::kIpv4;
  return {.remote = IpAddress::parse(is_v4 ? "192.0.2.1" : "2001:db8::1").value(),
          .local = IpAddress::parse(is_v4 ? "192.0.2.80" : "2001:db8::80").value(),
          .remote_port = 4000,
          .local_port = 80};
}

struct Made {
  CookieFlow flow = weir::tcp::flow();
  CookieOptions options{.mss = 1460, .window_scale = WindowScale{7}, .sack = true};
  SeqNum irs{5000};
  Instant at = kStart;
  CookieSecrets secrets = kSecrets;
  std::uint32_t clock = 0x1234'5678;  // of timestamps

  SynCookie cookie() const { return SynCookies{secrets}.make(flow, irs, options, at); }
  std::uint32_t timestamp() const { return SynCookies::stamp(clock, cookie().timestamp_byte); }
};

// As the final ACK has it.
std::optional<CookieOptions> checked(const Made& made, Instant at, const CookieSecrets& secrets = kSecrets) {
  const std::optional<std::uint32_t> echo = made.options.timestamps ? std::optional{made.timestamp()} : std::nullopt;
  const auto grant = SynCookies{secrets}.check(made.flow, made.cookie().iss, made.irs, echo, at);
  return grant ? std::optional{grant->options} : std::nullopt;
}

class SynCookieOfFamily : public ::testing::TestWithParam<Family> {};
INSTANTIATE_TEST_SUITE_P(Families, SynCookieOfFamily, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(SynCookieOfFamily, TellsWhatItWasTold) {
  const Made made{.flow = flow(GetParam())};
  const auto options = checked(made, kStart + 1s);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->mss, GetParam() == Family::kIpv4 ? 1460 : 1440);
  EXPECT_EQ(options->window_scale, WindowScale{7});
  EXPECT_TRUE(options->sack);
  EXPECT_FALSE(options->timestamps || options->ecn);
}

TEST_P(SynCookieOfFamily, CountsForItsFlowAndNumbersAlone) {
  const Made made{.flow = flow(GetParam())};
  const SynCookie cookie = made.cookie();
  SynCookies cookies{kSecrets};
  const auto is_accepted = [&](const CookieFlow& of, SeqNum iss, SeqNum irs) {
    return cookies.check(of, iss, irs, {}, kStart).has_value();
  };
  EXPECT_TRUE(is_accepted(made.flow, cookie.iss, made.irs));
  for (unsigned bit = 0; bit < 32; ++bit) {
    EXPECT_FALSE(is_accepted(made.flow, SeqNum{cookie.iss.value() ^ 1U << bit}, made.irs)) << "bit " << bit;
    EXPECT_FALSE(is_accepted(made.flow, cookie.iss, SeqNum{made.irs.value() ^ 1U << bit})) << "bit " << bit;
  }
  CookieFlow other = made.flow;
  other.remote_port ^= 1;
  EXPECT_FALSE(is_accepted(other, cookie.iss, made.irs));
  other = made.flow;
  other.local_port ^= 1;
  EXPECT_FALSE(is_accepted(other, cookie.iss, made.irs));
  other = made.flow;
  std::swap(other.remote, other.local);
  EXPECT_FALSE(is_accepted(other, cookie.iss, made.irs));
}

TEST(SynCookie, LivesForItsSlotAndTheNext) {
  const Instant begin{std::chrono::floor<Duration>(kStart.time_since_epoch() / SynCookies::kSlot * SynCookies::kSlot)};
  const Instant end = begin + 2 * SynCookies::kSlot;
  for (const Instant at : {begin, begin + SynCookies::kSlot - 1ns}) {
    const Made made{.at = at};
    EXPECT_TRUE(checked(made, end - 1ns));
    EXPECT_FALSE(checked(made, end));
    EXPECT_FALSE(checked(made, end + SynCookies::kSlot)) << "the same slot modulo 2, two later";
  }
}

TEST(SynCookie, EarlierOneOfTheSameHandshakeCountsToo) {
  const Made first{}, second{.at = kStart + SynCookies::kSlot};
  EXPECT_NE(first.cookie().iss, second.cookie().iss);
  EXPECT_TRUE(checked(first, second.at));
  EXPECT_TRUE(checked(second, second.at));
}

TEST(SynCookie, WithoutTimestampsClassesAreRoundedDown) {
  const struct {
    std::uint16_t mss, granted_v4, granted_v6;
  } sizes[] = {{48, 48, 48},       {535, 48, 48},      {536, 536, 536},    {1219, 536, 536},
               {1220, 536, 1220},  {1360, 1300, 1360}, {1439, 1400, 1360}, {1440, 1400, 1440},
               {1459, 1400, 1440}, {1460, 1460, 1440}, {8960, 1460, 1440}};
  for (const auto& size : sizes) {
    EXPECT_EQ(checked({.options = {.mss = size.mss}}, kStart)->mss, size.granted_v4);
    EXPECT_EQ(checked({.flow = flow(Family::kIpv6), .options = {.mss = size.mss}}, kStart)->mss, size.granted_v6);
  }
  for (unsigned shift = 0; shift <= WindowScale::kMax; ++shift)
    EXPECT_EQ(checked({.options = {.window_scale = WindowScale{shift}}}, kStart)->window_scale,
              WindowScale{shift < 7 ? 0U : 7U});
  EXPECT_FALSE(checked({}, kStart)->ecn);
}

TEST(SynCookie, TimestampTellsTheExactScaleAndEcn) {
  for (unsigned shift = 0; shift <= WindowScale::kMax; ++shift) {
    const CookieOptions told{
        .mss = 1460, .window_scale = WindowScale{shift}, .timestamps = true, .ecn = shift % 2 == 0};
    EXPECT_EQ(checked({.options = told}, kStart), told);
  }
  const CookieOptions without_scale{.mss = 1460, .timestamps = true, .ecn = true};
  EXPECT_EQ(checked({.options = without_scale}, kStart), without_scale);
}

TEST(SynCookie, FinalAckWithoutTheTimestampsThatWereOfferedStillCounts) {
  const Made made{.options = {.mss = 1460, .window_scale = WindowScale{8}, .timestamps = true, .ecn = true}};
  const auto grant = SynCookies{kSecrets}.check(made.flow, made.cookie().iss, made.irs, {}, kStart);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->options, (CookieOptions{.mss = 1460, .window_scale = WindowScale{7}}));
}

// One byte of 256 is the right one; three bits of MAC and the class of the scale tell most of the others.
TEST(SynCookie, EchoThatWasChangedIsRefused) {
  unsigned accepted = 0;
  for (std::uint16_t port = 1; port <= 100; ++port) {
    Made made{.options = {.mss = 1460, .window_scale = WindowScale{8}, .timestamps = true}};
    made.flow.remote_port = port;
    for (std::uint32_t flips = 1; flips < 256; ++flips) {
      const auto echo = made.timestamp() ^ flips;
      if (SynCookies{kSecrets}.check(made.flow, made.cookie().iss, made.irs, echo, kStart)) ++accepted;
    }
  }
  // Of the other 31 pairs of scale and ECN 15 fit the class, and have one right tag each.
  EXPECT_LE(accepted, 15U * 100);
  EXPECT_GE(accepted, 1U);
}

TEST(SynCookie, StampNeverRunsAheadAndLagsByLessThan256) {
  for (const std::uint32_t clock : {0U, 1U, 0xffU, 0x100U, 0x1234'56ffU, 0xffff'ff00U, 0xffff'ffffU}) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      const std::uint32_t stamped = SynCookies::stamp(clock, static_cast<std::uint8_t>(byte));
      EXPECT_EQ(stamped & 0xff, byte);
      EXPECT_LT(clock - stamped, 256U);
    }
  }
}

TEST(SynCookie, AnotherNodeWithTheSecretAcceptsIt) {
  const Made made{};
  EXPECT_FALSE(checked(made, kStart, {.making = {3, 4}}));
  EXPECT_TRUE(checked(made, kStart, {.making = {3, 4}, .accepted = kSecrets.making}));
  EXPECT_TRUE(checked({.secrets = {.making = {3, 4}}}, kStart, {.making = kSecrets.making, .accepted = SipKey{3, 4}}));
}

// Their monotonic clocks began at different times; what is ahead of them makes them agree.
TEST(SynCookie, NodesCountSlotsOnTheClockTheyShare) {
  const Duration ahead = 12'345'678s;
  SynCookies here{kSecrets, ahead}, there{kSecrets}, elsewhere{kSecrets};
  const Made made{};
  const SynCookie cookie = here.make(made.flow, made.irs, made.options, kStart);
  EXPECT_TRUE(there.check(made.flow, cookie.iss, made.irs, {}, kStart + ahead));
  EXPECT_FALSE(elsewhere.check(made.flow, cookie.iss, made.irs, {}, kStart));
}

TEST(SynCookie, FingerprintsDiffer) {
  const Made made{}, other{.irs = SeqNum{5001}}, later{.at = kStart + SynCookies::kSlot};
  SynCookies cookies{kSecrets};
  const auto fingerprint = [&](const Made& of) {
    return cookies.check(of.flow, of.cookie().iss, of.irs, {}, later.at)->fingerprint;
  };
  EXPECT_EQ(fingerprint(made), fingerprint(made));
  EXPECT_NE(fingerprint(made), fingerprint(other));
  EXPECT_NE(fingerprint(made), fingerprint(later));
}

// docs/overload.md: a guess hits once in 2^26, times 30 codes of 32.
TEST(SynCookie, GuessesHitAsOftenAsTheMacIsLong) {
  static_assert(SynCookies::kMacBits == 26);
  SynCookies cookies{kSecrets};
  Random random{7};
  CookieFlow of = flow();
  unsigned hits = 0;
  constexpr unsigned kGuesses = 1 << 20;
  for (unsigned i = 0; i < kGuesses; ++i) {
    of.remote_port = static_cast<std::uint16_t>(random.next());
    const SeqNum iss{static_cast<std::uint32_t>(random.next())}, irs{static_cast<std::uint32_t>(random.next())};
    if (cookies.check(of, iss, irs, {}, kStart)) ++hits;
  }
  EXPECT_LE(hits, 1U) << "expected are 1/64";
}

// --- properties ---

std::uint32_t number(std::uint64_t below) {
  return static_cast<std::uint32_t>(*rc::gen::inRange<std::uint64_t>(0, below));
}
IpAddress any_address(bool is_v4) {
  if (is_v4) return IpAddress::v4(be32{*rc::gen::arbitrary<std::uint32_t>()});
  std::array<std::uint8_t, 16> bytes;
  for (auto& byte : bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  bytes[0] |= 0x20;  // not an IPv4-mapped one
  return IpAddress::v6(bytes.data());
}
Made any_cookie() {
  const bool is_v4 = *rc::gen::arbitrary<bool>();
  Made made;
  made.flow = {any_address(is_v4), any_address(is_v4), static_cast<std::uint16_t>(number(65536)),
               static_cast<std::uint16_t>(number(65536))};
  made.options.mss = static_cast<std::uint16_t>(48 + number(65536 - 48));
  made.options.window_scale = *rc::gen::arbitrary<bool>() ? std::optional{WindowScale{number(15)}} : std::nullopt;
  made.options.sack = *rc::gen::arbitrary<bool>();
  made.options.timestamps = *rc::gen::arbitrary<bool>();
  made.options.ecn = made.options.timestamps && *rc::gen::arbitrary<bool>();
  made.irs = SeqNum{*rc::gen::arbitrary<std::uint32_t>()};
  made.clock = *rc::gen::arbitrary<std::uint32_t>();
  made.at = kStart + Duration{*rc::gen::inRange<std::int64_t>(0, Duration{1h}.count())};
  return made;
}

TEST(SynCookie, EveryCookieIsAcceptedForASlotAndPromisesNoMoreThanItWasTold) {
  EXPECT_TRUE(rc::check([] {
    const Made made = any_cookie();
    const auto later = Duration{*rc::gen::inRange<std::int64_t>(0, SynCookies::kSlot.count())};
    const auto granted = checked(made, made.at + later);
    RC_ASSERT(granted.has_value());
    RC_ASSERT(granted->mss <= made.options.mss);
    RC_ASSERT(granted->sack == made.options.sack);
    RC_ASSERT(granted->timestamps == made.options.timestamps);
    RC_ASSERT(granted->ecn == made.options.ecn);
    RC_ASSERT(granted->window_scale.has_value() == made.options.window_scale.has_value());
    if (made.options.timestamps) RC_ASSERT(granted->window_scale == made.options.window_scale);
    if (granted->window_scale) RC_ASSERT(granted->window_scale->shift() <= made.options.window_scale->shift());
  }));
}

TEST(SynCookie, NoneIsAcceptedAfterTwoSlots) {
  EXPECT_TRUE(rc::check([] {
    const Made made = any_cookie();
    const auto later = Duration{*rc::gen::inRange<std::int64_t>(0, Duration{24h}.count())};
    RC_ASSERT(!checked(made, made.at + 2 * SynCookies::kSlot + later));
  }));
}

}  // namespace
}  // namespace weir::tcp
