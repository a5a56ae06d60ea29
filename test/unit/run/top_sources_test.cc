#include "top_sources.h"

#include <gtest/gtest.h>

namespace weir::run {
namespace {

TopSource source(const std::string& prefix, unsigned permille) {
  return {*Prefix::parse(prefix), permille};
}

TEST(TopSources, OfWorkersAreAddedByWhatEachIsSent) {
  const auto sources =
      top_sources_of({{.syns = 1000, .top_sources = {source("198.51.100.0/24", 500), source("203.0.113.0/24", 100)}},
                      {.syns = 10'000, .top_sources = {source("203.0.113.0/24", 200)}},
                      {.syns = 0, .top_sources = {source("192.0.2.0/24", 1000)}}});
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0].prefix.to_string(), "203.0.113.0/24");
  EXPECT_EQ(sources[0].syns, 2100U);
  EXPECT_EQ(sources[1].syns, 500U);
}

TEST(TopSources, AreNoMoreThanOneWorkerTells) {
  std::vector<stack::DefenceStatus> workers;
  for (unsigned worker = 0; worker < 3; ++worker) {
    workers.push_back({.syns = 1000});
    for (unsigned i = 0; i < SourceSketch::kTop; ++i)
      workers.back().top_sources.push_back(
          source("10." + std::to_string(worker) + "." + std::to_string(i) + ".0/24", 50));
  }
  EXPECT_EQ(top_sources_of(workers).size(), SourceSketch::kTop);
}

TEST(DefenceCounts, OfWorkersAreAdded) {
  const stack::DefenceCounts sum =
      counts_of({{.counts = {1, 2, 3, 4, 5}}, {.counts = {10, 20, 30, 40, 50}}, {.counts = {.syns = 100}}});
  EXPECT_EQ(sum.syns, 111U);
  EXPECT_EQ(sum.cookies_sent, 22U);
  EXPECT_EQ(sum.cookies_accepted, 33U);
  EXPECT_EQ(sum.cookies_wrong, 44U);
  EXPECT_EQ(sum.cookies_spent, 55U);
}

}  // namespace
}  // namespace weir::run
