// docs/overload.md, row by row: the pressure reaches its bound and is counted, the pool is at zero, what was promised
// goes on, and when the pressure is gone every pool is as full as before.
#include "under_attack.h"

namespace weir::testing {
namespace {

// Tables that a few dozen segments fill.
stack::HostConfig tiny_host() {
  stack::HostConfig config = small_host(22);
  config.connections = 48;
  config.cold_blocks = 16;
  config.half_open = 32;
  config.time_wait_v4 = config.time_wait_v6 = 16;
  config.spent_cookies = 15;
  config.steering.workers = 8192;  // one of so many workers has seven source ports
  return config;
}

class Overload : public UnderAttack {
 protected:
  static constexpr std::uint16_t kFirst = 10'000;
  static constexpr std::uint16_t kLate = 9'000;  // a client that comes when all is taken

  Overload() : UnderAttack(tiny_host()) {}

  // The attacker opens connections from ports of their own until the pool is used up, at most so many.
  void open_until_empty(std::string_view pool, std::uint16_t most = 200) {
    while (in_use(pool) < capacity(pool) && opened < most)
      attacker_opens(1460, static_cast<std::uint16_t>(kFirst + opened++));
    accept_all();
  }
  void let_go(std::size_t count) {
    for (; count > 0 && !taken.empty(); --count, taken.pop_back()) peer.host().abort(taken.back());
    peer.collect();
    peer.take();
  }
  bool opens_at_once(std::uint16_t from) {
    const std::uint64_t before = counted(Counter::kPassiveOpens);
    attacker_opens(1460, from);
    return counted(Counter::kPassiveOpens) == before + 1;
  }

