// Limits and lists that an operator sets: who may begin a connection, and that every end gives back what it took.
#include "rfc_behaviour.h"

namespace weir::testing {
namespace {

using stack::ConnectionId;
using stack::DropReason;
using stack::Limits;
using tcp::SynCookieUse;

stack::HostConfig limited_host(std::uint16_t workers) {
  stack::HostConfig config = small_host(31);
  config.limit_groups = 2;
  config.limited_sources = 64;
  config.steering.workers = workers;
  return config;
}

class LimitsTest : public ::testing::TestWithParam<Family> {
 protected:
  static constexpr std::uint16_t kOtherPort = 81;

  explicit LimitsTest(std::uint16_t workers = 1) : peer(limited_host(workers), GetParam()) {}

  // Host n of network m, far from the host's own.
  IpAddress source(unsigned network, unsigned n) const {
    if (GetParam() == Family::kIpv4) return IpAddress::v4(be32{0x0a000000 + network * 256 + n});
    return IpAddress::parse("2001:db8:1:" + std::to_string(network) + "::" + std::to_string(n + 1)).value();
  }
  void begin(const Limits& limits, const tcp::Settings& settings = {}) {
    listener = listen(RawPeer::kHostPort, 0, settings);
    peer.host().change_limits(std::span{&limits, 1});
  }
  stack::ListenerId listen(std::uint16_t port, std::uint16_t group, const tcp::Settings& settings = {}) {
    stack::ListenerId id = stack::kNoListener;
    EXPECT_EQ(
        peer.host().listen({.address = peer.host_address(), .port = port, .settings = settings, .limits = group}, id),
        CallError::kNone);
    return id;
  }
  Segment segment(std::uint8_t flags, std::uint16_t from, SeqNum ack = {}, std::uint16_t to = RawPeer::kHostPort) {
    return {.source_port = from,
            .destination_port = to,
            .seq = SeqNum{1000} + ((flags & kSyn) != 0 ? 0 : 1),
            .ack = ack,
            .flags = flags,
            .window = UnscaledWindow{20000}};
  }
  // The SYN's answer, if there is one.
  std::optional<Answer> syn(std::uint16_t to = RawPeer::kHostPort) {
    peer.collect();
    peer.take();
    peer.send(segment(kSyn, ++port_, {}, to));
    const auto answers = peer.take();
    return answers.empty() ? std::nullopt : std::optional{answers.front()};
  }
  void final_ack(const Answer& syn_ack) {
    peer.send(segment(kAck, syn_ack.segment.destination_port, syn_ack.segment.seq + 1, syn_ack.segment.source_port));
  }
  // A whole handshake from where the peer is; an empty id where it was not let in.
  ConnectionId opens() {
    const auto answer = syn();
    if (!answer || answer->segment.has(kRst)) return {};
    final_ack(*answer);
    return accept();
  }
  ConnectionId accept() { return peer.host().accept(listener).value_or(ConnectionId{}); }
  unsigned opened_of(unsigned tries) {
    unsigned opened = 0;
    for (unsigned i = 0; i < tries; ++i) opened += opens() ? 1 : 0;
    return opened;
  }
  void says(ConnectionId id, std::uint8_t flags, int seq_ahead = 0, int ack_ahead = 0) {
    const auto info = peer.host().info(id).value();
    Segment said = segment(flags, info.remote.port, iss_of(id) + 1 + static_cast<std::uint32_t>(ack_ahead));
    said.seq += static_cast<std::uint32_t>(seq_ahead);
    peer.send(said);
  }
  SeqNum iss_of(ConnectionId id) { return iss_.at(peer.host().info(id).value().remote.port); }
  ConnectionId opens_noted() {
    const auto answer = syn();
    if (!answer) return {};
    iss_[answer->segment.destination_port] = answer->segment.seq;
    final_ack(*answer);
    return accept();
  }
  std::uint64_t dropped(DropReason reason) { return peer.host().drops()[reason]; }
  std::uint32_t open(unsigned group = 0) { return peer.host().limits().at(group).open; }
  std::uint64_t sources_in_use() { return peer.host().pools().levels.back().in_use; }

