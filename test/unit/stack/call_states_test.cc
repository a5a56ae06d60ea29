// Each call of an application in each state, as RFC 9293 §3.10.1 to §3.10.6 answers it. LISTEN is not among them: a
// listener and a connection are named by different types, so that a SEND to a listener does not compile.
#include "rfc_behaviour.h"

namespace weir::testing {
namespace {

// How a call answers, and the flags of what it sends at once: 0 for nothing.
struct Row {
  Reach reach;
  const char* status;  // §3.10.6
  CallError open;      // §3.10.1: the same four numbers once more
  std::uint32_t send;  // §3.10.2: bytes of 100 that are taken
  CallError may_send;
  CallError may_receive;  // §3.10.3, with nothing unread
  CallError close;        // §3.10.4, as shutdown()
  std::uint8_t close_sends;
  const char* after_close;
  std::uint8_t abort_sends;  // §3.10.5
};

constexpr auto kNone = CallError::kNone;
constexpr auto kClosing = CallError::kClosing;
constexpr auto kEnded = CallError::kEnded;
constexpr auto kInUse = CallError::kAddressInUse;
constexpr std::uint8_t kFinAck = kFin | kAck, kRstAck = kRst | kAck;

constexpr Row kRows[] = {
    {Reach::kClosed, "CLOSED", kNone, 0, kEnded, kEnded, kEnded, 0, "CLOSED", 0},
    {Reach::kSynSent, "SYN-SENT", kInUse, 100, kNone, kNone, kNone, 0, "CLOSED", 0},
    {Reach::kSynReceived, "SYN-RECEIVED", kInUse, 100, kNone, kNone, kNone, 0, "SYN-RECEIVED", kRstAck},
    {Reach::kEstablished, "ESTABLISHED", kInUse, 100, kNone, kNone, kNone, kFinAck, "FIN-WAIT-1", kRstAck},
    {Reach::kFinWait1, "FIN-WAIT-1", kInUse, 0, kClosing, kNone, kClosing, 0, "FIN-WAIT-1", kRstAck},
    {Reach::kFinWait2, "FIN-WAIT-2", kInUse, 0, kClosing, kNone, kClosing, 0, "FIN-WAIT-2", kRstAck},
    {Reach::kCloseWait, "CLOSE-WAIT", kInUse, 100, kNone, kClosing, kNone, kFinAck, "LAST-ACK", kRstAck},
    {Reach::kClosing, "CLOSING", kInUse, 0, kClosing, kClosing, kClosing, 0, "CLOSING", 0},
    {Reach::kLastAck, "LAST-ACK", kInUse, 0, kClosing, kClosing, kClosing, 0, "LAST-ACK", 0},
    {Reach::kTimeWait, "TIME-WAIT", kInUse, 0, kClosing, kClosing, kClosing, 0, "TIME-WAIT", 0},
};

class CallStates : public ::testing::TestWithParam<std::tuple<Row, Family>>, protected HandPlayed {
 protected:
  CallStates() : HandPlayed(std::get<Family>(GetParam())), row(std::get<Row>(GetParam())), id(reach(row.reach)) {}

  stack::Host& host() { return peer.host(); }
  // Flags of what the call sent.
  std::uint8_t sent() {
    peer.collect();
    const auto answers = peer.take();
    EXPECT_LE(answers.size(), 1U);
    return answers.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(answers[0].segment.flags & ~kPsh);
  }
  const char* status() { return to_string(state(id)); }

