// The book calls what a host must not do. A fault ends the process, so these are death tests.
#include "book.h"

#include <gtest/gtest.h>

namespace weir::fuzz {
namespace {

constexpr std::uint32_t kIss = 1000, kPeerIsn = 5000;

class BookTest : public ::testing::Test {
 protected:
  TcpPacket packet(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack) {
    TcpPacket made;
    made.source = scripts::read_address("192.0.2.1");
    made.destination = scripts::read_address("192.0.2.2");
    made.source_port = made.destination_port = 80;
    made.flags = flags;
    made.seq = seq;
    made.ack = ack;
    made.window = 100;
    return made;
  }
  void host(TcpPacket made) { book_.on_host(scripts::encode(made)); }
  void host(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack, Bytes text = {}) {
    TcpPacket made = packet(flags, seq, ack);
    made.payload = std::move(text);
    host(made);
  }
  void peer(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack, std::size_t text = 0) {
    TcpPacket made = packet(flags, seq, ack);
    made.payload.resize(text);
    book_.on_peer(made);
  }
  // The host has opened, and its application has written 200 bytes of value 7.
  void open() {
    book_.open(std::make_shared<Written>(Written{.bytes = Bytes(200, 7)}));
    host(kSyn, kIss, 0);
    peer(kSyn | kAck, kPeerIsn, kIss + 1);
    host(kAck, kIss + 1, kPeerIsn + 1);
  }

