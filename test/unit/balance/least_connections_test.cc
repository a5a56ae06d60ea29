#include <gtest/gtest.h>

#include <weir/balance/scheduler.h>

namespace weir::balance {
namespace {

TEST(LeastConnections, ChoosesTheOneWithFewest) {
  std::vector<SharedBackend> backends(3);
  backends[0].opened();
  backends[0].opened();
  backends[1].opened();
  backends[2].opened();
  backends[2].closed();
  LeastConnections scheduler{backends};
  EXPECT_EQ(scheduler.choose({}), 2);
}

TEST(LeastConnections, FillsInProportionToWeights) {
  std::vector<SharedBackend> backends(3);
  backends[0].set_weight(1);
  backends[1].set_weight(3);
  backends[2].set_weight(6);
  LeastConnections scheduler{backends};
  for (unsigned i = 0; i < 100; ++i) backends[scheduler.choose({}).value()].opened();
  EXPECT_EQ(backends[0].open(), 10u);
  EXPECT_EQ(backends[1].open(), 30u);
  EXPECT_EQ(backends[2].open(), 60u);
}

TEST(LeastConnections, TiesGoInTurn) {
  std::vector<SharedBackend> backends(3);
  LeastConnections scheduler{backends};
  EXPECT_EQ(scheduler.choose({}), 0);
  EXPECT_EQ(scheduler.choose({}), 1);
  EXPECT_EQ(scheduler.choose({}), 2);
  EXPECT_EQ(scheduler.choose({}), 0);
}

TEST(LeastConnections, SkipsWhatIsDownDrainingOrTried) {
  std::vector<SharedBackend> backends(3);
  backends[0].set_healthy(false, Instant{});
  backends[1].set_weight(0);
  LeastConnections scheduler{backends};
  EXPECT_EQ(scheduler.choose({}), 2);
  const std::uint16_t tried[] = {2};
  EXPECT_EQ(scheduler.choose({.client = {}, .tried = tried}), std::nullopt);
}

}  // namespace
}  // namespace weir::balance
