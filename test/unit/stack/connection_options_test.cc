// Options of one connection while it lives, and the application's timers.
#include "rfc_behaviour.h"

namespace weir::testing {
namespace {

using stack::ConnectionOptions;

class Options : public RfcBehaviour {
 protected:
  stack::Host& host() { return peer.host(); }
  // Two connections, so that one can be changed and the other looked at.
  std::pair<stack::ConnectionId, stack::ConnectionId> two() {
    const auto first = connecting(0, kPeerPort, kOwnPort);
    answer_syn(peer.take().back());
    const auto second = connecting(0, kPeerPort, kOwnPort + 1);
    answer_syn(peer.take().back());
    peer.take();
    return {first, second};
  }
  std::vector<Answer> what_send_sends(stack::ConnectionId id) {
    sends(id, 10);
    return peer.take();
  }
};

INSTANTIATE_TEST_SUITE_P(Families, Options, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(Options, DscpAndTtlChangeWhileTheConnectionLivesAndOnItAlone) {
  const auto [changed, other] = two();
  ASSERT_EQ(host().set_options(changed, {.dscp = std::uint8_t{46}, .ttl = std::uint8_t{7}}), CallError::kNone);
  const auto answer = what_send_sends(changed).at(0);
  EXPECT_EQ(answer.ip.dscp, 46);
  EXPECT_EQ(answer.ip.ttl, 7);
  const auto untouched = what_send_sends(other).at(0);
  EXPECT_EQ(untouched.ip.dscp, 0);
  EXPECT_EQ(untouched.ip.ttl, 64);
}

TEST_P(Options, AreReadBack) {
  const auto id = reach(Reach::kEstablished);
  EXPECT_EQ(host().options(id)->keep_alive_idle, 7200000ms);
  EXPECT_EQ(host().options(id)->no_delay, false);
  ASSERT_EQ(host().set_options(id, {.no_delay = true, .keep_alive_idle = 5s, .data_retries = std::uint8_t{3}}),
            CallError::kNone);
  EXPECT_EQ(host().options(id)->no_delay, true);
  EXPECT_EQ(host().options(id)->keep_alive_idle, 5s);
  EXPECT_EQ(host().options(id)->data_retries, 3);
  EXPECT_EQ(host().options(id)->keep_alive_interval, 75s);  // not named, not changed
}

TEST_P(Options, OutOfRangeChangeNothing) {
  const auto id = reach(Reach::kEstablished);
  for (const ConnectionOptions& bad :
       {ConnectionOptions{.no_delay = true, .dscp = std::uint8_t{64}}, ConnectionOptions{.ttl = std::uint8_t{0}},
        ConnectionOptions{.keep_alive_idle = 0ms}, ConnectionOptions{.keep_alive_interval = -1ms},
        ConnectionOptions{.keep_alive_probes = std::uint8_t{0}}, ConnectionOptions{.user_timeout = -1ms},
        ConnectionOptions{.data_retries = std::uint8_t{0}}, ConnectionOptions{.data_retries = std::uint8_t{31}},
        ConnectionOptions{.delayed_ack = 500ms}})
    EXPECT_EQ(host().set_options(id, bad), CallError::kBadOption);
  EXPECT_EQ(host().options(id)->no_delay, false);
}

TEST_P(Options, KeepAliveBeginsByTheTimesGiven) {
  const auto id = reach(Reach::kEstablished);
  ASSERT_EQ(host().set_options(id, {.keep_alive = true,
                                    .keep_alive_idle = 10s,
                                    .keep_alive_interval = 1s,
                                    .keep_alive_probes = std::uint8_t{2}}),
            CallError::kNone);
  peer.advance(9900ms);
  EXPECT_TRUE(peer.take().empty());
  peer.advance(200ms);
  EXPECT_EQ(peer.take().size(), 1U);
  peer.advance(3s);
  EXPECT_EQ(reason(id), tcp::CloseReason::kKeepAlive);
}

TEST_P(Options, UserTimeoutCountsFromWhatIsInFlightAlready) {
  const auto id = reach(Reach::kEstablished);
  sends(id, 10);
  peer.advance(1s);
  ASSERT_EQ(host().set_options(id, {.user_timeout = 3s}), CallError::kNone);
  peer.advance(2900ms);
  EXPECT_EQ(state(id), tcp::State::kEstablished);
  peer.advance(200ms);
  EXPECT_EQ(reason(id), tcp::CloseReason::kTimeout);
}

TEST_P(Options, UserTimeoutTakenBackEndsNothing) {
  const auto id = reach(Reach::kEstablished);
  ASSERT_EQ(host().set_options(id, {.user_timeout = 3s}), CallError::kNone);
  sends(id, 10);
  ASSERT_EQ(host().set_options(id, {.user_timeout = 0s}), CallError::kNone);
  peer.advance(10s);
  EXPECT_EQ(state(id), tcp::State::kEstablished);
}

TEST_P(Options, DataRetriesEndAConnectionSooner) {
  const auto id = reach(Reach::kEstablished);
  ASSERT_EQ(host().set_options(id, {.data_retries = std::uint8_t{2}}), CallError::kNone);
  sends(id, 10);
  peer.advance(10s);
  EXPECT_EQ(reason(id), tcp::CloseReason::kTimeout);
}

TEST_P(Options, SetsAreSharedAndBounded) {
  const auto [first, second] = two();
  const unsigned sets = small_host(21).option_sets;
  for (unsigned i = 1; i < 3 * sets; ++i) {  // one connection never holds more than one
    ASSERT_EQ(host().set_options(first, {.user_timeout = std::chrono::milliseconds{i}}), CallError::kNone) << i;
    ASSERT_EQ(host().set_options(second, {.user_timeout = std::chrono::milliseconds{i}}), CallError::kNone) << i;
  }
}

TEST(OptionSets, BeyondTheirNumberAreRefusedAndLeftAsTheyWere) {
  stack::HostConfig config = small_host(3);
  config.option_sets = 1;
  RawPeer peer{config, Family::kIpv4};
  stack::ConnectionId ids[2];
  for (std::uint16_t i = 0; i < 2; ++i)
    ASSERT_EQ(peer.host().connect({.remote = {peer.peer_address(), 4000}, .local_port = 5000 + i}, ids[i]),
              CallError::kNone);
  EXPECT_EQ(peer.host().set_options(ids[0], {.dscp = std::uint8_t{1}}), CallError::kNone);
  EXPECT_EQ(peer.host().set_options(ids[1], {.no_delay = true, .dscp = std::uint8_t{2}}), CallError::kNoResources);
  EXPECT_EQ(peer.host().options(ids[1])->no_delay, false);
  EXPECT_EQ(peer.host().set_options(ids[1], {.dscp = std::uint8_t{1}}), CallError::kNone);  // shared
  for (const auto id : ids) peer.host().abort(id);
  peer.collect();
}

TEST_P(Options, AProfileThatWasNeverAddedIsRefused) {
  stack::ConnectionId id;
  EXPECT_EQ(host().connect({.remote = {peer.peer_address(), kPeerPort}, .profile = 77}, id), CallError::kBadOption);
  EXPECT_EQ(host().connect({.remote = {peer.peer_address(), kPeerPort}, .profile = listen()}, id),
            CallError::kBadOption);
}

// --- the snapshot ---

TEST_P(Options, InfoTellsWhatWasAgreedOn) {
  TcpOptions offered;
  offered.mss = 1000;
  offered.window_scale = WindowScale{3};
  offered.sack_permitted = true;
  const auto full = host().info(accepted({}, offered)).value();
  EXPECT_TRUE(full.sack && full.window_scale && !full.timestamps);
  EXPECT_EQ(full.snd_scale, 3);
  EXPECT_GT(full.rcv_scale, 0);
}

TEST_P(Options, InfoTellsWhatWasAgreedOnWithABarePeer) {
  const auto bare = host().info(accepted()).value();
  EXPECT_FALSE(bare.sack || bare.window_scale || bare.timestamps);
  EXPECT_EQ(bare.mss, v4() ? 536 : 1220);
}

TEST_P(Options, InfoCountsWhatIsUnderWay) {
  const auto id = reach(Reach::kEstablished);
  sends(id, 3000);
  seq += 50;
  says(kAck, kOwnPort, 30);  // beyond a hole
  peer.advance(600ms);
  const auto info = host().info(id).value();
  EXPECT_EQ(info.unacknowledged, 3000U);
  EXPECT_EQ(info.out_of_order, 30U);
  EXPECT_GE(info.retries, 1);
  EXPECT_EQ(info.backoff, info.retries);
  EXPECT_GT(info.lost, 0U);
  EXPECT_NEAR(info.since_received_ms, 600, 2);
}

// --- timers ---

class Timers : public Options {};

INSTANTIATE_TEST_SUITE_P(Families, Timers, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(Timers, OfAConnectionFiresOnceAndNeverEarly) {
  const auto id = reach(Reach::kEstablished);
  while (host().next_event()) continue;
  ASSERT_EQ(host().set_timer(id, 2500us), CallError::kNone);
  EXPECT_LE(*host().next_deadline(), peer.now() + 3ms);
  peer.advance(2ms);
  EXPECT_FALSE(host().next_event());
  peer.advance(1ms);
  const auto event = host().next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->connection, id);
  EXPECT_EQ(event->what, tcp::kTimer);
  peer.advance(10s);
  EXPECT_FALSE(host().next_event());
}

TEST_P(Timers, OfTheApplicationNamesNothing) {
  host().set_timer(1s);
  host().set_timer(2s);  // moved
  peer.advance(1500ms);
  EXPECT_FALSE(host().next_event());
  peer.advance(600ms);
  const auto event = host().next_event();
  ASSERT_TRUE(event);
  EXPECT_FALSE(event->connection);
  EXPECT_EQ(event->listener, stack::kNoListener);
  EXPECT_EQ(event->what, tcp::kTimer);
}

TEST_P(Timers, CancelledDoNotFireEvenWhenTheyHave) {
  const auto id = reach(Reach::kEstablished);
  while (host().next_event()) continue;
  host().set_timer(1s);
  ASSERT_EQ(host().set_timer(id, 1s), CallError::kNone);
  peer.advance(2s);
  host().cancel_timer();
  host().cancel_timer(id);
  EXPECT_FALSE(host().next_event());
}

TEST_P(Timers, OfAReleasedConnectionAreGone) {
  const auto first = reach(Reach::kEstablished);
  ASSERT_EQ(host().set_timer(first, 1s), CallError::kNone);
  host().abort(first);
  peer.collect();
  peer.take();
  const auto second = reach(Reach::kEstablished);
  ASSERT_EQ(second.index, first.index);
  while (host().next_event()) continue;
  peer.advance(2s);
  EXPECT_FALSE(host().next_event());
}

TEST_P(Timers, OfAConnectionRunOnAfterItsEndUntilItIsLetGo) {
  const auto id = reach(Reach::kEstablished);
  ASSERT_EQ(host().set_timer(id, 1s), CallError::kNone);
  says(kRst, kOwnPort);
  while (host().next_event()) continue;
  peer.advance(2s);
  EXPECT_EQ(host().next_event().value_or(stack::Event{}).what, tcp::kTimer);
}

TEST(ConnectionTimers, AreRefusedWhereTheHostHasNone) {
  stack::HostConfig config = small_host(3);
  config.connection_timers = false;
  RawPeer peer{config, Family::kIpv4};
  stack::ConnectionId id;
  ASSERT_EQ(peer.host().connect({.remote = {peer.peer_address(), 4000}}, id), CallError::kNone);
  EXPECT_EQ(peer.host().set_timer(id, 1s), CallError::kBadState);
  peer.host().set_timer(1s);
  peer.advance(1500ms);
  EXPECT_EQ(peer.host().next_event().value_or(stack::Event{}).what, tcp::kTimer);
  peer.host().abort(id);
  peer.collect();
}

// --- errors as std::error_code ---

TEST(CallErrorCode, ComparesWithWhatPosixCallsIt) {
  const std::error_code code = CallError::kClosing;
  EXPECT_EQ(code, std::errc::broken_pipe);
  EXPECT_EQ(code.message(), "connection closing");
  EXPECT_STREQ(code.category().name(), "weir.call");
  EXPECT_FALSE(std::error_code{CallError::kNone});
  EXPECT_EQ(std::error_code{CallError::kAddressInUse}, std::errc::address_in_use);
  EXPECT_NE(std::error_code{CallError::kStaleId}, std::error_code{CallError::kEnded});
}

}  // namespace
}  // namespace weir::testing