  Row row;
  stack::ConnectionId id;
};

INSTANTIATE_TEST_SUITE_P(All, CallStates,
                         ::testing::Combine(::testing::ValuesIn(kRows),
                                            ::testing::Values(Family::kIpv4, Family::kIpv6)),
                         [](const auto& test) {
                           std::string name = std::get<Row>(test.param).status;
                           std::erase(name, '-');
                           return name + (std::get<Family>(test.param) == Family::kIpv4 ? "Ipv4" : "Ipv6");
                         });

TEST_P(CallStates, StatusTellsTheState) {
  EXPECT_STREQ(status(), row.status);
}

TEST_P(CallStates, OpenOfTheSameFourNumbers) {
  stack::ConnectionId other;
  EXPECT_EQ(host().connect({.remote = {peer.peer_address(), kPeerPort}, .local_port = kOwnPort}, other), row.open);
  EXPECT_STREQ(status(), row.status);
}

TEST_P(CallStates, Send) {
  EXPECT_EQ(host().check_send(id), row.may_send);
  EXPECT_EQ(host().send(id, std::vector<std::uint8_t>(100)), row.send);
  EXPECT_STREQ(status(), row.status);
}

TEST_P(CallStates, SendOfTheLastBytes) {
  EXPECT_EQ(host().send_last(id, std::vector<std::uint8_t>(100)), row.send);
  EXPECT_EQ(sent(), row.close_sends);
  EXPECT_STREQ(status(), row.reach == Reach::kSynSent ? "SYN-SENT" : row.after_close);
  EXPECT_NE(host().check_send(id), kNone);
}

TEST_P(CallStates, SendOfAPacketGivesItBackWhereItIsNotTaken) {
  std::vector<std::uint8_t> bytes(100);
  const Packet back = host().send(id, peer.packets().copy(bytes));
  EXPECT_EQ(!back, row.send == 100);
}

TEST_P(CallStates, ReceiveWithNothingUnread) {
  EXPECT_EQ(host().check_receive(id), row.may_receive);
  EXPECT_FALSE(host().receive(id));
  EXPECT_STREQ(status(), row.status);
}

TEST_P(CallStates, CloseOfOurDirection) {
  EXPECT_EQ(host().shutdown(id), row.close);
  EXPECT_EQ(sent(), row.close_sends);
  EXPECT_STREQ(status(), row.after_close);
  EXPECT_EQ(host().check_send(id), row.after_close == std::string{"CLOSED"} ? kEnded : kClosing);
}

TEST_P(CallStates, CloseOfTheOtherDirectionSendsNothing) {
  EXPECT_EQ(host().shutdown(id, stack::Direction::kReceive), row.reach == Reach::kClosed ? kEnded : kNone);
  EXPECT_EQ(sent(), 0);
  EXPECT_STREQ(status(), row.status);
  EXPECT_EQ(host().check_receive(id), row.reach == Reach::kClosed ? kEnded : kClosing);
}

TEST_P(CallStates, LettingGoEndsTheIdAndClosesOnce) {
  EXPECT_EQ(host().close(id), kNone);
  EXPECT_EQ(sent(), row.close_sends);
  EXPECT_EQ(host().close(id), CallError::kStaleId);
  EXPECT_EQ(sent(), 0);
}

TEST_P(CallStates, AbortResetsWhereThePeerMustKnow) {
  EXPECT_EQ(host().abort(id), kNone);
  EXPECT_EQ(sent(), row.abort_sends);
  EXPECT_EQ(host().abort(id), CallError::kStaleId);
}

TEST_P(CallStates, EveryCallOnAReleasedIdSaysSo) {
  host().abort(id);
  peer.collect();
  peer.take();
  EXPECT_EQ(host().send(id, std::vector<std::uint8_t>(100)), 0U);
  EXPECT_EQ(host().send_last(id, std::vector<std::uint8_t>(100)), 0U);
  EXPECT_FALSE(host().receive(id) || host().info(id) || host().options(id) || host().at_end(id));
  EXPECT_EQ(host().send_room(id) + host().readable(id), 0U);
  for (const CallError error : {host().check_send(id), host().check_receive(id), host().shutdown(id),
                                host().shutdown(id, stack::Direction::kReceive), host().set_timer(id, 1s),
                                host().set_options(id, {.dscp = std::uint8_t{1}})})
    EXPECT_EQ(error, CallError::kStaleId);
  EXPECT_EQ(sent(), 0);
}

// Bytes that came before the end are read after it (MUST-12 needs both).
class UnreadBytes : public RfcBehaviour {};

INSTANTIATE_TEST_SUITE_P(Families, UnreadBytes, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "Ipv4" : "Ipv6"; });

TEST_P(UnreadBytes, AreReadInCloseWaitBeforeTheEnd) {
  const auto id = reach(Reach::kEstablished);
  says(kAck, kOwnPort, 10);
  says(kFin | kAck, kOwnPort);
  EXPECT_EQ(peer.host().check_receive(id), kNone);
  EXPECT_EQ(peer.host().receive(id).length(), 10U);
  EXPECT_EQ(peer.host().check_receive(id), kClosing);
}

TEST_P(UnreadBytes, AndWhatComesLaterIsReadAfterReceivingWasShut) {
  const auto id = reach(Reach::kEstablished);
  says(kAck, kOwnPort, 10);
  while (peer.host().next_event()) continue;
  EXPECT_EQ(peer.host().shutdown(id, stack::Direction::kReceive), kNone);
  const auto event = peer.host().next_event();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->what, tcp::kReadable);
  EXPECT_FALSE(peer.host().at_end(id));
  EXPECT_EQ(peer.host().receive(id).length(), 10U);
  EXPECT_TRUE(peer.host().at_end(id));
  peer.take();
  says(kAck, kOwnPort, 20);
  peer.advance(100ms);
  EXPECT_EQ(peer.take().back().segment.ack, seq);  // acknowledged
  EXPECT_FALSE(peer.host().at_end(id));
  EXPECT_EQ(peer.host().receive(id).length(), 20U);
  EXPECT_TRUE(peer.host().at_end(id));
}

// The next life of the slot begins with both directions open.
TEST_P(UnreadBytes, ReceivingIsOpenAgainInTheSlotsNextLife) {
  const auto first = reach(Reach::kEstablished);
  peer.host().shutdown(first, stack::Direction::kBoth);
  peer.host().abort(first);
  peer.collect();
  peer.take();
  const auto second = reach(Reach::kEstablished);
  ASSERT_EQ(second.index, first.index);
  EXPECT_EQ(peer.host().check_receive(second), kNone);
  EXPECT_FALSE(peer.host().at_end(second));
}

}  // namespace
}  // namespace weir::testing