  RawPeer peer;
  stack::ListenerId listener = stack::kNoListener;

 private:
  std::uint16_t port_ = 10'000;
  std::map<std::uint16_t, SeqNum> iss_;
};
INSTANTIATE_TEST_SUITE_P(Families, LimitsTest, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

std::shared_ptr<const PrefixList> list_of(const IpAddress& address, std::uint8_t length, bool is_allowed) {
  return std::make_shared<PrefixList>(std::vector<ListedPrefix>{{Prefix{address, length}.network(), is_allowed}});
}

// --- lists ---

TEST_P(LimitsTest, DeniedSourceIsMetWithSilence) {
  begin({.list = list_of(source(1, 0), GetParam() == Family::kIpv4 ? 24 : 64, false)});
  peer.move_to(source(1, 7));
  EXPECT_FALSE(syn());
  peer.send(segment(kAck, 4000, SeqNum{77}));
  EXPECT_TRUE(peer.take().empty());
  EXPECT_EQ(dropped(DropReason::kSourceDenied), 2U);
  EXPECT_EQ(peer.host().limits()[0].refused[0], 2U);
  EXPECT_EQ(peer.host().connections_in(tcp::State::kSynReceived), 0U);
  peer.move_to(source(2, 7));
  EXPECT_TRUE(opens());
}

TEST_P(LimitsTest, OnlyThoseAllowedComeIn) {
  begin({.list = list_of(source(1, 0), GetParam() == Family::kIpv4 ? 24 : 64, true)});
  peer.move_to(source(2, 7));
  EXPECT_FALSE(syn());
  peer.move_to(source(1, 7));
  EXPECT_TRUE(opens());
}

TEST_P(LimitsTest, RefusedSourceIsResetWhereThatIsAskedFor) {
  begin({.resets = true, .list = list_of(source(1, 0), GetParam() == Family::kIpv4 ? 24 : 64, false)});
  peer.move_to(source(1, 7));
  const auto answer = syn();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->segment.has(kRst));
  EXPECT_EQ(answer->segment.ack, SeqNum{1001});
  peer.send(segment(kRst, 4000));
  EXPECT_TRUE(peer.take().empty());
}

TEST_P(LimitsTest, DeniedSourceGetsNoCookieAndCompletesNone) {
  begin({}, {.syn_cookies = SynCookieUse::kAlways});
  peer.move_to(source(1, 7));
  const auto cookie = syn();
  ASSERT_TRUE(cookie);
  const Limits limits{.list = list_of(source(1, 0), 16, false)};
  peer.host().change_limits(std::span{&limits, 1});
  final_ack(*cookie);
  EXPECT_FALSE(accept());
  EXPECT_FALSE(syn());
  EXPECT_EQ(dropped(DropReason::kSourceDenied), 2U);
  peer.host().change_limits({});
  final_ack(*cookie);
  EXPECT_TRUE(accept());
}

TEST_P(LimitsTest, DeniedSynsDoNotMoveTheDefence) {
  begin({.list = list_of(source(1, 0), 16, false)}, {.syn_rate = 10});
  peer.move_to(source(1, 7));
  for (int i = 0; i < 1000; ++i) syn();
  peer.advance(1s);
  EXPECT_EQ(peer.host().defences().at(0).state, stack::DefenceState::kQuiet);
}

// --- at once ---

TEST_P(LimitsTest, ConnectionsAtOnceAreBoundedOverAllListenersOfAGroup) {
  begin({.connections = 3});
  const auto other = listen(kOtherPort, 0);
  EXPECT_EQ(opened_of(2), 2U);
  final_ack(syn(kOtherPort).value());
  EXPECT_TRUE(peer.host().accept(other));
  EXPECT_FALSE(opens());
  EXPECT_FALSE(syn(kOtherPort));
  EXPECT_EQ(open(), 3U);
  EXPECT_EQ(dropped(DropReason::kConnectionLimit), 2U);
}

TEST_P(LimitsTest, GroupsAreCountedEachForItself) {
  listener = listen(RawPeer::kHostPort, 0);
  listen(kOtherPort, 1);
  const std::array limits{Limits{.connections = 1}, Limits{.connections = 1}};
  peer.host().change_limits(limits);
  EXPECT_TRUE(opens());
  EXPECT_FALSE(opens());
  final_ack(syn(kOtherPort).value());
  EXPECT_EQ(open(0), 1U);
  EXPECT_EQ(open(1), 1U);
}

TEST_P(LimitsTest, ListenerWithoutAGroupHasNoLimit) {
  begin({.connections = 1});
  listen(kOtherPort, stack::kNoLimits);
  listen(kOtherPort + 1, 2);  // no such group
  EXPECT_TRUE(opens());
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(syn(kOtherPort));
    EXPECT_TRUE(syn(kOtherPort + 1));
  }
}

TEST_P(LimitsTest, SourcePrefixHasItsOwnBound) {
  begin({.source_connections = 2, .source_prefix_v4 = 24, .source_prefix_v6 = 64});
  peer.move_to(source(1, 1));
  EXPECT_EQ(opened_of(1), 1U);
  peer.move_to(source(1, 2));
  EXPECT_EQ(opened_of(5), 1U);
  peer.move_to(source(2, 1));
  EXPECT_EQ(opened_of(5), 2U);
  EXPECT_EQ(dropped(DropReason::kSourceConnectionLimit), 4U + 3U);
  EXPECT_EQ(sources_in_use(), 2U);
}

TEST_P(LimitsTest, LengthDecidesWhatOneSourceIs) {
  begin({.source_connections = 2, .source_prefix_v4 = 16, .source_prefix_v6 = 48});
  unsigned opened = 0;
  for (unsigned network = 0; network < 6; ++network) {
    peer.move_to(source(network, 1));
    opened += opened_of(1);
  }
  EXPECT_EQ(opened, 2U);
}

TEST_P(LimitsTest, HandshakesUnderWayCannotGoBeyondTheBound) {
  begin({.connections = 2});
  std::vector<Answer> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(syn().value());
  unsigned opened = 0;
  for (const Answer& answer : answers) {
    final_ack(answer);
    opened += accept() ? 1 : 0;
  }
  EXPECT_EQ(opened, 2U);
  EXPECT_EQ(peer.host().connections_in(tcp::State::kSynReceived), 3U);
  EXPECT_EQ(dropped(DropReason::kConnectionLimit), 3U);
}

TEST_P(LimitsTest, RefusedFinalAckIsTakenWhenThereIsRoom) {
  begin({.connections = 1});
  const Answer waiting = syn().value();
  const ConnectionId first = opens();
  final_ack(waiting);
  EXPECT_FALSE(accept());
  peer.host().abort(first);
  final_ack(waiting);
  EXPECT_TRUE(accept());
}

TEST_P(LimitsTest, RefusedFinalAckEndsTheHandshakeWhereResetsAreAskedFor) {
  begin({.connections = 1, .resets = true});
  const Answer waiting = syn().value();
  EXPECT_TRUE(opens());
  peer.take();
  final_ack(waiting);
  const auto answers = peer.take();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].segment.has(kRst));
  EXPECT_EQ(answers[0].segment.seq, waiting.segment.seq + 1);
  EXPECT_EQ(peer.host().connections_in(tcp::State::kSynReceived), 0U);
}

