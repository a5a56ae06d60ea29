#include <gtest/gtest.h>

#include "worker_bench.h"

namespace weir::run {
namespace {

TEST(HandOver, TakesAStraySegmentToTheWorkerThatKnowsItsFlow) {
  TwoWorkers two;
  two.arrive_at(0, two.segment(4000, kSyn));
  EXPECT_EQ(two.workers[0]->host().connections_in(tcp::State::kSynReceived), 1U);
  two.arrive_at(1, two.segment(4000, kRst | kAck));
  two.turn();
  EXPECT_EQ(two.workers[1]->metrics().handed_over.value(), 1U);
  two.turn();
  EXPECT_EQ(two.workers[0]->metrics().taken_over.value(), 1U);
}

TEST(HandOver, LeavesFlowsThatNobodyKnowsWhereTheyArrived) {
  TwoWorkers two;
  two.arrive_at(1, two.segment(4000, kSyn));
  two.turn();
  EXPECT_EQ(two.workers[1]->metrics().handed_over.value(), 0U);
  EXPECT_EQ(two.workers[1]->host().connections_in(tcp::State::kSynReceived), 1U);
}

TEST(Missteer, SendsTheFurtherPacketsOfAChosenFlowByTheWrongWorker) {
  TwoWorkers two(1);
  two.arrive(two.segment(4000, kSyn));
  two.turn();
  EXPECT_EQ(two.workers[0]->host().connections_in(tcp::State::kSynReceived), 1U);
  EXPECT_EQ(two.workers[0]->metrics().missteered.value(), 0U);
  two.arrive(two.segment(4000, kAck));
  for (int i = 0; i < 3; ++i) two.turn();
  EXPECT_EQ(two.workers[0]->metrics().missteered.value(), 1U);
  EXPECT_EQ(two.workers[1]->metrics().taken_over.value(), 1U);
  EXPECT_EQ(two.workers[1]->metrics().handed_over.value(), 1U);
  EXPECT_EQ(two.workers[0]->metrics().taken_over.value(), 1U);  // back at its owner
}

TEST(Missteer, ChoosesAboutEveryNthFlow) {
  TwoWorkers two;
  const Missteer missteer(10, SipKey{1, 2});
  unsigned chosen = 0;
  for (std::uint16_t port = 1; port <= 2000; ++port) chosen += missteer.chooses(two.segment(port, kAck).get()) ? 1 : 0;
  EXPECT_GT(chosen, 140U);
  EXPECT_LT(chosen, 260U);
}

TEST(Missteer, KeepsTheOrderOnBothSides) {
  TwoWorkers two;
  const Missteer missteer(2, SipKey{1, 2});
  std::array<rte_mbuf*, 16> packets;
  for (std::uint16_t i = 0; i < packets.size(); ++i)
    packets[i] = two.segment(static_cast<std::uint16_t>(100 + i / 2), kAck).release();
  const auto before = packets;
  const std::size_t stay = missteer.split(packets);
  const auto place = [&](rte_mbuf* p) { return std::find(before.begin(), before.end(), p) - before.begin(); };
  for (std::size_t i = 1; i < packets.size(); ++i) EXPECT_TRUE(i == stay || place(packets[i - 1]) < place(packets[i]));
  for (std::size_t i = 0; i < packets.size(); ++i) EXPECT_EQ(missteer.chooses(packets[i]), i >= stay);
  rte_pktmbuf_free_bulk(packets.data(), packets.size());
}

}  // namespace
}  // namespace weir::run
