// Cookies that another core, or another machine, has sent.
#include <gtest/gtest.h>

#include "support/raw_peer.h"
#include "support/simulation.h"

namespace weir::testing {
namespace {

using stack::DropReason;
using tcp::SynCookieUse;

stack::HostConfig node(const tcp::CookieSecrets& secrets, bool shared, Duration clock_ahead = {}) {
  stack::HostConfig config = small_host(5);
  config.cookie_secrets = secrets;
  config.cookies_shared = shared;
  config.cookie_clock_ahead = clock_ahead;
  return config;
}

// One of several hosts that serve the same address, and the client before it.
struct Node {
  Node(const stack::HostConfig& config, Family family, SynCookieUse use) : peer(config, family) {
    const stack::ListenOptions options{
        .address = peer.host_address(), .port = RawPeer::kHostPort, .settings = tcp::Settings{.syn_cookies = use}};
    EXPECT_EQ(peer.host().listen(options, listener), stack::CallError::kNone);
  }
  // The final ACK for the SYN-ACK of this node.
  Segment begin_handshake() {
    peer.send(syn);
    Segment last = syn;
    last.flags = kAck;
    last.options = {};
    last.seq = syn.seq + 1;
    last.ack = peer.take().at(0).segment.seq + 1;
    return last;
  }
  stack::ConnectionId opened_by(const Segment& last) {
    peer.send(last);
    return peer.host().accept(listener).value_or(stack::ConnectionId{});
  }

  RawPeer peer;
  stack::ListenerId listener = stack::kNoListener;
  Segment syn{.source_port = 4000,
              .destination_port = RawPeer::kHostPort,
              .seq = SeqNum{1000},
              .flags = kSyn,
              .window = UnscaledWindow{20000},
              .options = {.mss = 1460}};
};

class CookieNodes : public ::testing::TestWithParam<Family> {};
INSTANTIATE_TEST_SUITE_P(Families, CookieNodes, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(CookieNodes, OneCompletesTheHandshakeThatAnotherBegan) {
  const tcp::CookieSecrets secrets{.making = {1, 2}};
  Node a{node(secrets, true), GetParam(), SynCookieUse::kAlways};
  Node b{node(secrets, true), GetParam(), SynCookieUse::kAuto};
  const Segment last = a.begin_handshake();
  const auto id = b.opened_by(last);
  ASSERT_TRUE(id);
  EXPECT_EQ(b.peer.host().info(id)->state, tcp::State::kEstablished);
}

TEST_P(CookieNodes, ThatKeepTheirSecretsRefuseEachOthers) {
  Node a{node({.making = {1, 2}}, false), GetParam(), SynCookieUse::kAlways};
  Node b{node({.making = {3, 4}}, false), GetParam(), SynCookieUse::kAlways};
  b.begin_handshake();
  EXPECT_FALSE(b.opened_by(a.begin_handshake()));
  EXPECT_EQ(b.peer.host().drops()[DropReason::kSynCookieWrong], 1U);
}

// While secrets are changed node by node, those that have not changed yet, and those that have, take both.
TEST_P(CookieNodes, ChangeTheirSecretsOneAfterAnother) {
  const SipKey old_secret{1, 2}, new_secret{3, 4};
  Node before{node({.making = old_secret, .accepted = new_secret}, true), GetParam(), SynCookieUse::kAlways};
  Node after{node({.making = new_secret, .accepted = old_secret}, true), GetParam(), SynCookieUse::kAlways};
  EXPECT_TRUE(after.opened_by(before.begin_handshake()));
  after.syn.source_port = 4001;
  EXPECT_TRUE(before.opened_by(after.begin_handshake()));
}

TEST_P(CookieNodes, ChangeTheirSecretsWhileTheyRun) {
  const SipKey old_secret{1, 2}, new_secret{3, 4};
  Node a{node({.making = old_secret}, true), GetParam(), SynCookieUse::kAlways};
  const Segment of_old = a.begin_handshake();
  a.peer.host().change_cookie_secrets({.making = new_secret, .accepted = old_secret});
  ASSERT_TRUE(a.opened_by(of_old));
  a.syn.source_port = 4001;
  const Segment of_new = a.begin_handshake();
  a.peer.host().change_cookie_secrets({.making = old_secret});
  EXPECT_FALSE(a.opened_by(of_new));
}

TEST_P(CookieNodes, WithoutDefenceAcceptNothing) {
  const tcp::CookieSecrets secrets{.making = {1, 2}};
  Node a{node(secrets, true), GetParam(), SynCookieUse::kAlways};
  Node b{node(secrets, true), GetParam(), SynCookieUse::kOff};
  EXPECT_FALSE(b.opened_by(a.begin_handshake()));
  EXPECT_EQ(b.peer.take().at(0).segment.flags, kRst);
}

// The device's hash may bring SYN and ACK to different cores.
class CookieWorkers : public CookieNodes {
 protected:
  void SetUp() override {
    stack::Host* hosts[] = {&a.peer.host(), &b.peer.host()};
    a.peer.host().set_peers(hosts, 0);
    b.peer.host().set_peers(hosts, 1);
  }
  Node a{node({.making = {1, 2}}, false), GetParam(), SynCookieUse::kAlways};
  Node b{node({.making = {1, 2}}, false), GetParam(), SynCookieUse::kAuto};
};
INSTANTIATE_TEST_SUITE_P(Families, CookieWorkers, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(CookieWorkers, OneCompletesTheHandshakeThatAnotherBegan) {
  EXPECT_TRUE(b.opened_by(a.begin_handshake()));
}

TEST_P(CookieWorkers, OneKnowsWhatAnotherHasSpent) {
  const Segment last = a.begin_handshake();
  ASSERT_TRUE(b.opened_by(last));
  Segment reset = last;
  reset.flags = kRst;
  b.peer.send(reset);
  EXPECT_FALSE(a.opened_by(last));
  EXPECT_EQ(a.peer.host().drops()[DropReason::kSynCookieSpent], 1U);
}

TEST_P(CookieWorkers, NoneExpectsWhatNobodySent) {
  Segment guess = b.syn;
  guess.flags = kAck;
  EXPECT_FALSE(b.opened_by(guess));
  EXPECT_EQ(b.peer.host().drops()[DropReason::kSynCookieWrong], 0U);
}

}  // namespace
}  // namespace weir::testing
