// Neighbours through the network's own seam, ARP and NDP alike.
#include <gtest/gtest.h>

#include "link.h"

namespace weir::test {

namespace {

class Neighbours : public ::testing::TestWithParam<Family> {
 protected:
  const Addresses& a = addresses(GetParam());
  NetworkConfig config{};

  void use_one_and_want_another(Link& link) const {
    link.send(a.peer);
    link.answer(a.peer, mac(9), a.own);
    link.send(a.other);
  }
};
INSTANTIATE_TEST_SUITE_P(Families, Neighbours, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return addresses(test.param).name; });

TEST_P(Neighbours, AsksOnceAndSendsWhatWaitedWhenTheAnswerComes) {
  Link link;
  link.send(a.peer);
  link.send(a.peer);
  EXPECT_EQ(link.tally(), (Link::Tally{.questions = 1}));
  link.answer(a.peer, mac(9), a.own);
  EXPECT_EQ(link.tally(), (Link::Tally{.packets = 2, .packet_to = mac(9)}));
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kReachable);
  link.send(a.peer);
  EXPECT_EQ(link.tally(), (Link::Tally{.packets = 1, .packet_to = mac(9)}));
}

TEST_P(Neighbours, RepeatsTheQuestionEachSecondThenDropsWhatWaited) {
  Link link;
  link.send(a.peer);
  EXPECT_EQ(link.tally().questions, 1U);
  link.advance(999ms);
  EXPECT_EQ(link.tally().questions, 0U);
  link.advance(1ms);
  EXPECT_EQ(link.tally().questions, 1U);
  link.advance(1s);
  EXPECT_EQ(link.tally().questions, 1U);
  link.advance(1s);
  EXPECT_EQ(link.tally(), Link::Tally{});
  EXPECT_EQ(link.dropped(DropReason::kNeighbourFailed), 1U);
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kFailed);
}

TEST_P(Neighbours, AfterAFailureAsksAgainOnlyAfterAMoment) {
  Link link;
  link.send(a.peer);
  link.advance(3s);
  link.sent();
  link.send(a.peer);
  EXPECT_EQ(link.tally(), Link::Tally{});
  EXPECT_EQ(link.dropped(DropReason::kNeighbourFailed), 2U);
  link.advance(1s);
  link.send(a.peer);
  EXPECT_EQ(link.tally().questions, 1U);
}

TEST_P(Neighbours, KeepsTheLatestPacketsOfABoundedQueue) {
  Link link;
  for (unsigned i = 0; i < 11; ++i) link.send(a.peer, 8 + i);
  EXPECT_EQ(link.dropped(DropReason::kNeighbourQueueFull), 3U);
  link.sent();
  link.answer(a.peer, mac(9), a.own);
  const auto frames = link.sent();
  ASSERT_EQ(frames.size(), 8U);
  EXPECT_EQ(frames.front().size(), kEthernetHeader + ip_packet(a.own, a.peer, 11).size());
}

TEST_P(Neighbours, BoundsWhatWaitsInTotal) {
  config.neighbours.queued_total_max = 2;
  Link link{config};
  link.send(a.peer);
  link.send(a.peer);
  link.send(a.other);
  EXPECT_EQ(link.dropped(DropReason::kNeighbourQueueFull), 1U);
  EXPECT_EQ(link.network.neighbours().queued(), 2U);
}

TEST_P(Neighbours, AgesAndProbesTheStationItselfWhenUsedAgain) {
  Link link;
  link.send(a.peer);
  link.answer(a.peer, mac(9), a.own);
  link.advance(45s);
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kStale);
  link.sent();
  link.send(a.peer);
  EXPECT_EQ(link.tally(), (Link::Tally{.packets = 1, .packet_to = mac(9)}));
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kDelay);
  link.advance(5s);
  EXPECT_EQ(link.tally(), (Link::Tally{.unicast_questions = 1}));
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kProbe);
  link.answer(a.peer, mac(9), a.own);
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kReachable);
}

TEST_P(Neighbours, ForgetsAStationThatAnswersNoProbe) {
  Link link;
  link.send(a.peer);
  link.answer(a.peer, mac(9), a.own);
  link.advance(45s);
  link.send(a.peer);
  link.advance(5s + 3s);
  EXPECT_EQ(link.state_of(a.peer), std::nullopt);
  link.sent();
  link.send(a.peer);
  EXPECT_EQ(link.tally().questions, 1U);
}

TEST_P(Neighbours, ForgetsWhatIsNotUsed) {
  Link link;
  link.ask(a.peer, mac(9), a.own);
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kStale);
  link.advance(10min);
  EXPECT_EQ(link.state_of(a.peer), std::nullopt);
  EXPECT_EQ(link.network.next_deadline(), std::nullopt);
}

TEST_P(Neighbours, AQuestionForUsIsAnsweredAndTeachesTheAsker) {
  Link link;
  link.ask(a.peer, mac(9), a.own);
  EXPECT_EQ(link.tally(), (Link::Tally{.answers = 1}));
  link.send(a.peer);
  EXPECT_EQ(link.tally(), (Link::Tally{.packets = 1, .packet_to = mac(9)}));
}

