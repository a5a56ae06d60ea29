#include <gtest/gtest.h>

#include <weir/run/pressure.h>

#include "worker_bench.h"

namespace weir::run {
namespace {

TEST(Pressure, IsHighAfterSoLongOfFullBursts) {
  Pressure pressure;
  pressure.note(true, Pressure::kHigh - 1us);
  EXPECT_FALSE(pressure.is_high());
  pressure.note(true, 1us);
  EXPECT_TRUE(pressure.is_high());
}

TEST(Pressure, EndsSoonHoweverLongItLasted) {
  Pressure pressure;
  for (int i = 0; i < 1000; ++i) pressure.note(true, 1ms);
  pressure.note(false, Pressure::kMax - Pressure::kHigh);
  EXPECT_TRUE(pressure.is_high());
  pressure.note(false, 1ns);
  EXPECT_FALSE(pressure.is_high());
}

TEST(Pressure, TimeSpentOtherwiseWeighsAsMuch) {
  Pressure pressure;
  for (int i = 0; i < 1000; ++i) pressure.note(i % 2 == 0, 1ms);
  EXPECT_FALSE(pressure.is_high());
  pressure.note(false, 1s);
  pressure.note(true, Pressure::kHigh);
  EXPECT_TRUE(pressure.is_high()) << "it does not fall below nothing";
}

class Flooded : public ::testing::Test {
 protected:
  static constexpr unsigned kTurnsToHigh = Pressure::kHigh / 1ms;  // a turn of the bench is a millisecond

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
    for (unsigned i = 0; i < 5 * kTurnsToHigh; ++i) bench.turn();
  }
  std::uint64_t dropped(stack::DropReason reason) { return worker.host().drops()[reason]; }

  TwoWorkers bench;
  Worker& worker = *bench.workers[0];

 private:
  std::uint16_t next_port_ = 10'000;
};

TEST_F(Flooded, PacketsBehindAFloodAreReachedWhenItLasts) {
  arrive_syns(nic::Port::kBurst);
  flood(2 * kTurnsToHigh);
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
  flood(kTurnsToHigh - 1);
  EXPECT_EQ(dropped(stack::DropReason::kSynShed), 0U);
  flood(2 * kTurnsToHigh);
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
