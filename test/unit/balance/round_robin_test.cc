#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <weir/balance/scheduler.h>

namespace weir::balance {
namespace {

std::string choices(Scheduler& scheduler, unsigned count, const Request& request = {}) {
  std::string result;
  for (unsigned i = 0; i < count; ++i) {
    const auto chosen = scheduler.choose(request);
    result += chosen ? static_cast<char>('a' + *chosen) : '-';
  }
  return result;
}

std::vector<SharedBackend> with_weights(std::initializer_list<std::uint16_t> weights) {
  std::vector<SharedBackend> backends(weights.size());
  std::size_t i = 0;
  for (const std::uint16_t weight : weights) backends[i++].set_weight(weight);
  return backends;
}

TEST(RoundRobin, TakesTurns) {
  const auto backends = with_weights({1, 1, 1});
  RoundRobin scheduler{backends};
  EXPECT_EQ(choices(scheduler, 7), "abcabca");
}

TEST(RoundRobin, SpreadsWeightsSmoothly) {
  const auto backends = with_weights({5, 1, 1});
  RoundRobin scheduler{backends};
  EXPECT_EQ(choices(scheduler, 7), "aabacaa");
}

TEST(RoundRobin, GivesEachExactlyItsWeight) {
  const auto backends = with_weights({256, 7, 1, 0, 36});
  RoundRobin scheduler{backends};
  const std::string run = choices(scheduler, 10 * (256 + 7 + 1 + 36));
  EXPECT_EQ(std::ranges::count(run, 'a'), 2560);
  EXPECT_EQ(std::ranges::count(run, 'b'), 70);
  EXPECT_EQ(std::ranges::count(run, 'c'), 10);
  EXPECT_EQ(std::ranges::count(run, 'd'), 0);
  EXPECT_EQ(std::ranges::count(run, 'e'), 360);
}

TEST(RoundRobin, SkipsWhatIsDownOrTried) {
  auto backends = with_weights({1, 1, 1});
  RoundRobin scheduler{backends};
  backends[1].set_healthy(false, Instant{});
  EXPECT_EQ(choices(scheduler, 4), "acac");
  const std::uint16_t tried[] = {0};
  EXPECT_EQ(choices(scheduler, 2, {.client = {}, .tried = tried}), "cc");
  backends[2].set_healthy(false, Instant{});
  EXPECT_EQ(choices(scheduler, 1, {.client = {}, .tried = tried}), "-");
}

TEST(RoundRobin, CoresBeginAtDifferentBackEnds) {
  const auto backends = with_weights({1, 1, 1});
  RoundRobin first{backends, 0}, second{backends, 1};
  EXPECT_EQ(choices(first, 3), "abc");
  EXPECT_EQ(choices(second, 3), "bca");
}

}  // namespace
}  // namespace weir::balance
