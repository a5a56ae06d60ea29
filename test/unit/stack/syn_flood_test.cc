// Floods of SYNs against a listener: cookies while it is attacked, and clients that do not notice.
#include "rfc_behaviour.h"
#include "syn_defence.h"
#include "wire/chains.h"

namespace weir::testing {
namespace {

using stack::ConnectionId;
using stack::DefenceState;
using stack::DropReason;
using tcp::Counter;
using tcp::SynCookieUse;

constexpr auto kSlot = tcp::SynCookies::kSlot;

class SynFlood : public RfcBehaviour {
 protected:
  static constexpr std::uint16_t kClient = 4000;
  static constexpr std::uint16_t kFirstBot = 10'000;
  static constexpr std::uint32_t kRecords = 256;  // small_host()
  static constexpr std::uint32_t kAttackedAt = kRecords / 2;

  std::uint64_t counted(Counter counter) { return peer.host().counters()[counter]; }
  std::uint64_t dropped(DropReason reason) { return peer.host().drops()[reason]; }
  stack::DefenceStatus defence() { return peer.host().defences().at(0); }
  std::uint64_t half_open() { return peer.host().connections_in(tcp::State::kSynReceived); }

  Segment syn(std::uint16_t from = kClient) const {
    Segment segment = this->segment(kSyn, RawPeer::kHostPort, from);
    segment.options.mss = 1460;
    return segment;
  }
  // SYNs from ports of their own that nobody will answer.
  void flood(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      peer.send(syn(static_cast<std::uint16_t>(kFirstBot + bots_++)));
      peer.take();
    }
  }
  void attack(const tcp::Settings& settings = {}) {
    listener = listen(settings);
    flood(kAttackedAt);
    ASSERT_EQ(defence().state, DefenceState::kAttacked);
  }
  Answer syn_ack_for(const Segment& syn) {
    peer.send(syn);
    const auto answers = peer.take();
    EXPECT_EQ(answers.size(), 1U);
    return answers.empty() ? Answer{} : answers.front();
  }
  // The ACK that completes a handshake; `flags` and timestamps may be changed.
  Segment final_ack(const Segment& syn, const Answer& answer) const {
    Segment last = syn;
    last.options = {};
    last.flags = kAck;
    last.seq = syn.seq + 1;
    last.ack = answer.segment.seq + 1;
    if (const auto& theirs = answer.segment.options.timestamps)
      last.options.timestamps = Timestamps{syn.options.timestamps->value, theirs->value};
    return last;
  }
  ConnectionId accept() { return peer.host().accept(listener).value_or(ConnectionId{}); }
  ConnectionId opened_by(const Segment& syn) {
    peer.send(final_ack(syn, syn_ack_for(syn)));
    return accept();
  }

  stack::ListenerId listener = stack::kNoListener;