TEST_P(LimitsTest, CookiesOpenNoMoreThanTheBound) {
  begin({.source_connections = 2}, {.syn_cookies = SynCookieUse::kAlways});
  std::vector<Answer> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(syn().value());
  std::vector<ConnectionId> ids;
  for (const Answer& answer : answers) {
    final_ack(answer);
    if (const ConnectionId id = accept()) ids.push_back(id);
  }
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_FALSE(syn());
  EXPECT_EQ(dropped(DropReason::kSourceConnectionLimit), 4U);
  peer.host().abort(ids[0]);
  final_ack(answers[4]);  // a cookie that was refused is not spent
  EXPECT_TRUE(accept());
}

// --- per second ---

TEST_P(LimitsTest, NewConnectionsPerSecondAreBounded) {
  begin({.connections_per_second = 10});
  EXPECT_EQ(opened_of(30), 10U);
  EXPECT_EQ(dropped(DropReason::kRateLimit), 20U);
  peer.advance(500ms);
  EXPECT_EQ(opened_of(30), 5U);
}

TEST_P(LimitsTest, NewConnectionsOfASourcePerSecondAreBounded) {
  begin({.source_connections_per_second = 4});
  peer.move_to(source(1, 1));
  EXPECT_EQ(opened_of(10), 4U);
  peer.move_to(source(1, 2));
  EXPECT_EQ(opened_of(10), GetParam() == Family::kIpv4 ? 4U : 0U);  // /32, /64
  EXPECT_EQ(dropped(DropReason::kSourceRateLimit), GetParam() == Family::kIpv4 ? 12U : 16U);
  peer.advance(10s);
  peer.move_to(source(1, 1));
  EXPECT_EQ(opened_of(10), 4U);
}