  Book book_;
};

TEST_F(BookTest, TakesWhatIsRight) {
  open();
  host(kAck | kPsh, kIss + 1, kPeerIsn + 1, Bytes(100, 7));
  peer(kAck, kPeerIsn + 1, kIss + 101, 10);
  host(kAck | kPsh | kFin, kIss + 101, kPeerIsn + 11, Bytes(100, 7));
  EXPECT_EQ(book_.life()->sent_end, SeqNum{kIss + 202});
  EXPECT_EQ(book_.life()->irs(), SeqNum{kPeerIsn});
}

// The same byte at the same place, whichever segment it comes in.
TEST_F(BookTest, GivesThePeerOneTextWithAndWithoutSyn) {
  const Bytes text = peer_text(packet(kAck, kPeerIsn + 1, 0), 3);
  EXPECT_EQ(text,
            (Bytes{peer_byte(SeqNum{kPeerIsn + 1}), peer_byte(SeqNum{kPeerIsn + 2}), peer_byte(SeqNum{kPeerIsn + 3})}));
  EXPECT_EQ(peer_text(packet(kSyn, kPeerIsn, 0), 3), text);
}

// Its first ACK is of text as well, and there are two SYNs that may have gone before it.
TEST_F(BookTest, DoesNotGuessWhichSynWasTaken) {
  book_.open(std::make_shared<Written>());
  host(kSyn, kIss, 0);
  peer(kSyn | kAck, kPeerIsn, kIss + 1, 10);
  peer(kSyn | kAck, kPeerIsn + 3, kIss + 1);
  host(kAck, kIss + 1, kPeerIsn + 11);
  EXPECT_EQ(book_.life()->irs(), std::nullopt);
  EXPECT_DEATH(host(kAck, kIss + 1, kPeerIsn + 12), "acknowledges what never arrived");
}

TEST_F(BookTest, TellsLivesWithOneNumberByTheSynThatTheyAnswer) {
  open();
  host(kAck | kPsh, kIss + 1, kPeerIsn + 1, Bytes(100, 7));
  peer(kSyn, kPeerIsn + 70, 0);
  host(kSyn | kAck, kIss, kPeerIsn + 71);
  EXPECT_EQ(book_.life()->irs(), SeqNum{kPeerIsn + 70});
  EXPECT_DEATH(host(kAck, kIss + 1, kPeerIsn + 71, Bytes(1, 7)), "text that nobody wrote");
  book_.claim()->bytes = Bytes(5, 8);
  host(kAck | kPsh, kIss + 1, kPeerIsn + 71, Bytes(5, 8));
}

// With cookies it is the SYN-ACK that was answered, not the last one; of two that were, it is not known which.
TEST_F(BookTest, FindsTheCookieThatWasTaken) {
  book_.expect_cookies();
  peer(kSyn, kPeerIsn, 0);
  host(kSyn | kAck, kIss, kPeerIsn + 1);
  peer(kSyn, kPeerIsn + 70, 0);
  host(kSyn | kAck, kIss + 5000, kPeerIsn + 71);
  peer(kAck, kPeerIsn + 1, kIss + 1, 10);
  host(kAck, kIss + 1, kPeerIsn + 11);
  EXPECT_EQ(book_.life()->irs(), SeqNum{kPeerIsn});
  book_.claim()->bytes = Bytes(5, 8);
  EXPECT_FALSE(book_.life()->is_doubtful);
  EXPECT_DEATH(host(kAck, kIss + 1, kPeerIsn + 11, Bytes(5, 7)), "other bytes");
  host(kAck, kIss + 1, kPeerIsn + 11, Bytes(5, 8));
}

// After a shortage the SYN of another connection with the same number may not have been seen: an ACK tells it.
TEST_F(BookTest, SeesThroughAShortage) {
  open();
  book_.run_short();
  peer(kSyn, kPeerIsn + 70, 0);
  EXPECT_DEATH(host(kAck, kIss + 1, kPeerIsn + 72), "acknowledges what never arrived");
  host(kAck, kIss + 1, kPeerIsn + 71);
  EXPECT_EQ(book_.life()->irs(), SeqNum{kPeerIsn + 70});
  EXPECT_DEATH(host(kAck, kIss + 1, kPeerIsn + 71, Bytes(1, 7)), "text that nobody wrote");
}

TEST_F(BookTest, CallsBytesThatNobodyWrote) {
  open();
  EXPECT_DEATH(host(kAck, kIss + 1, kPeerIsn + 1, Bytes(10, 8)), "other bytes than were written");
  EXPECT_DEATH(host(kAck, kIss + 195, kPeerIsn + 1, Bytes(10, 7)), "text that nobody wrote");
  EXPECT_DEATH(host(kAck, kIss + 5, kPeerIsn + 1, Bytes(10, 7)), "a gap");
}

TEST_F(BookTest, CallsWhatGoesBeyondTheWindow) {
  open();
  EXPECT_DEATH(host(kAck, kIss + 1, kPeerIsn + 1, Bytes(101, 7)), "beyond the window");
  host(kAck, kIss + 1, kPeerIsn + 1, Bytes(100, 7));
  host(kAck, kIss + 101, kPeerIsn + 1, Bytes(1, 7));  // a probe
  EXPECT_DEATH(host(kAck, kIss + 102, kPeerIsn + 1, Bytes(1, 7)), "beyond the window");
}

TEST_F(BookTest, CallsAcksOfWhatNeverArrived) {
  open();
  peer(kAck, kPeerIsn + 11, kIss + 1, 10);  // a hole before it
  EXPECT_DEATH(host(kAck, kIss + 1, kPeerIsn + 2), "acknowledges what never arrived");
  peer(kAck, kPeerIsn + 1, kIss + 1, 10);
  host(kAck, kIss + 1, kPeerIsn + 21);
  EXPECT_DEATH(host(kAck, kIss + 1, kPeerIsn + 11), "acknowledges less than before");
}

TEST_F(BookTest, CallsReportsOfWhatNeverArrived) {
  open();
  peer(kAck, kPeerIsn + 11, kIss + 1, 10);
  TcpPacket report = packet(kAck, kIss + 1, kPeerIsn + 1);
  const auto edge = [](std::uint32_t offset) { return static_cast<std::uint8_t>((kPeerIsn + offset) & 0xff); };
  report.options = {1, 1, 5, 10, 0, 0, kPeerIsn >> 8, edge(11), 0, 0, kPeerIsn >> 8, edge(21)};
  host(report);
  report.options.back() = edge(22);
  EXPECT_DEATH(host(report), "SACKs what never arrived");
}

TEST_F(BookTest, CallsAFinInAnotherPlace) {
  open();
  EXPECT_DEATH(host(kAck | kFin, kIss + 1, kPeerIsn + 1), "FIN not at the end");
}

TEST_F(BookTest, CallsAResetThatAnswersOne) {
  book_.may_reset = false;
  EXPECT_DEATH(host(kRst, 1, 0), "a reset answers a reset");
}

TEST_F(BookTest, CallsPacketsThatAreNone) {
  open();
  Bytes bytes = scripts::encode(packet(kAck, kIss + 1, kPeerIsn + 1));
  bytes.back() ^= 1;
  EXPECT_DEATH(book_.on_host(bytes), "wrong TCP checksum");
  EXPECT_DEATH(host(kAck, kIss + 50'000, kPeerIsn + 1, Bytes(1, 7)), "text that nobody wrote");
}

}  // namespace
}  // namespace weir::fuzz