 private:
  std::uint32_t bots_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Families, SynFlood, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(SynFlood, HoldsNothingForASynWhileAttacked) {
  attack();
  const auto records = half_open();
  const auto packets = peer.packets().available();
  flood(3000);
  EXPECT_EQ(half_open(), records);
  EXPECT_EQ(peer.packets().available(), packets);
  EXPECT_EQ(counted(Counter::kSynCookiesSent), 3000U);
  EXPECT_EQ(dropped(DropReason::kHalfOpenFull), 0U);
}

// SYN-ACKs are made from templates: they are those of this listener, not of the one that had its place before.
TEST_P(SynFlood, AnswersOfANewListenerAreItsOwn) {
  for (const std::uint16_t mss : {std::uint16_t{1400}, std::uint16_t{1000}}) {
    listener = listen({.syn_cookies = SynCookieUse::kAlways, .mss = mss});
    EXPECT_EQ(syn_ack_for(syn()).segment.options.mss, mss);
    peer.host().stop_listening(listener);
  }
}

TEST_P(SynFlood, ClientsOpenConnectionsWhileAttacked) {
  attack();
  const ConnectionId id = opened_by(syn());
  ASSERT_TRUE(id);
  EXPECT_EQ(state(id), tcp::State::kEstablished);
  EXPECT_EQ(counted(Counter::kSynCookiesAccepted), 1U);
  EXPECT_EQ(peer.host().info(id)->mss, GetParam() == Family::kIpv4 ? 1460 : 1440);
}

// As it comes from a device that scatters, or from reassembly: no answer can be written over it.
TEST_P(SynFlood, ASynInSeveralPiecesIsAnsweredToo) {
  attack();
  Segment first = syn();
  first.options.timestamps = Timestamps{7, 0};
  first.options.window_scale = WindowScale{9};
  const auto bytes = peer.bytes_of(first, std::vector<std::uint8_t>(500, 'x'));
  const auto packets = peer.packets().available();
  peer.host().on_packet(test::chain(peer.packets(), bytes, {300}), peer.now());
  peer.collect();
  const auto answers = peer.take();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(peer.packets().available(), packets);
  EXPECT_EQ(counted(Counter::kSynCookiesSent), 1U);
  peer.send(final_ack(first, answers.front()));
  const ConnectionId id = accept();
  ASSERT_TRUE(id);
  EXPECT_EQ(peer.host().info(id)->snd_scale, 9U) << "as the timestamp says, not as its class";
}

TEST_P(SynFlood, HandshakesUnderWayWhenItBeginsAreNotLost) {
  listener = listen();
  std::vector<Segment> acks;
  for (std::uint16_t port = kClient; port < kClient + 5; ++port)
    acks.push_back(final_ack(syn(port), syn_ack_for(syn(port))));
  flood(5000);
  for (const Segment& last : acks) {
    peer.send(last);
    EXPECT_TRUE(accept());
  }
  EXPECT_EQ(counted(Counter::kSynCookiesAccepted), 0U);
}

TEST_P(SynFlood, FinalAckMayCarryText) {
  attack();
  const Segment first = syn();
  Segment last = final_ack(first, syn_ack_for(first));
  last.flags |= kPsh;
  peer.send(last, std::vector<std::uint8_t>(100, 'x'));
  const ConnectionId id = accept();
  ASSERT_TRUE(id);
  EXPECT_EQ(peer.host().readable(id), 100U);
}

TEST_P(SynFlood, FinalAckMayCarryFin) {
  attack();
  const Segment first = syn();
  Segment last = final_ack(first, syn_ack_for(first));
  last.flags |= kFin;
  peer.send(last);
  const ConnectionId id = accept();
  ASSERT_TRUE(id);
  EXPECT_EQ(state(id), tcp::State::kCloseWait);
}

TEST_P(SynFlood, NothingButAnAckCompletesAHandshake) {
  attack();
  const Segment first = syn();
  const Segment last = final_ack(first, syn_ack_for(first));
  for (const int flags : {kSyn | kAck, int{kRst}, kRst | kAck, kPsh | 0, kFin | 0}) {
    Segment other = last;
    other.flags = static_cast<std::uint8_t>(flags);
    peer.send(other);
    EXPECT_FALSE(accept()) << "flags " << flags;
    for (const Answer& answer : peer.take()) EXPECT_TRUE(answer.segment.has(kRst) && flags == (kSyn | kAck));
  }
  peer.send(last);
  EXPECT_TRUE(accept());
}

TEST_P(SynFlood, TellsWhereItComesFrom) {
  attack();
  EXPECT_TRUE(defence().top_sources.empty());
  peer.advance(stack::SynDefence::kWindow);
  flood(1);
  const auto sources = defence().top_sources;
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_TRUE(sources[0].prefix.contains(peer.peer_address()));
  EXPECT_EQ(sources[0].permille, 1000U);
}

TEST_P(SynFlood, OptionsSurviveInACookie) {
  attack({.ecn = tcp::EcnMode::kAccept});
  Segment first = syn();
  first.flags |= kEce | kCwr;
  first.options.sack_permitted = true;
  first.options.window_scale = WindowScale{9};
  first.options.timestamps = Timestamps{777, 0};
  const auto info = peer.host().info(opened_by(first)).value();
  EXPECT_TRUE(info.sack && info.timestamps && info.window_scale && info.ecn);
  EXPECT_EQ(info.snd_scale, 9U);
  EXPECT_EQ(info.snd_wnd, 20000U << 9);
}

TEST_P(SynFlood, WithoutTimestampsSackAndAClassOfWindowScaleSurvive) {
  attack();
  Segment first = syn();
  first.options.sack_permitted = true;
  first.options.window_scale = WindowScale{8};
  const auto info = peer.host().info(opened_by(first)).value();
  EXPECT_TRUE(info.sack && info.window_scale);
  EXPECT_FALSE(info.timestamps || info.ecn);
  EXPECT_EQ(info.snd_scale, 7U) << "rounded down";
}

// The client that offered timestamps goes on as if it had not.
TEST_P(SynFlood, FinalAckWithoutTheTimestampsOfferedStillWorks) {
  attack();
  Segment first = syn();
  first.options.timestamps = Timestamps{777, 0};
  Segment last = final_ack(first, syn_ack_for(first));
  last.options.timestamps.reset();
  peer.send(last);
  const ConnectionId id = accept();
  ASSERT_TRUE(id);
  EXPECT_FALSE(peer.host().info(id)->timestamps);
}

TEST_P(SynFlood, TimestampsAreRoundedDownAndMeasureNothing) {
  attack();
  Segment first = syn();
  first.options.timestamps = Timestamps{777, 0};
  const Answer answer = syn_ack_for(first);
  peer.advance(300ms);
  peer.send(final_ack(first, answer));
  const ConnectionId id = accept();
  ASSERT_TRUE(id);
  EXPECT_EQ(peer.host().info(id)->srtt_us, 0U);
  seq = first.seq + 1;
  ack = answer.segment.seq + 1;
  sends(id, 10);
  const auto sent = peer.take();
  ASSERT_EQ(sent.size(), 1U);
  const std::uint32_t elapsed = sent[0].segment.options.timestamps->value - answer.segment.options.timestamps->value;
  EXPECT_GE(elapsed, 300U);
  EXPECT_LT(elapsed, 300U + 256U);
}

TEST_P(SynFlood, RoundTripIsMeasuredByWhatFollows) {
  attack();
  const ConnectionId id = opened_by(syn());
  ASSERT_TRUE(id);
  seq = syn().seq + 1;
  sends(id, 10);
  const auto sent = peer.take();
  peer.advance(80ms);
  ack = sent.at(0).segment.seq + 10;
  says(kAck, RawPeer::kHostPort);
  EXPECT_EQ(peer.host().info(id)->srtt_us, 80'000U);
}

TEST_P(SynFlood, WrongCookieIsAnsweredByRstUnderALimit) {
  attack();
  flood(1);
  Segment wrong = segment(kAck, RawPeer::kHostPort);
  peer.take();
  for (std::uint32_t i = 0; i < 1000; ++i) {
    wrong.ack = SeqNum{i * 2'654'435'761U};
    peer.send(wrong);
  }
  const auto answers = peer.take();
  EXPECT_GE(answers.size(), 10U);
  EXPECT_LE(answers.size(), 200U);
  for (const Answer& answer : answers) EXPECT_EQ(answer.segment.flags, kRst);
  EXPECT_EQ(dropped(DropReason::kSynCookieWrong), 1000U);
  EXPECT_EQ(defence().counts.cookies_wrong, 1000U);
  EXPECT_EQ(defence().counts.cookies_spent, 0U);
  EXPECT_EQ(counted(Counter::kSynCookieResetsLimited), 1000U - answers.size());
  EXPECT_FALSE(accept());
}

// It may be what followed a lost final ACK.
TEST_P(SynFlood, TextBeyondALostFinalAckIsWaitedForInSilence) {
  attack();
  const Segment first = syn();
  Segment last = final_ack(first, syn_ack_for(first));
  last.flags |= kPsh;
  Segment second = last;
  second.seq += 100;
  peer.send(second, std::vector<std::uint8_t>(100, 'x'));
  EXPECT_TRUE(peer.take().empty());
  peer.send(last, std::vector<std::uint8_t>(100, 'x'));
  const ConnectionId id = accept();
  ASSERT_TRUE(id);
  EXPECT_EQ(peer.host().readable(id), 100U);
}

TEST_P(SynFlood, AckOfAnEarlierCookieIsAccepted) {
  attack();
  const Segment first = syn();
  const Segment last = final_ack(first, syn_ack_for(first));
  peer.advance(kSlot);
  flood(200);
  EXPECT_NE(final_ack(first, syn_ack_for(first)).ack, last.ack) << "a cookie of the next slot";
  peer.send(last);
  EXPECT_TRUE(accept());
}

TEST_P(SynFlood, AckMeetsTheConnectionThatItOpened) {
  attack();
  const Segment first = syn();
  const Segment last = final_ack(first, syn_ack_for(first));
  peer.send(last);
  ASSERT_TRUE(accept());
  peer.take();
  peer.send(last);
  EXPECT_FALSE(accept());
  EXPECT_TRUE(peer.take().empty());
  EXPECT_EQ(counted(Counter::kSynCookiesAccepted), 1U);
}

TEST_P(SynFlood, CookieOpensOneConnectionEvenWhenThatIsGone) {
  attack();
  const Segment first = syn();
  const Segment last = final_ack(first, syn_ack_for(first));
  peer.send(last);
  ASSERT_TRUE(accept());
  Segment reset = last;
  reset.flags = kRst;
  peer.send(reset);
  peer.take();
  peer.send(last);
  EXPECT_FALSE(accept());
  EXPECT_EQ(dropped(DropReason::kSynCookieSpent), 1U);
  EXPECT_EQ(defence().counts.cookies_spent, 1U);
  EXPECT_EQ(defence().counts.cookies_wrong, 0U);
  EXPECT_EQ(defence().counts.cookies_accepted, 1U);
  EXPECT_EQ(peer.take().at(0).segment.flags, kRst);
}

TEST_P(SynFlood, ReplayInTimeWaitOpensNothing) {
  attack();
  const Segment first = syn();
  const Segment last = final_ack(first, syn_ack_for(first));
  peer.send(last);
  const ConnectionId id = accept();
  ASSERT_TRUE(id);
  peer.host().close(id);
  peer.collect();
  seq = last.seq;
  ack = last.ack + 1;
  says(kFin | kAck, RawPeer::kHostPort);
  ASSERT_EQ(peer.host().connections_in(tcp::State::kTimeWait), 1U);
  peer.take();
  peer.send(last);
  EXPECT_FALSE(accept());
  EXPECT_EQ(counted(Counter::kSynCookiesAccepted), 1U);
  EXPECT_EQ(peer.host().connections_in(tcp::State::kTimeWait), 1U);
}

TEST_P(SynFlood, NoCookieIsExpectedBeforeOneWasSent) {
  listener = listen();
  Segment guess = segment(kAck, RawPeer::kHostPort);
  peer.send(guess);
  EXPECT_EQ(peer.take().at(0).segment.flags, kRst);
  EXPECT_EQ(dropped(DropReason::kSynCookieWrong), 0U);
}

TEST_P(SynFlood, CookiesAreExpectedForTwoSlotsAfterTheLast) {
  attack();
  flood(1);
  std::uint64_t guesses = 0;
  const auto guessed = [&] {
    peer.send(segment(kAck, RawPeer::kHostPort));
    const std::uint64_t before = std::exchange(guesses, dropped(DropReason::kSynCookieWrong));
    return guesses != before;
  };
  EXPECT_TRUE(guessed());
  peer.advance(2 * kSlot - 1ms);
  EXPECT_TRUE(guessed());
  peer.advance(1ms);
  EXPECT_FALSE(guessed());
}

TEST_P(SynFlood, CalmReturnsAndRecordsWithIt) {
  attack();
  peer.advance(200s);
  peer.take();
  EXPECT_EQ(defence().state, DefenceState::kQuiet);
  EXPECT_EQ(half_open(), 0U);
  const Segment first = syn();
  const Answer answer = syn_ack_for(first);
  EXPECT_EQ(half_open(), 1U);
  peer.send(final_ack(first, answer));
  EXPECT_TRUE(accept());
}

TEST_P(SynFlood, CautiousListenersGiveUpSooner) {
  listener = listen();
  flood(kRecords * 12 / 100);
  ASSERT_EQ(defence().state, DefenceState::kCautious);
  const auto records = half_open();
  flood(10);
  peer.advance(4s);
  EXPECT_EQ(half_open(), records) << "the ten that came later got one repetition";
}

TEST_P(SynFlood, AcceptQueueThatIsFullTurnsACookieIntoARecord) {
  ASSERT_EQ(peer.host().listen({.address = peer.host_address(),
                                .port = RawPeer::kHostPort,
                                .backlog = 1,
                                .settings = tcp::Settings{.syn_cookies = SynCookieUse::kAlways}},
                               listener),
            CallError::kNone);
  const Segment one = syn(4001), two = syn(4002);
  const Answer to_one = syn_ack_for(one), to_two = syn_ack_for(two);
  peer.send(final_ack(one, to_one));
  peer.send(final_ack(two, to_two));
  EXPECT_EQ(dropped(DropReason::kAcceptQueueFull), 1U);
  EXPECT_EQ(half_open(), 1U);
  EXPECT_TRUE(accept());
  peer.take();
  peer.advance(1s);
  const auto repeated = peer.take();
  ASSERT_EQ(repeated.size(), 1U);
  EXPECT_EQ(repeated[0].segment.seq, to_two.segment.seq);
  peer.send(final_ack(two, repeated[0]));
  EXPECT_TRUE(accept());
  EXPECT_EQ(half_open(), 0U);
}

// Padded Ethernet frames, the check sequence left out: 14 bytes of header, 60 at least.
TEST_P(SynFlood, IsNotAmplified) {
  attack();
  for (unsigned offered = 0; offered < 16; ++offered) {
    Segment first = syn(static_cast<std::uint16_t>(20'000 + offered));
    first.options = {};
    unsigned length = 0;
    if ((offered & 1) != 0) first.options.mss = 1460, length += 4;
    if ((offered & 2) != 0) first.options.window_scale = WindowScale{7}, length += 3;
    if ((offered & 4) != 0) first.options.sack_permitted = true, length += 2;
    if ((offered & 8) != 0) first.options.timestamps = Timestamps{1, 0}, length += 10;
    const unsigned ip = v4() ? 20 : 40;
    const unsigned came = std::max(60U, 14 + ip + 20 + (length + 3) / 4 * 4);  // packed as tightly as can be
    const Answer answer = syn_ack_for(first);
    EXPECT_LE(std::max(60U, 14 + ip + answer.segment.header_length), came) << "options " << offered;
  }
  peer.advance(100s);
  std::size_t repeated = 0;
  for (const Answer& answer : peer.take()) repeated += answer.segment.destination_port >= 20'000 ? 1 : 0;
  EXPECT_EQ(repeated, 0U) << "cookies are never repeated";
}

TEST_P(SynFlood, OffDropsWhatFindsNoRecord) {
  listener = listen({.syn_cookies = SynCookieUse::kOff});
  flood(kRecords + 100);
  EXPECT_EQ(dropped(DropReason::kHalfOpenFull), 100U);
  EXPECT_EQ(counted(Counter::kSynCookiesSent), 0U);
}

TEST_P(SynFlood, DryRunOnlyCounts) {
  listener = listen({.syn_cookies = SynCookieUse::kDryRun});
  flood(kRecords + 100);
  EXPECT_EQ(defence().state, DefenceState::kAttacked);
  EXPECT_EQ(counted(Counter::kSynCookiesDryRun), kRecords + 100 - kAttackedAt);
  EXPECT_EQ(dropped(DropReason::kHalfOpenFull), 100U);
  EXPECT_EQ(counted(Counter::kSynCookiesSent), 0U);
}

TEST_P(SynFlood, AlwaysNeedsNoAttack) {
  listener = listen({.syn_cookies = SynCookieUse::kAlways});
  EXPECT_TRUE(opened_by(syn()));
  EXPECT_EQ(half_open(), 0U);
  EXPECT_EQ(counted(Counter::kSynCookiesAccepted), 1U);
}

// RFC 6191: beyond the numbers of the connection before.
TEST_P(SynFlood, SuccessorOfATimeWaitGetsARecord) {
  listener = listen({.syn_cookies = SynCookieUse::kAlways});
  const Segment first = syn();
  const Answer answer = syn_ack_for(first);
  peer.send(final_ack(first, answer));
  const ConnectionId id = accept();
  peer.host().close(id);
  peer.collect();
  seq = first.seq + 1;
  ack = answer.segment.seq + 2;
  says(kFin | kAck, RawPeer::kHostPort);
  ASSERT_EQ(peer.host().connections_in(tcp::State::kTimeWait), 1U);
  peer.take();
  Segment again = syn();
  again.seq = seq + 1000;
  const Answer later = syn_ack_for(again);
  EXPECT_TRUE(later.segment.seq.after(ack));
  EXPECT_EQ(half_open(), 1U);
}

TEST_P(SynFlood, OneListenerUnderAttackLeavesAnotherQuiet) {
  attack();
  stack::ListenerId other = stack::kNoListener;
  ASSERT_EQ(peer.host().listen({.address = peer.host_address(), .port = 81}, other), CallError::kNone);
  Segment first = syn();
  first.destination_port = 81;
  const auto records = half_open();
  peer.send(final_ack(first, syn_ack_for(first)));
  EXPECT_TRUE(peer.host().accept(other));
  EXPECT_EQ(half_open(), records);
  EXPECT_EQ(counted(Counter::kSynCookiesSent), 0U);
}

}  // namespace
}  // namespace weir::testing