TEST_P(LimitsTest, SynAloneUsesUpNothing) {
  begin({.connections_per_second = 10, .source_connections_per_second = 2});
  peer.move_to(source(1, 1));
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(syn());
  EXPECT_EQ(opened_of(10), 2U);
}

// --- what is counted is given back ---

TEST_P(LimitsTest, MadeUpSourcesTakeNoRoom) {
  begin({.source_connections = 2}, {.syn_cookies = SynCookieUse::kAlways});
  for (unsigned i = 0; i < 1000; ++i) {
    peer.move_to(source(i % 250, i / 250));
    EXPECT_TRUE(syn());
  }
  EXPECT_EQ(sources_in_use(), 0U);
  peer.move_to(source(251, 1));
  EXPECT_EQ(opened_of(5), 2U);
}

TEST_P(LimitsTest, BeyondTheTableSourcesAreLetInUncounted) {
  begin({.connections = 400, .source_connections = 1});
  std::vector<ConnectionId> ids;
  for (unsigned i = 0; i < 200; ++i) {
    peer.move_to(source(i, 1));
    ids.push_back(opens());
    ASSERT_TRUE(ids.back());
  }
  const auto counted = sources_in_use();
  EXPECT_GE(counted, 64U);
  EXPECT_LT(counted, 100U);
  EXPECT_EQ(peer.host().limits()[0].uncounted, 200U - counted);
  EXPECT_EQ(open(), 200U);
  for (const ConnectionId id : ids) peer.host().abort(id);
  EXPECT_EQ(sources_in_use(), 0U);
  EXPECT_EQ(open(), 0U);
}

TEST_P(LimitsTest, EveryEndIsCountedDown) {
  begin({.connections = 1, .source_connections = 1}, {.rto_initial = 1000ms, .data_retries = 2});
  const auto ended = [&](const char* how) {
    EXPECT_EQ(open(), 0U) << how;
    EXPECT_EQ(sources_in_use(), 0U) << how;
  };
  const auto begins = [&] {
    const ConnectionId id = opens_noted();
    EXPECT_TRUE(id);
    EXPECT_EQ(open(), 1U);
    EXPECT_FALSE(syn());
    return id;
  };
  ConnectionId id = begins();
  says(id, kRst);
  ended("reset by the peer");
  peer.host().close(id);

  id = begins();
  peer.host().abort(id);
  ended("aborted");

  id = begins();
  says(id, kFin | kAck);
  peer.host().shutdown(id);
  peer.collect();
  says(id, kAck, 1, 1);
  ended("the peer closed first: LAST-ACK, CLOSED");
  peer.host().close(id);

  id = begins();
  const std::uint16_t port = peer.host().info(id)->remote.port;
  const SeqNum iss = iss_of(id);
  peer.host().close(id);
  peer.collect();
  EXPECT_EQ(open(), 1U) << "FIN-WAIT-1 counts";
  peer.send(segment(kFin | kAck, port, iss + 2));
  EXPECT_EQ(peer.host().connections_in(tcp::State::kTimeWait), 1U);
  ended("TIME-WAIT");

  id = begins();
  peer.host().send(id, std::vector<std::uint8_t>(100, 'x'));
  peer.collect();
  peer.advance(60s);
  EXPECT_EQ(peer.host().info(id)->reason, tcp::CloseReason::kTimeout);
  ended("given up");
  peer.host().close(id);
}

