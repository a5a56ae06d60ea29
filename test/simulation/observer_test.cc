// The observer of simulations is told of a connection by hand, with one thing wrong each time.
#include "observer.h"

#include <gtest/gtest.h>

namespace weir::testing {
namespace {

class ObserverTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kClientIss = 1000, kServerIss = 5000;
  static constexpr std::uint16_t kWindow = 4000;

  static Segment segment(bool from_client, std::uint8_t flags, std::uint32_t seq, std::uint32_t ack) {
    Segment s;
    s.source_port = from_client ? 4000 : 80;
    s.destination_port = from_client ? 80 : 4000;
    s.seq = SeqNum{seq};
    s.ack = SeqNum{ack};
    s.flags = flags;
    s.window = UnscaledWindow{kWindow};
    return s;
  }
  void pass(bool from_client, Segment s, std::size_t text = 0, bool arrives = true, char of = 'x') {
    IpHeader ip;
    ip.source = IpAddress::parse(from_client ? "192.0.2.1" : "192.0.2.2").value();
    ip.destination = IpAddress::parse(from_client ? "192.0.2.2" : "192.0.2.1").value();
    ip.ecn = ecn;
    s.payload_length = static_cast<std::uint32_t>(text);
    const std::vector<std::uint8_t> bytes(text, static_cast<std::uint8_t>(of));
    const Sighting sighting{*host, ip, s, bytes, static_cast<std::uint32_t>(40 + text)};
    observer.on_sent(sighting);
    if (arrives) observer.on_delivered(sighting);
  }
  void client(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack, std::size_t text = 0, bool arrives = true) {
    pass(true, segment(true, flags, seq, ack), text, arrives);
  }
  void server(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack, std::size_t text = 0) {
    pass(false, segment(false, flags, seq, ack), text);
  }
  void shake_hands() {
    Segment syn = segment(true, kSyn, kClientIss, 0);
    Segment answer = segment(false, kSyn | kAck, kServerIss, kClientIss + 1);
    syn.options.mss = answer.options.mss = 1000;
    pass(true, syn);
    pass(false, answer);
    client(kAck, kClientIss + 1, kServerIss + 1);
  }
  bool sees(const std::string& what) const {
    return observer.faults().size() == 1 && observer.faults().front().find(what) != std::string::npos;
  }

