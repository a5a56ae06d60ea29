// Each thing that a link does to packets happens, as often as asked for, and again with the same seed.
#include "path.h"

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace weir::link {
namespace {

constexpr std::size_t kFrame = 1500;
constexpr int kPackets = 100'000;

// Fates of packets that come one a microsecond.
struct Run {
  PathCounts counts;
  std::vector<std::optional<Arrival>> arrivals;
};

Run run(const std::string& settings, std::uint64_t seed = 7, int packets = kPackets) {
  Path path(parse_path(settings), seed);
  Run run;
  for (int n = 0; n < packets; ++n) run.arrivals.push_back(path.on_frame(Instant{n * 1us}, kFrame, true));
  run.counts = path.counts();
  return run;
}

// Five standard deviations of a binomial count: one in two million honest seeds is outside.
void expect_share(std::uint64_t count, double percent) {
  const double p = percent / 100;
  EXPECT_NEAR(static_cast<double>(count), kPackets * p, 5 * std::sqrt(kPackets * p * (1 - p)));
}

TEST(LinkPath, DoesNothingUnlessAsked) {
  const auto result = run("delay=0");
  for (int n = 0; n < kPackets; ++n) {
    const auto& arrival = result.arrivals[static_cast<std::size_t>(n)];
    ASSERT_TRUE(arrival && arrival->due == Instant{n * 1us} && !arrival->twice);
  }
}

TEST(LinkPath, DelaysEveryPacketByTheSame) {
  for (const auto& arrival : run("delay=20", 7, 10).arrivals) ASSERT_TRUE(arrival);
  EXPECT_EQ(run("delay=20", 7, 2).arrivals[1]->due, Instant{20ms + 1us});
}

TEST(LinkPath, LosesTheShareAskedFor) {
  for (const double percent : {0.1, 1.0, 5.0})
    expect_share(run("loss=" + std::to_string(percent)).counts.lost, percent);
}

TEST(LinkPath, LosesEachPacketForItself) {
  const auto counts = run("loss=5").counts;
  // The mean run of independent losses is 1/(1-p) long.
  EXPECT_NEAR(static_cast<double>(counts.lost) / static_cast<double>(counts.bursts), 1 / 0.95, 0.02);
}

TEST(LinkPath, LosesInBurstsOfTheLengthAskedForAndNoMoreInAll) {
  const auto counts = run("loss=2,burst=5").counts;
  const auto bursts = static_cast<double>(counts.bursts), lost = static_cast<double>(counts.lost);
  EXPECT_NEAR(lost / bursts, 5, 5 * std::sqrt(20 / bursts));                     // geometric lengths
  EXPECT_NEAR(lost / kPackets, 0.02, 5 * 0.02 * std::sqrt((2 * 5 - 1) / lost));  // bursts spread the sum more
}

TEST(LinkPath, ReordersTheShareAskedForByTheTimeAskedFor) {
  const auto result = run("delay=1,reorder=3,late=2");
  expect_share(result.counts.late, 3);
  std::uint64_t late = 0;
  for (int n = 0; n < kPackets; ++n)
    late += result.arrivals[static_cast<std::size_t>(n)]->due == Instant{n * 1us + 3ms};
  EXPECT_EQ(late, result.counts.late);
}

TEST(LinkPath, DuplicatesTheShareAskedFor) {
  const auto result = run("duplicate=2");
  expect_share(result.counts.duplicated, 2);
  std::uint64_t twice = 0;
  for (const auto& arrival : result.arrivals) twice += arrival->twice;
  EXPECT_EQ(twice, result.counts.duplicated);
}

TEST(LinkPath, MarksTheShareAskedFor) {
  std::uint64_t marked = 0;
  for (const auto& arrival : run("mark=2").arrivals) marked += arrival->marked;
  expect_share(marked, 2);
}

TEST(LinkPath, TransmitsAtItsRate) {
  Path path(parse_path("rate=12,delay=5,queue=10"), 7);  // 1,500 bytes take 1 ms
  for (int n = 1; n <= 3; ++n) EXPECT_EQ(path.on_frame(Instant{}, kFrame, true)->due, Instant{n * 1ms + 5ms});
  EXPECT_EQ(path.on_frame(Instant{10ms}, kFrame / 2, true)->due, Instant{15500us});  // it was idle in between
}

TEST(LinkPath, DropsWhatTheQueueCannotHoldUntilThereIsRoom) {
  Path path(parse_path("rate=12,queue=3"), 7);
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(path.on_frame(Instant{}, kFrame, true));
  EXPECT_FALSE(path.on_frame(Instant{999us}, kFrame, true));
  EXPECT_TRUE(path.on_frame(Instant{1ms}, kFrame, true));
  EXPECT_FALSE(path.on_frame(Instant{1ms}, kFrame, false));  // whatever it is
  EXPECT_EQ(path.counts().queue_full, 2U);
}

TEST(LinkPath, HarmsTcpOnly) {
  Path path(parse_path("loss=100,reorder=100,duplicate=100"), 7);
  const auto arrival = path.on_frame(Instant{}, kFrame, false);
  ASSERT_TRUE(arrival);
  EXPECT_TRUE(arrival->due == Instant{} && !arrival->twice);
}

TEST(LinkPath, RepeatsItselfWithTheSameSeedAndNotWithAnother) {
  const auto fates = [](std::uint64_t seed, const std::string& settings) {
    std::vector<bool> lost;
    for (const auto& arrival : run(settings, seed, 1000).arrivals) lost.push_back(!arrival);
    return lost;
  };
  EXPECT_EQ(fates(7, "loss=5"), fates(7, "loss=5"));
  EXPECT_NE(fates(7, "loss=5"), fates(8, "loss=5"));
  EXPECT_EQ(fates(7, "loss=5"),
            fates(7, "loss=5,reorder=10,duplicate=3"));  // the same packets are lost beside others' fate
}

TEST(LinkPath, RefusesSettingsThatMakeNoSense) {
  for (const char* text : {"loss", "loss=", "loss=x", "loss=101", "loss=-1", "loss=1x", "los=1", "burst=0.5,loss=1",
                           "loss=90,burst=2", "delay=nan", "queue=30001"}) {
    EXPECT_THROW(parse_path(text), std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace weir::link
