#include <gtest/gtest.h>

#include <weir/balance/board.h>

namespace weir::balance {
namespace {

constexpr Instant kStart{100s};

BalancerConfig two_services() {
  BalancerConfig config;
  config.services.resize(2);
  config.services[0].name = "web";
  config.services[0].backends = {{"a", {}, 1}, {"b", {}, 2}};
  config.services[1].name = "mail";
  config.services[1].scheduler = SchedulerKind::kMaglev;
  config.services[1].backends = {{"c", {}, 0}};
  return config;
}

TEST(Board, SumsTheCountsOfAllCores) {
  Board board{two_services(), 3, kStart};
  for (unsigned worker = 0; worker < 3; ++worker) {
    board.service_counts(worker, 0).open.add(worker);
    board.counts(worker, 0)[1].bytes_in.add(1000);
    board.counts(worker, 1)[0].refused.add();
  }
  const auto status = board.snapshot();
  EXPECT_EQ(status[0].open, 3u);
  EXPECT_EQ(status[0].backends[0].bytes_in, 0u);
  EXPECT_EQ(status[0].backends[1].bytes_in, 3000u);
  EXPECT_EQ(status[1].backends[0].refused, 3u);
}

TEST(Board, BuildsTablesForMaglevOnly) {
  Board board{two_services(), 1, kStart};
  EXPECT_EQ(board.maglev(0), nullptr);
  EXPECT_NE(board.maglev(1), nullptr);
}

TEST(Board, AServiceIsDownWhenNoBackEndTakesConnections) {
  Board board{two_services(), 1, kStart};
  EXPECT_EQ(board.snapshot()[0].state, ServiceState::kUp);
  EXPECT_EQ(board.snapshot()[1].state, ServiceState::kDown);  // its only back end has weight 0
  for (SharedBackend& backend : board.backends(0)) backend.set_healthy(false, kStart);
  EXPECT_EQ(board.snapshot()[0].state, ServiceState::kDown);
  board.set_draining();
  EXPECT_EQ(board.snapshot()[0].state, ServiceState::kDraining);
}

TEST(Board, FailuresInARowTakeABackEndDown) {
  Board board{two_services(), 1, kStart};
  SharedBackend& backend = board.backends(0)[0];
  EXPECT_EQ(backend.since(), kStart);
  backend.connect_failed(3, kStart + 1s);
  backend.connect_failed(3, kStart + 2s);
  backend.connect_succeeded();
  backend.connect_failed(3, kStart + 3s);
  backend.connect_failed(3, kStart + 4s);
  EXPECT_TRUE(backend.is_healthy());
  backend.connect_failed(3, kStart + 5s);
  backend.connect_failed(3, kStart + 6s);
  EXPECT_FALSE(backend.is_healthy());
  EXPECT_EQ(backend.since(), kStart + 5s);
}

TEST(Board, WithoutChecksFailuresTakeNothingDown) {
  Board board{two_services(), 1, kStart};
  for (int i = 0; i < 100; ++i) board.backends(0)[0].connect_failed(0, kStart);
  EXPECT_TRUE(board.backends(0)[0].is_healthy());
}

}  // namespace
}  // namespace weir::balance
