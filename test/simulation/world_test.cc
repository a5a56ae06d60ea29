// Does the simulation see? Faults put in on purpose must be found, and a seed must decide everything.
#include <gtest/gtest.h>

#include "kinds.h"
#include "world.h"

namespace weir::testing {
namespace {

Pools& pools() {
  static Pools all;
  return all;
}

// Of so many seeds, how many are called bad: chance may leave one of them nothing to spoil. Half are asked for where of
// 300 seeds 97 % and more were called bad, a third where it were 79 % (a lost event): a change of plans leaves that so.
unsigned failures(Sabotage sabotage, const std::string& what, std::uint64_t seeds = 8) {
  unsigned failed = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Verdict verdict = World(seed, pools(), sabotage).run();
    const auto names = [&](const std::string& fault) { return fault.find(what) != std::string::npos; };
    if (std::any_of(verdict.faults.begin(), verdict.faults.end(), names)) ++failed;
  }
  return failed;
}

TEST(World, NothingIsWrongWhereNothingWasDone) {
  EXPECT_EQ(failures(Sabotage::kNone, ""), 0U);
}
TEST(World, SeesBytesThatNoChecksumTells) {
  EXPECT_GE(failures(Sabotage::kWrongByte, "read other bytes than were sent"), 4U);
}
TEST(World, SeesThatNothingArrives) {
  EXPECT_GE(failures(Sabotage::kEatEverything, "never was"), 4U);
}
TEST(World, SeesAPacketThatIsKept) {
  EXPECT_EQ(failures(Sabotage::kKeepPacket, "packets missing"), 8U);
}
TEST(World, SeesAnEventThatIsLost) {
  EXPECT_GE(failures(Sabotage::kLoseEvent, "not all connections came to their end", 24), 8U);
}
TEST(World, SeesAResetWithoutAReason) {
  EXPECT_GE(failures(Sabotage::kResetSomebody, "ended as reset"), 4U);
}

std::string everything_that_happens(std::uint64_t seed) {
  std::string all;
  World world(seed, pools());
  world.simulation().on_trace = [&](const std::string& line) { all += line + "\n"; };
  EXPECT_TRUE(world.run().faults.empty());
  return all;
}

TEST(World, SeedDecidesEveryPacket) {
  for (const std::uint64_t seed : {3, 4}) {
    const std::string once = everything_that_happens(seed);
    EXPECT_FALSE(once.empty());
    EXPECT_EQ(once, everything_that_happens(seed));
  }
  EXPECT_NE(everything_that_happens(3), everything_that_happens(4));
}

TEST(World, NamesKindsThatNeverHappened) {
  Tally tally;
  const auto missing = kinds_that_never_happened(tally);
  EXPECT_GT(missing.size(), 30U);
  for (const std::string& kind : missing) tally.add(kind);
  EXPECT_TRUE(kinds_that_never_happened(tally).empty());
}

}  // namespace
}  // namespace weir::testing
