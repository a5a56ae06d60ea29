#include <thread>

#include <gtest/gtest.h>

#include <weir/run/clock.h>

#include "worker_bench.h"

namespace weir::run {
namespace {

TEST(Worker, PollsItsApplicationOncePerTurn) {
  test::TestPool pool;
  Rings rings{1};
  Worker worker(small_setup(0), {}, rings, *pool, kStart);
  auto application = std::make_unique<FakeApplication>();
  FakeApplication& seen = *application;
  worker.start(std::move(application));
  for (int i = 1; i <= 3; ++i) EXPECT_FALSE(worker.turn(kStart + i * 1ms));
  EXPECT_EQ(seen.starts, 1);
  EXPECT_EQ(seen.polls, 3);
  EXPECT_EQ(worker.metrics().turns.value(), 3U);
  EXPECT_EQ(worker.metrics().busy_turns.value(), 0U);
}

TEST(Worker, CarriesOutCommandsBetweenBursts) {
  test::TestPool pool;
  Rings rings{1};
  Worker worker(small_setup(0), {}, rings, *pool, kStart);
  int done = 0;
  for (unsigned i = 0; i < Worker::kCommandsPerTurn + 2; ++i) ASSERT_TRUE(worker.mailbox().post([&] { ++done; }));
  EXPECT_TRUE(worker.turn(kStart));
  EXPECT_EQ(done, static_cast<int>(Worker::kCommandsPerTurn));
  worker.turn(kStart);
  EXPECT_EQ(worker.metrics().commands.value(), Worker::kCommandsPerTurn + 2U);
}

// A flood that fills every burst is one step of a turn: the others have theirs. What is sent comes back here, too.
TEST(Worker, FullBurstsLeaveEverythingElseItsTurn) {
  TwoWorkers bench;
  Worker& worker = *bench.workers[0];
  constexpr unsigned kTurns = Pressure::kHigh / 1ms - 1;  // longer, and SYNs are shed
  for (unsigned i = 0; i < kTurns * nic::Port::kBurst; ++i)
    bench.arrive(bench.segment(static_cast<std::uint16_t>(10'000 + i), kSyn));
  worker.host().set_timer(5ms);
  int done = 0;
  for (unsigned turn = 1; turn <= kTurns; ++turn) {
    ASSERT_TRUE(worker.mailbox().post([&] { ++done; }));
    bench.turn();
    EXPECT_EQ(done, static_cast<int>(turn)) << "the control plane";
  }
  EXPECT_EQ(worker.metrics().rx_burst_max.value(), nic::Port::kBurst);
  EXPECT_EQ(worker.metrics().busy_turns.value(), kTurns - 1) << "all of them, the last is not accounted yet";
  const auto event = worker.host().next_event();
  ASSERT_TRUE(event) << "timers";
  EXPECT_EQ(event->what, tcp::kTimer);
  for (unsigned turn = 0; turn < 3 * kTurns; ++turn) bench.turn();
  EXPECT_EQ(bench.pool->available(), bench.pool->capacity()) << "nothing of the flood is left";
}

TEST(Worker, TellsWhenItsApplicationHasDrained) {
  test::TestPool pool;
  Rings rings{1};
  Worker worker(small_setup(0), {}, rings, *pool, kStart);
  auto application = std::make_unique<FakeApplication>();
  FakeApplication& seen = *application;
  seen.may_drain = false;
  worker.start(std::move(application));
  worker.drain();
  worker.turn(kStart);
  EXPECT_EQ(seen.drains, 1);
  EXPECT_FALSE(worker.is_drained());
  seen.may_drain = true;
  worker.turn(kStart);
  EXPECT_TRUE(worker.is_drained());
  EXPECT_EQ(seen.drains, 1);
}

TEST(Worker, DoesNotTakeAStopBack) {
  test::TestPool pool;
  Rings rings{1};
  Worker worker(small_setup(0), {}, rings, *pool, kStart);
  worker.start(std::make_unique<FakeApplication>());
  worker.stop();
  worker.drain();
  worker.run();  // returns
}

TEST(Worker, SleepsNoLongerThanToTheNextDeadline) {
  test::TestPool pool;
  Rings rings{1};
  WorkerSetup setup = small_setup(0);
  setup.idle_sleep = 15us;
  Worker worker(setup, {}, rings, *pool, kStart);
  auto application = std::make_unique<FakeApplication>();
  FakeApplication& seen = *application;
  worker.start(std::move(application));
  EXPECT_EQ(worker.may_sleep(kStart), 15us);
  seen.deadline = kStart + 10us;
  EXPECT_EQ(worker.may_sleep(kStart), 10us);
  EXPECT_EQ(worker.may_sleep(kStart + 20us), 0us);
}

// Runs a worker that has nothing to do, on a thread of its own, until it has counted so many.
const WorkerMetrics& run_idle(Worker& worker, const Count WorkerMetrics::*what, std::uint64_t many) {
  worker.start(std::make_unique<FakeApplication>());
  std::thread thread([&] { worker.run(); });
  const Instant patience = monotonic_now() + 60s;
  while ((worker.metrics().*what).value() < many && monotonic_now() < patience) std::this_thread::sleep_for(1ms);
  worker.stop();
  thread.join();
  return worker.metrics();
}

TEST(Worker, SleepsWhenIdleIfItMay) {
  test::TestPool pool;
  Rings rings{1};
  WorkerSetup setup = small_setup(0);
  setup.idle_sleep = 1ms;
  Worker worker(setup, {}, rings, *pool, monotonic_now());
  const Instant begun = monotonic_now();
  const WorkerMetrics& metrics = run_idle(worker, &WorkerMetrics::sleeps, 30);
  const auto passed = static_cast<std::uint64_t>((monotonic_now() - begun) / 1ms);
  EXPECT_GE(metrics.sleeps.value(), 30U);
  EXPECT_LT(metrics.sleeps.value(), 10 + passed);  // longer and longer ones: after six, a millisecond each
  // A turn per sleep, those before the first one, and those at the end.
  EXPECT_LE(metrics.turns.value(), metrics.sleeps.value() + Worker::kTurnsBeforeSleep + Worker::kTurnsAtEnd);
}

TEST(Worker, PollsOnWhenItMayNotSleep) {
  test::TestPool pool;
  Rings rings{1};
  Worker worker(small_setup(0), {}, rings, *pool, monotonic_now());
  const WorkerMetrics& metrics = run_idle(worker, &WorkerMetrics::turns, 1000);
  EXPECT_EQ(metrics.sleeps.value(), 0U);
  EXPECT_GE(metrics.turns.value(), 1000U);
}

}  // namespace
}  // namespace weir::run
