// One connection under test, driven by the other end of it: tests of lib/tcp read like packet traces.
// Sequence numbers are relative: 0 is the first byte after the SYN, in both directions.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <weir/tcp/connection.h>
#include <weir/tcp/handshake.h>
#include <weir/wire/build.h>
#include <weir/wire/segment.h>

#include "support/eal.h"

namespace weir::test {

using tcp::CloseReason;
using tcp::Counter;
using tcp::State;

// A range of relative sequence numbers in a SACK option.
struct Range {
  std::int64_t left = 0;
  std::int64_t right = 0;
  bool operator==(const Range&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Range& range);

// A segment that the peer sends. `flags` as tcpdump writes them: "S", "S.", ".", "P.", "F.", "R", "R.", "U.", "SEW".
struct Say {
  const char* flags = ".";
  std::optional<std::int64_t> seq = {};  // default: right after what the peer said before
  std::optional<std::int64_t> ack = {};  // default: all that the peer heard
  std::uint32_t length = 0;
  std::optional<std::uint16_t> window = {};
  std::optional<std::uint32_t> timestamp = {};  // default: the peer's clock
  std::optional<std::uint32_t> echo = {};
  std::vector<Range> sack = {};
  Ecn ecn = Ecn::kNotEct;
  std::optional<char> fill = {};  // text of this byte, instead of the stream's
  std::uint16_t urgent = 0;       // the pointer, with "U"
};

// What a segment from the connection must look like; what is not named may be anything. PSH counts only when named.
struct Expect {
  const char* flags = ".";
  std::optional<std::int64_t> seq = {};
  std::optional<std::int64_t> ack = {};
  std::optional<std::uint32_t> length = {};
  std::optional<std::uint32_t> window = {};  // as in the segment, unscaled
  std::optional<std::uint32_t> echo = {};
  std::optional<std::vector<Range>> sack = {};
  std::optional<Ecn> ecn = {};
  std::optional<std::uint16_t> urgent = {};
};

struct PeerOptions {
  tcp::Settings settings = {};
  Family family = Family::kIpv4;
  std::uint16_t mtu = 1500;
  std::uint32_t packets = 1023;
  std::uint32_t cold_blocks = 4;
  std::uint32_t congestion_blocks = 4;  // 0: no pool of them
  std::uint64_t start_ms = 1'000'000;
  // What the peer's SYN says.
  SeqNum isn{5000};
  std::optional<std::uint16_t> mss = 1460;
  std::optional<std::uint8_t> scale = {};
  bool timestamps = false;
  bool sack = false;
  std::uint16_t window = 65535;
};

// Its numbers are halves and whole segments.
inline tcp::Settings newreno() {
  tcp::Settings settings;
  settings.congestion_control = tcp::CongestionControl::kNewReno;
  return settings;
}

class Peer {
 public:
  explicit Peer(PeerOptions options = {});
  ~Peer();

  // --- opening ---
  void open();                                    // the connection sends its SYN
  void opens(const Say& syn = {.flags = "S"});    // the peer's SYN to a listener: a half-open record
  tcp::HandshakeStep answers_half_open(Say say);  // a segment for that record; completes it when it is due
  void establish();                               // actively, nothing left to be heard
  void establish_passive();

  // --- the wire ---
  void says(const Say& say);
  void hears(const Expect& expected);
  void hears_nothing();
  void ignores_all();  // drops what was heard
  std::size_t heard() const { return heard_.size(); }
  // The next segment from the connection, unchecked.
  Segment next();

  // --- the application ---
  std::uint32_t sends(std::uint32_t bytes);  // copies
  std::uint32_t sends_last(std::uint32_t bytes);
  std::uint32_t sends_urgent(std::uint32_t bytes);
  bool sends_packet(std::uint32_t bytes);    // hands over a packet; false when it came back
  std::uint32_t reads(std::uint32_t bytes);  // and checks that they are the peer's stream
  std::uint8_t take_events();

  // --- time --- runs what falls due on the way
  void advance(std::uint64_t milliseconds);

  tcp::Connection connection() { return tcp::Connection{context_, tcb}; }
  std::uint64_t counted(Counter counter) const { return counters_[counter]; }
  bool has_cold() const { return tcb.cold != kNoIndex; }
  bool has_congestion() const { return has_cold() && cold_[tcb.cold].congestion != kNoIndex; }
  const tcp::CongestionBlock& congestion() { return congestion_[cold().congestion]; }
  const tcp::Cold& cold() { return cold_[tcb.cold]; }
  std::int64_t snd_una() const { return relative(tcb.snd_una, iss_); }
  std::int64_t snd_nxt() const { return relative(tcb.snd_nxt, iss_); }
  std::int64_t rcv_nxt() const { return relative(tcb.rcv_nxt, options.isn); }
  // Takes packets from the pool until `left` remain; gives them back.
  void drain_pool(std::uint32_t left);
  void fill_pool() { hostages_.clear(); }

  PeerOptions options;
  tcp::Tcb tcb;
  HalfOpen half_open;
  tcp::Context& context() { return context_; }
  SeqNum iss() const { return iss_; }
  void set_iss(SeqNum iss) { iss_ = iss; }
  FlowKey key() const;
  Segment make(const Say& say);

 private:
  static std::int64_t relative(SeqNum seq, SeqNum isn) { return static_cast<std::int32_t>((seq - 1).since(isn)); }
  std::vector<std::uint8_t> text_to_send(std::uint32_t bytes) const;
  static void flush(void* self, std::span<rte_mbuf*> batch);
  void hear(Packet packet);
  void check_text(const Segment& segment, std::span<const std::uint8_t> text);
  Packet text_of(const Say& say, SeqNum seq);
  void deliver_all() { out_.flush(); }

  TestPool packets_;
  IndexPool<tcp::Cold> cold_;
  IndexPool<tcp::CongestionBlock> congestion_;
  tcp::Counters counters_;
  Random random_{1};
  std::vector<tcp::LocalAddress> local_;
  Outbox out_;
  tcp::Context context_;
  std::deque<Segment> heard_;
  std::vector<Packet> hostages_;
  SeqNum iss_;
  SeqNum peer_nxt_;               // what the peer says next
  SeqNum highest_heard_;          // one past the last byte, FIN included, that the connection sent
  std::uint32_t ts_recent_ = 0;   // the connection's last TSval
  std::uint64_t bytes_sent_ = 0;  // by the application
  std::uint64_t bytes_read_ = 0;
};

}  // namespace weir::test
