#include <gtest/gtest.h>

#include <weir/run/pressure.h>

#include "worker_bench.h"

namespace weir::run {
namespace {

void note(Pressure& pressure, bool is_burst_full, unsigned turns) {
  for (unsigned i = 0; i < turns; ++i) pressure.note(is_burst_full);
}

TEST(Pressure, IsHighAfterSoManyFullBursts) {
  Pressure pressure;
  note(pressure, true, Pressure::kHigh - 1);
  EXPECT_FALSE(pressure.is_high());
  pressure.note(true);
  EXPECT_TRUE(pressure.is_high());
}

TEST(Pressure, EndsSoonHoweverLongItLasted) {
  Pressure pressure;
  note(pressure, true, 1000);
  note(pressure, false, Pressure::kMax - Pressure::kHigh);
  EXPECT_TRUE(pressure.is_high());
  pressure.note(false);
  EXPECT_FALSE(pressure.is_high());
}

TEST(Pressure, TurnsWithoutAFullBurstWeighAsMuch) {
  Pressure pressure;
  for (unsigned i = 0; i < 1000; ++i) pressure.note(i % 2 == 0);
  EXPECT_FALSE(pressure.is_high());
  note(pressure, false, 1000);
  note(pressure, true, Pressure::kHigh);
  EXPECT_TRUE(pressure.is_high()) << "it does not fall below nothing";
}

class Flooded : public ::testing::Test {
 protected:
  void TearDown() override { drain(); }
  // Half of a burst comes from outside, the answers to it fill the other half.
  void flood(unsigned turns) {
    for (unsigned turn = 0; turn < turns; ++turn) {
      arrive_syns(nic::Port::kBurst / 2);
      bench.turn();
    }
  }
  void arrive_syns(unsigned count) {
    for (unsigned i = 0; i < count; ++i) bench.arrive(bench.segment(next_port_++, kSyn));
  }
  void drain() {
    for (unsigned i = 0; i < 3 * Pressure::kMax; ++i) bench.turn();
  }
  std::uint64_t dropped(stack::DropReason reason) { return worker.host().drops()[reason]; }

  TwoWorkers bench;
  Worker& worker = *bench.workers[0];

 private:
  std::uint16_t next_port_ = 10'000;
};

TEST_F(Flooded, PacketsBehindAFloodAreReachedWhenItLasts) {
  arrive_syns(nic::Port::kBurst);
  flood(2 * Pressure::kHigh);
  ASSERT_EQ(worker.host().defences().at(0).state, stack::DefenceState::kAttacked);
  arrive_syns(3 * nic::Port::kBurst - 1 - nic::Port::kBurst / 2);
  bench.arrive(bench.segment(9'999, kAck));
  const auto shed = dropped(stack::DropReason::kSynShed);
  ASSERT_EQ(dropped(stack::DropReason::kSynCookieWrong), 0U);
  bench.turn();
  EXPECT_EQ(dropped(stack::DropReason::kSynCookieWrong), 1U) << "the ACK came through";
  EXPECT_GT(dropped(stack::DropReason::kSynShed), shed);
  EXPECT_LE(worker.metrics().rx_burst_max.value(), Worker::kShedBursts * nic::Port::kBurst);
}

TEST_F(Flooded, NothingIsShedBeforeAndAfter) {
  arrive_syns(nic::Port::kBurst);
  flood(Pressure::kHigh - 1);
  EXPECT_EQ(dropped(stack::DropReason::kSynShed), 0U);
  flood(2 * Pressure::kHigh);
  EXPECT_GT(dropped(stack::DropReason::kSynShed), 0U);
  drain();
  const auto shed = dropped(stack::DropReason::kSynShed);
  const auto sent = worker.host().counters()[tcp::Counter::kSynCookiesSent];
  arrive_syns(1);
  bench.turn();
  EXPECT_EQ(dropped(stack::DropReason::kSynShed), shed);
  EXPECT_EQ(worker.host().counters()[tcp::Counter::kSynCookiesSent], sent + 1);
}

}  // namespace
}  // namespace weir::run