TEST_P(Neighbours, AQuestionForAnotherTeachesNothing) {
  Link link;
  link.ask(a.peer, mac(9), a.other);
  EXPECT_EQ(link.tally(), Link::Tally{});
  EXPECT_EQ(link.state_of(a.peer), std::nullopt);
}

TEST_P(Neighbours, VirtualAddressesAreAnsweredFor) {
  Link link;
  link.network.add_virtual_address(a.virtual_address);
  link.ask(a.peer, mac(9), a.virtual_address);
  EXPECT_EQ(link.tally(), (Link::Tally{.answers = 1}));
}

TEST(ArpAnswers, ToOthersTeachNothing) {
  const Addresses& a = addresses(Family::kIpv4);
  Link link;
  link.send(a.peer);
  link.answer(a.peer, mac(66), a.other);
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kIncomplete);
  EXPECT_EQ(link.dropped(DropReason::kArpIgnored), 1U);
  link.answer(a.peer, mac(9), a.own);
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kReachable);
}

TEST_P(Neighbours, UnaskedAnswersMakeNoEntry) {
  Link link;
  link.announce(a.peer, mac(66));
  link.answer(a.peer, mac(66), a.own);
  EXPECT_EQ(link.state_of(a.peer), std::nullopt);
  EXPECT_EQ(link.dropped(GetParam() == Family::kIpv4 ? DropReason::kArpIgnored : DropReason::kNdpIgnored), 2U);
}

TEST_P(Neighbours, AClaimDoesNotReplaceAStationThatStillAnswers) {
  Link link;
  link.send(a.peer);
  link.answer(a.peer, mac(9), a.own);
  link.sent();
  link.announce(a.peer, mac(66));
  EXPECT_EQ(link.tally(), (Link::Tally{.unicast_questions = 1}));
  link.answer(a.peer, mac(66), a.own);  // the claimant knows that we ask
  link.answer(a.peer, mac(9), a.own);
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kReachable);
  link.send(a.peer);
  EXPECT_EQ(link.tally(), (Link::Tally{.packets = 1, .packet_to = mac(9)}));
}

TEST_P(Neighbours, AClaimDoesNotReplaceAStationThatHasBeenQuietAndStillAnswers) {
  for (const bool is_question : {false, true}) {
    Link link;
    link.send(a.peer);
    link.answer(a.peer, mac(9), a.own);
    link.advance(45s);
    ASSERT_EQ(link.state_of(a.peer), NeighbourState::kStale);
    link.sent();
    is_question ? link.ask(a.peer, mac(66), a.own) : link.announce(a.peer, mac(66));
    EXPECT_EQ(link.tally().unicast_questions, 1U);
    link.answer(a.peer, mac(9), a.own);
    EXPECT_EQ(link.state_of(a.peer), NeighbourState::kReachable);
    link.send(a.peer);
    EXPECT_EQ(link.tally(), (Link::Tally{.packets = 1, .packet_to = mac(9)}));
  }
}

TEST_P(Neighbours, AQuestionForUsCannotReplaceAStationInUseEither) {
  Link link;
  link.send(a.peer);
  link.answer(a.peer, mac(9), a.own);
  link.ask(a.peer, mac(66), a.own);
  link.sent();
  link.send(a.peer);
  EXPECT_EQ(link.tally().packet_to, mac(9));
}

TEST_P(Neighbours, AClaimWinsWhenTheOldStationIsSilent) {
  Link link;
  link.send(a.peer);
  link.answer(a.peer, mac(9), a.own);
  link.announce(a.peer, mac(10));
  link.advance(600ms);
  EXPECT_EQ(link.state_of(a.peer), std::nullopt);
  link.sent();
  link.send(a.peer);
  EXPECT_EQ(link.tally().questions, 1U);
  link.answer(a.peer, mac(10), a.own);
  EXPECT_EQ(link.tally(), (Link::Tally{.packets = 1, .packet_to = mac(10)}));
}

TEST_P(Neighbours, AStaleEntryFollowsAnAnnouncementAndIsProbedWhenUsed) {
  Link link;
  link.ask(a.peer, mac(9), a.own);
  link.announce(a.peer, mac(10));
  link.sent();
  link.send(a.peer);
  EXPECT_EQ(link.tally().packet_to, mac(10));
  link.advance(5s);
  EXPECT_EQ(link.tally(), (Link::Tally{.unicast_questions = 1}));
}

TEST_P(Neighbours, ConfiguredNeighboursAreNeverAskedForNorChanged) {
  Link link;
  ASSERT_TRUE(link.network.add_neighbour(0, a.peer, mac(9)));
  link.announce(a.peer, mac(66));
  link.ask(a.peer, mac(66), a.own);
  link.sent();
  link.advance(24h);
  link.send(a.peer);
  EXPECT_EQ(link.tally(), (Link::Tally{.packets = 1, .packet_to = mac(9)}));
}