  std::uint16_t opened = 0;
};
INSTANTIATE_TEST_SUITE_P(Families, Overload, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(Overload, Packets) {
  std::vector<rte_mbuf*> held(peer.packets().available());
  ASSERT_TRUE(peer.packets().allocate(held));
  ASSERT_EQ(peer.packets().available(), 0U);
  EXPECT_EQ(peer.host().send(victim, std::vector<std::uint8_t>(50, 'y')), 0U);
  peer.collect();
  EXPECT_TRUE(peer.take().empty());
  EXPECT_GT(counted(Counter::kNoPackets), 0U);
  EXPECT_EQ(state(victim), tcp::State::kEstablished);
  PacketPool::free(held);
  expect_victim_unharmed();
  expect_everything_given_back();
}

// Packets held by what nobody acknowledges must not be all there are: then no ACK could come in.
TEST_P(Overload, TextToBeSentLeavesPacketsToReceiveWith) {
  const std::uint32_t reserve = peer.packets().capacity() / 16;
  std::vector<rte_mbuf*> held(peer.packets().available() - reserve + 1);
  ASSERT_TRUE(peer.packets().allocate(held));
  EXPECT_EQ(peer.host().send(victim, std::vector<std::uint8_t>(50, 'y')), 0U);
  EXPECT_EQ(counted(Counter::kNoPackets), 1U);
  says(kAck | kPsh, RawPeer::kHostPort, 100);
  EXPECT_EQ(peer.host().readable(victim), 100U) << "what comes is received";
  peer.advance(500ms);
  EXPECT_FALSE(peer.take().empty()) << "and acknowledged";
  PacketPool::free(held);
  peer.advance(2s);
  bool is_writable = false;
  while (const auto event = peer.host().next_event()) is_writable |= (event->what & tcp::kWritable) != 0;
  EXPECT_TRUE(is_writable);
  expect_victim_unharmed();
  expect_everything_given_back();
}

// Of a listener that its application neglects, beside that of the victim.
TEST_P(Overload, AcceptQueue) {
  constexpr std::uint16_t kNeglected = 81, kClients = 6;
  constexpr std::uint32_t kBacklog = 4;
  stack::ListenerId neglected = stack::kNoListener;
  ASSERT_EQ(peer.host().listen({.address = peer.host_address(), .port = kNeglected, .backlog = kBacklog}, neglected),
            CallError::kNone);
  const auto says = [&](std::uint8_t flags, SeqNum at, SeqNum acks, std::uint16_t from) {
    Segment said = hostile(flags, at, acks, from);
    said.destination_port = kNeglected;
    peer.send(said);
    return peer.take();
  };
  std::vector<SeqNum> nexts;
  for (std::uint16_t i = 0; i < kClients; ++i)
    nexts.push_back(says(kSyn, SeqNum{0}, {}, static_cast<std::uint16_t>(kFirst + i)).at(0).segment.seq + 1);
  for (std::uint16_t i = 0; i < kClients; ++i) says(kAck, SeqNum{1}, nexts[i], static_cast<std::uint16_t>(kFirst + i));
  EXPECT_EQ(dropped(DropReason::kAcceptQueueFull), kClients - kBacklog);
  EXPECT_EQ(in_use("half_open"), kClients - kBacklog) << "their records stay";
  EXPECT_TRUE(says(kSyn, SeqNum{0}, {}, kLate).empty());
  EXPECT_EQ(dropped(DropReason::kAcceptQueueFull), kClients - kBacklog + 1U);
  expect_victim_unharmed();

  accept_all();
  peer.take();
  peer.advance(1s);
  EXPECT_EQ(peer.take().size(), kClients - kBacklog) << "SYN-ACKs, once more";
  for (std::uint16_t i = kBacklog; i < kClients; ++i)
    says(kAck, SeqNum{1}, nexts[i], static_cast<std::uint16_t>(kFirst + i));
  EXPECT_EQ(in_use("half_open"), 0U);
  EXPECT_EQ(says(kSyn, SeqNum{0}, {}, kLate).size(), 1U) << "who comes next is answered again";
  expect_everything_given_back();
}

// Half of them may be a flood's; then cookies take their place, and clients go on coming in.
TEST_P(Overload, HalfOpenRecords) {
  for (std::uint16_t i = 0; i < 100; ++i) {
    peer.send(hostile(kSyn, SeqNum{i}, {}, static_cast<std::uint16_t>(kFirst + i)));
    peer.take();
  }
  EXPECT_EQ(in_use("half_open"), capacity("half_open") / 2);
  EXPECT_EQ(counted(Counter::kSynCookiesSent), 100 - capacity("half_open") / 2);
  EXPECT_EQ(dropped(DropReason::kHalfOpenFull), 0U);
  EXPECT_TRUE(opens_at_once(kLate));
  expect_victim_unharmed();
  peer.advance(64s);
  peer.take();
  EXPECT_EQ(in_use("half_open"), 0U) << "63 s at most";
  expect_everything_given_back();
}

TEST_P(Overload, Connections) {
  open_until_empty("connections");
  ASSERT_EQ(in_use("connections"), capacity("connections"));
  EXPECT_FALSE(opens_at_once(kLate));
  EXPECT_EQ(dropped(DropReason::kNoConnections), 1U);
  EXPECT_EQ(in_use("half_open"), 1U) << "its record stays";
  expect_victim_unharmed();
  let_go(1);
  peer.advance(2s);
  const auto repeated = peer.take();
  ASSERT_FALSE(repeated.empty());
  EXPECT_EQ(repeated.back().segment.flags, kSyn | kAck);
  peer.send(hostile(kAck, SeqNum{1}, repeated.back().segment.seq + 1, kLate));
  EXPECT_EQ(in_use("half_open"), 0U);
  EXPECT_EQ(in_use("connections"), capacity("connections"));
  expect_victim_unharmed();
  expect_everything_given_back();
}

TEST_P(Overload, ColdBlocks) {
  open_until_empty("connections", 20);
  for (std::uint16_t i = 0; i < opened; ++i) gives(taken[i], 100);
  ASSERT_EQ(in_use("cold_blocks"), capacity("cold_blocks"));
  EXPECT_GT(counted(Counter::kNoColdBlocks) + dropped(DropReason::kNoColdBlocks), 0U);
  peer.take();
  EXPECT_EQ(peer.host().send(victim, std::vector<std::uint8_t>(50, 'y')), 0U);
  says(kAck, RawPeer::kHostPort);
  EXPECT_EQ(state(victim), tcp::State::kEstablished);
  EXPECT_EQ(peer.host().close(taken[opened - 1U]), stack::CallError::kNone) << "closing needs no block";
  taken.pop_back();
  peer.collect();
  EXPECT_EQ(peer.take().back().segment.flags & kFin, kFin);
  peer.send(hostile(kRst, SeqNum{1}, {}, static_cast<std::uint16_t>(kFirst + opened - 1)));
  let_go(taken.size());
  EXPECT_EQ(in_use("cold_blocks"), 0U);
  expect_victim_unharmed();
  expect_everything_given_back();
}

TEST_P(Overload, TimeWaitRecords) {
  const std::string_view pool = v4() ? "time_wait_v4" : "time_wait_v6";
  for (std::uint16_t port = kFirst; port < kFirst + 20; ++port) {
    const SeqNum next = attacker_opens(1460, port);
    accept_all();
    peer.host().close(taken.back());
    taken.pop_back();
    peer.collect();
    peer.send(hostile(kFin | kAck, SeqNum{1}, next + 1, port));
    peer.take();
  }
  EXPECT_EQ(in_use(pool), capacity(pool));
  EXPECT_EQ(counted(Counter::kTimeWaitsForgotten), 4U);
  peer.send(hostile(kFin | kAck, SeqNum{1}, SeqNum{}, kFirst + 19));
  EXPECT_EQ(peer.take().at(0).segment.flags, kAck) << "the newest are there";
  peer.send(hostile(kFin | kAck, SeqNum{1}, SeqNum{}, kFirst));
  EXPECT_TRUE(peer.take().at(0).segment.has(kRst)) << "the oldest are not";
  expect_victim_unharmed();
  expect_everything_given_back();
}

TEST_P(Overload, SourcePorts) {
  std::vector<ConnectionId> ours;
  ConnectionId id;
  const stack::ConnectOptions somewhere{.remote = {peer.peer_address(), 8080}};
  while (peer.host().connect(somewhere, id) == stack::CallError::kNone) ours.push_back(id);
  EXPECT_EQ(ours.size(), 7U);
  EXPECT_EQ(peer.host().connect(somewhere, id), stack::CallError::kNoPorts);
  EXPECT_EQ(counted(Counter::kNoPorts), 2U);
  ConnectionId elsewhere;
  EXPECT_EQ(peer.host().connect({.remote = {peer.peer_address(), 8081}}, elsewhere), stack::CallError::kNone)
      << "ports are per destination";
  expect_victim_unharmed();
  peer.host().abort(ours.back());
  EXPECT_EQ(peer.host().connect(somewhere, ours.back()), stack::CallError::kNone);
  for (const ConnectionId each : ours) peer.host().abort(each);
  peer.host().abort(elsewhere);
  expect_everything_given_back();
}

TEST_P(Overload, SpentCookies) {
  const tcp::Settings settings{.syn_cookies = tcp::SynCookieUse::kAlways};
  stack::ListenerId other = stack::kNoListener;
  ASSERT_EQ(peer.host().listen({.address = peer.host_address(), .port = 81, .settings = settings}, other),
            stack::CallError::kNone);
  const auto opens = [&](std::uint16_t from) {
    Segment syn = hostile(kSyn, SeqNum{0}, {}, from);
    syn.destination_port = 81;
    peer.send(syn);
    Segment last = hostile(kAck, SeqNum{1}, peer.take().at(0).segment.seq + 1, from);
    last.destination_port = 81;
    peer.send(last);
    peer.take();
    accept_all();
    let_go(1);
  };
  for (std::uint16_t i = 0; i < 20; ++i) opens(static_cast<std::uint16_t>(kFirst + i));
  EXPECT_EQ(counted(Counter::kSynCookiesAccepted), 20U) << "none is refused";
  EXPECT_EQ(counted(Counter::kSpentCookiesForgotten), 5U);
  expect_victim_unharmed();
  expect_everything_given_back();
}

// Of another host, which has no cookies.
class OverloadWithoutCookies : public Overload {
 protected:
  void SetUp() override { open_victim({.syn_cookies = tcp::SynCookieUse::kOff}); }
};
INSTANTIATE_TEST_SUITE_P(Families, OverloadWithoutCookies, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(OverloadWithoutCookies, HalfOpenRecords) {
  for (std::uint16_t i = 0; i < 40; ++i) {
    peer.send(hostile(kSyn, SeqNum{i}, {}, static_cast<std::uint16_t>(kFirst + i)));
    peer.take();
  }
  ASSERT_EQ(in_use("half_open"), capacity("half_open"));
  EXPECT_EQ(dropped(DropReason::kHalfOpenFull), 8U);
  expect_victim_unharmed();
  peer.advance(64s);
  peer.take();
  EXPECT_EQ(in_use("half_open"), 0U) << "63 s at most";
  EXPECT_EQ(counted(Counter::kHalfOpenTimeouts), 32U);
  EXPECT_TRUE(opens_at_once(kLate));
  expect_everything_given_back();
}

}  // namespace
}  // namespace weir::testing