  Simulation simulation{1};
  SimHost* host = &simulation.add_host("observed", {"192.0.2.9"});
  Observer observer;
  Ecn ecn = Ecn::kNotEct;
};

TEST_F(ObserverTest, FindsNothingWhereNothingIsWrong) {
  shake_hands();
  client(kAck, 1001, 5001, 1000);
  client(kAck, 2001, 5001, 1000);
  client(kAck, 1001, 5001, 1000);
  server(kAck, 5001, 3001);
  client(kAck | kFin, 3001, 5001);
  server(kAck | kFin, 5001, 3002);
  client(kAck, 3002, 5002);
  EXPECT_TRUE(observer.faults().empty()) << observer.faults().front();
}
TEST_F(ObserverTest, SeesTextBeforeTheHandshake) {
  client(kSyn, kClientIss, 0);
  client(kAck, kClientIss + 1, kServerIss + 1, 10);
  EXPECT_TRUE(sees("text before the handshake"));
}
// A record that ended before a SYN that comes twice: which of the two answers the client has taken is not to be seen.
TEST_F(ObserverTest, AbstainsWhenASynIsAnsweredTwice) {
  client(kSyn, kClientIss, 0);
  server(kSyn | kAck, kServerIss, kClientIss + 1);
  pass(false, segment(false, kSyn | kAck, 9000, kClientIss + 1), 0, false);
  client(kAck, kClientIss + 1, kServerIss + 1, 10);
  client(kAck, kClientIss + 11, kServerIss + 1, 10);
  EXPECT_TRUE(observer.faults().empty()) << observer.faults().front();
  client(kAck, kClientIss + 12, kServerIss + 1, 10, true);
  pass(true, segment(true, kAck, kClientIss + 1, kServerIss + 1), 10, true, 'y');
  EXPECT_TRUE(sees("other bytes"));  // what it says itself is judged all the same
}
// With SYN cookies the first answer may be taken up when a second has been given.
TEST_F(ObserverTest, AbstainsWhereAnEarlierCookieIsTaken) {
  client(kSyn, kClientIss, 0);
  server(kSyn | kAck, kServerIss, kClientIss + 1);
  server(kSyn | kAck, 9000, kClientIss + 1);
  client(kAck, kClientIss + 1, kServerIss + 1);
  server(kAck, kServerIss + 1, kClientIss + 1, 10);
  EXPECT_TRUE(observer.faults().empty()) << observer.faults().front();
}
TEST_F(ObserverTest, AbstainsFromTwoLivesWithEqualNumbers) {
  shake_hands();
  client(kAck, 1001, 5001, 10);
  server(kAck, 5001, 1011);
  shake_hands();
  pass(true, segment(true, kAck, 1001, 5001), 20, true, 'y');
  server(kAck, 5001, 1021);
  EXPECT_TRUE(observer.faults().empty()) << observer.faults().front();
}
TEST_F(ObserverTest, SeesAgainWhereTheNumbersAreNew) {
  shake_hands();
  client(kAck, 1001, 5001, 10);
  shake_hands();
  client(kSyn, 70'000, 0);
  server(kSyn | kAck, 90'000, 70'001);
  client(kAck, 70'001, 90'001, 10);
  server(kAck, 90'001, 70'011);
  EXPECT_TRUE(observer.faults().empty()) << observer.faults().front();
  server(kAck, 90'001, 70'012);
  EXPECT_TRUE(sees("acknowledges what never arrived"));
}
TEST_F(ObserverTest, SeesInASimultaneousOpen) {
  pass(true, segment(true, kSyn, kClientIss, 0), 0, false);
  server(kSyn, kServerIss, 0);
  client(kSyn | kAck, kClientIss, kServerIss + 1);
  server(kSyn | kAck, kServerIss, kClientIss + 1);
  client(kAck, kClientIss + 1, kServerIss + 1, 10);
  EXPECT_TRUE(observer.faults().empty()) << observer.faults().front();
  server(kAck, kServerIss + 1, kClientIss + 12);
  EXPECT_TRUE(sees("acknowledges what never arrived"));
}
TEST_F(ObserverTest, SeesTextBeyondTheWindow) {
  shake_hands();
  for (std::uint32_t i = 0; i < 4; ++i) client(kAck, 1001 + i * 1000, 5001, 1000);
  EXPECT_TRUE(observer.faults().empty());
  client(kAck, 5001, 5001, 2);
  EXPECT_TRUE(sees("beyond the window"));
}
TEST_F(ObserverTest, LetsOneByteProbeAClosedWindow) {
  shake_hands();
  for (std::uint32_t i = 0; i < 4; ++i) client(kAck, 1001 + i * 1000, 5001, 1000);
  client(kAck, 5001, 5001, 1);
  EXPECT_TRUE(observer.faults().empty());
  EXPECT_EQ(observer.counts().probes, 1U);
}
TEST_F(ObserverTest, SeesAWindowTakenBack) {
  shake_hands();
  server(kAck, 5001, 1001);
  Segment less = segment(false, kAck, 5001, 1001);
  less.window = UnscaledWindow{kWindow - 1};
  pass(false, less);
  EXPECT_TRUE(sees("takes back its window"));
}
TEST_F(ObserverTest, SeesSegmentsAboveTheMss) {
  shake_hands();
  client(kAck, 1001, 5001, 1001);
  EXPECT_TRUE(sees("longer than the peer's MSS"));
}
TEST_F(ObserverTest, SeesAGap) {
  shake_hands();
  client(kAck, 1002, 5001, 10);
  EXPECT_TRUE(sees("a gap"));
}
TEST_F(ObserverTest, SeesOtherBytesTheSecondTime) {
  shake_hands();
  client(kAck, 1001, 5001, 10);
  pass(true, segment(true, kAck, 1001, 5001), 10, true, 'y');
  EXPECT_TRUE(sees("other bytes"));
}
TEST_F(ObserverTest, SeesAnAckOfWhatWasLost) {
  shake_hands();
  client(kAck, 1001, 5001, 10, false);
  server(kAck, 5001, 1011);
  EXPECT_TRUE(sees("acknowledges what never arrived"));
}
TEST_F(ObserverTest, SeesAnAckThatGoesBack) {
  shake_hands();
  client(kAck, 1001, 5001, 10);
  server(kAck, 5001, 1011);
  Segment back = segment(false, kAck, 5001, 1001);
  back.window = UnscaledWindow{kWindow + 10};
  pass(false, back);
  EXPECT_TRUE(sees("acknowledges less than before"));
}
TEST_F(ObserverTest, SeesTextAfterFin) {
  shake_hands();
  client(kAck | kFin, 1001, 5001);
  client(kAck, 1001, 5001, 1);
  EXPECT_TRUE(sees("text after FIN"));
}
TEST_F(ObserverTest, SeesAFinThatMoves) {
  shake_hands();
  client(kAck | kFin, 1001, 5001);
  client(kAck | kFin, 1002, 5001);
  EXPECT_TRUE(sees("FIN not at the end"));
}
TEST_F(ObserverTest, SeesSackThatNobodyAgreedTo) {
  shake_hands();
  Segment ack = segment(false, kAck, 5001, 1001);
  ack.options.sack_count = 1;
  ack.options.sack[0] = {SeqNum{1000}, SeqNum{1001}};
  pass(false, ack);
  EXPECT_TRUE(sees("SACK against what was agreed"));
}
TEST_F(ObserverTest, SeesEcnOnWhatIsSentAgain) {
  shake_hands();
  ecn = Ecn::kEct0;
  client(kAck, 1001, 5001, 10);
  EXPECT_TRUE(observer.faults().empty());
  client(kAck, 1001, 5001, 10);
  EXPECT_TRUE(sees("ECN-capable, but sent again"));
}
TEST_F(ObserverTest, SeesAcksWithoutEnd) {
  shake_hands();
  for (unsigned i = 0; i < 2 * Observer::kBareAcksFree; ++i) server(kAck, 5001, 1001);
  EXPECT_TRUE(sees("ACKs without end"));
}

}  // namespace
}  // namespace weir::testing