TEST_P(Neighbours, AFullTableDropsItsOldestIdleEntryAndKeepsThoseInUse) {
  config.neighbours.entries = 4;
  Link link{config};
  link.send(a.peer);
  link.answer(a.peer, mac(9), a.own);
  for (std::uint8_t i = 0; i < 100; ++i) {
    auto bytes = a.other.bytes();
    bytes[15] = static_cast<std::uint8_t>(100 + i);
    link.ask(IpAddress::v6(bytes.data()), mac(i), a.own);
  }
  EXPECT_EQ(link.network.neighbours().size(), 4U);
  EXPECT_EQ(link.state_of(a.peer), NeighbourState::kReachable);
  EXPECT_EQ(link.dropped(DropReason::kNeighbourTableFull), 97U);
}

TEST_P(Neighbours, ATableFullOfThoseInUseTakesNoMore) {
  config.neighbours.entries = 1;
  Link link{config};
  use_one_and_want_another(link);
  EXPECT_EQ(link.dropped(DropReason::kNeighbourTableFull), 1U);
  EXPECT_EQ(link.state_of(a.other), std::nullopt);
}

TEST_P(Neighbours, AFullTableTakesMoreWhenItsEntriesAge) {
  config.neighbours.entries = 1;
  Link link{config};
  use_one_and_want_another(link);
  ASSERT_EQ(link.dropped(DropReason::kNeighbourTableFull), 1U);
  link.advance(45s);
  link.send(a.other);
  link.answer(a.other, mac(8), a.own);
  EXPECT_EQ(link.state_of(a.other), NeighbourState::kReachable);
  EXPECT_EQ(link.network.neighbours().size(), 1U);
  EXPECT_EQ(link.network.neighbours().queued(), 0U);
  EXPECT_EQ(link.pool->available(), link.pool->capacity());
}

TEST_P(Neighbours, AnotherStationWithOurAddressIsCounted) {
  Link link;
  link.announce(a.own, mac(66));
  link.ask(a.own, mac(66), a.peer);
  EXPECT_EQ(link.dropped(DropReason::kAddressConflict), 2U);
  EXPECT_EQ(link.state_of(a.own), std::nullopt);
}

TEST_P(Neighbours, AStrangerToTheLinkIsAnsweredButNotLearnt) {
  Link link;
  link.ask(a.far, mac(9), a.own);
  EXPECT_EQ(link.tally(), (Link::Tally{.answers = 1}));
  EXPECT_EQ(link.state_of(a.far), std::nullopt);
}

TEST_P(Neighbours, WaitingPacketsGoBackWithTheNetwork) {
  Link link;
  for (unsigned i = 0; i < 5; ++i) link.send(a.peer);
  EXPECT_EQ(link.network.neighbours().queued(), 5U);
}

TEST_P(Neighbours, AnEmptyPoolIsCountedAndDoesNoHarm) {
  Link link{{}, 3};
  std::vector<Packet> held;
  while (Packet packet = link.pool->allocate()) held.push_back(std::move(packet));
  link.network.announce(link.now);
  link.advance(0s);
  EXPECT_EQ(link.dropped(DropReason::kNoPackets), 3U);  // own addresses and the link-local one
}

TEST_P(Neighbours, AnotherWorkersCopyAnswersOurQuestion) {
  config.shares_neighbours = true;
  Link receiver{config}, asker{config};
  asker.send(a.peer);
  asker.sent();
  receiver.answer(a.peer, mac(9), a.own);
  EXPECT_EQ(receiver.state_of(a.peer), std::nullopt);
  rte_mbuf* copies[4];
  ASSERT_EQ(receiver.network.take_neighbour_frames(copies), 1U);
  const Packet copy{copies[0]};
  EXPECT_EQ(copy.get()->port, 0U);
  asker.network.on_neighbour_copy(0, copy.data(), asker.now);
  asker.network.flush();
  EXPECT_EQ(asker.tally(), (Link::Tally{.packets = 1, .packet_to = mac(9)}));
}

TEST_P(Neighbours, ACopyIsNeverAnswered) {
  config.shares_neighbours = true;
  Link receiver{config}, other{config};
  receiver.ask(a.peer, mac(9), a.own);
  rte_mbuf* copies[4];
  ASSERT_EQ(receiver.network.take_neighbour_frames(copies), 1U);
  const Packet copy{copies[0]};
  other.network.on_neighbour_copy(0, copy.data(), other.now);
  other.network.flush();
  EXPECT_EQ(other.tally(), Link::Tally{});
  EXPECT_EQ(other.state_of(a.peer), NeighbourState::kStale);
}

TEST_P(Neighbours, CopiesAreBounded) {
  config.shares_neighbours = true;
  Link link{config};
  for (unsigned i = 0; i < Network::kNeighbourCopiesMax + 5; ++i) link.ask(a.peer, mac(9), a.own);
  EXPECT_EQ(link.dropped(DropReason::kHandOverFull), 5U);
}

}  // namespace

}  // namespace weir::test