TEST_P(LimitsTest, ConnectionThatDiesInTheAcceptQueueIsCountedDown) {
  begin({.connections = 1});
  const Answer answer = syn().value();
  final_ack(answer);
  EXPECT_EQ(open(), 1U);
  peer.send(segment(kRst, answer.segment.destination_port));
  EXPECT_EQ(open(), 0U);
  final_ack(syn().value());
  peer.host().stop_listening(listener);
  EXPECT_EQ(open(), 0U);
}

// --- changes ---

TEST_P(LimitsTest, WhatIsOpenStaysCountedThroughChanges) {
  begin({.connections = 10, .source_connections = 10});
  peer.move_to(source(1, 1));
  const ConnectionId first = opens();
  EXPECT_EQ(opened_of(2), 2U);
  const Limits tighter{.connections = 3, .source_connections = 3};
  peer.host().change_limits(std::span{&tighter, 1});
  EXPECT_FALSE(opens());
  EXPECT_EQ(dropped(DropReason::kSourceConnectionLimit), 1U);
  peer.host().change_limits({});
  EXPECT_TRUE(opens());
  EXPECT_EQ(open(), 3U) << "not counted: no limits then";
  peer.host().change_limits(std::span{&tighter, 1});
  EXPECT_FALSE(opens());
  peer.host().abort(first);
  EXPECT_TRUE(opens());
}

TEST_P(LimitsTest, StatusTellsWhatIsInForce) {
  const Limits limits{.connections = 10,
                      .connections_per_second = 9,
                      .source_connections = 8,
                      .source_connections_per_second = 7,
                      .source_prefix_v4 = 24,
                      .source_prefix_v6 = 56,
                      .resets = true,
                      .list = list_of(source(1, 0), 16, false)};
  begin(limits);
  const auto told = peer.host().limits();
  ASSERT_EQ(told.size(), 2U);
  Limits without_list = limits;
  without_list.list.reset();
  EXPECT_EQ(told[0].in_force, without_list);
  EXPECT_EQ(told[0].listed, 1U);
  EXPECT_EQ(told[1].in_force, Limits{}) << "the group that has none";
  peer.host().change_limits({});
  EXPECT_EQ(peer.host().limits()[0].in_force, Limits{});
  EXPECT_EQ(peer.host().limits()[0].listed, 0U);
}

TEST_P(LimitsTest, ListGoesWhenItIsReplaced) {
  std::weak_ptr<const PrefixList> old;
  {
    const Limits limits{.list = list_of(source(1, 0), 16, false)};
    old = limits.list;
    begin(limits);
  }
  EXPECT_FALSE(old.expired());
  peer.host().change_limits({});
  EXPECT_TRUE(old.expired());
}

// --- several workers ---

class SharedLimits : public LimitsTest {
 protected:
  SharedLimits() : LimitsTest(4) {}
};
INSTANTIATE_TEST_SUITE_P(Families, SharedLimits, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(SharedLimits, EachWorkerHasItsShareRoundedUp) {
  begin({.connections = 10});
  EXPECT_EQ(peer.host().limits()[0].in_force.connections, 10U) << "what is told is of the whole process";
  EXPECT_EQ(opened_of(10), 3U);
  const Limits one{.source_connections = 1};
  peer.host().change_limits(std::span{&one, 1});
  peer.move_to(source(1, 1));
  EXPECT_EQ(opened_of(10), 1U);
}

TEST_P(SharedLimits, EachWorkerHasItsShareOfTheRate) {
  begin({.connections_per_second = 40});
  EXPECT_EQ(opened_of(40), 10U);
}

}  // namespace
}  // namespace weir::testing
