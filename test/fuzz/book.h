// What the wire has shown of one 4-tuple, and what the host may therefore say. A bound is never tighter than what a
// right host does: the peer is free to say anything. Shares nothing with lib/tcp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <weir/wire/segment.h>

#include "scripts/packet.h"

namespace weir::fuzz {

using scripts::Bytes;
using scripts::TcpPacket;

// The peer says this byte at that place of the sequence space, whenever it says it.
std::uint8_t peer_byte(SeqNum at);
// `length` bytes of it, as the segment with this header has them: a SYN takes the first place.
Bytes peer_text(const TcpPacket& header, std::uint32_t length);
inline bool is_between(SeqNum at, SeqNum first, std::uint32_t length) {
  return at.since(first) < length;
}

// What the application wrote, from the first byte of the connection on.
struct Written {
  Bytes bytes{};
  bool is_known = true;  // false: it forwarded bytes of which nobody knows
};

// One connection of the 4-tuple: from one SYN of the host's to the next.
struct Life {
  SeqNum iss{};
  SeqNum sent_end{};                   // one past what the host has said
  std::shared_ptr<Written> written{};  // what it may say
  bool is_claimed = false;             // an application holds it
  bool is_answered = false;            // an ACK of the peer's may have completed its handshake
  bool is_accepted = false;            // by accept(), not by connect()
  bool is_doubtful = false;   // packets ran short: another with the same number may have followed it, its SYN unseen
  std::size_t syns_from = 0;  // the first SYN of the peer's that it may have taken
  std::vector<SeqNum> irs_candidates{};           // what the host's ACKs leave; none before its first
  std::optional<SeqNum> fin{};                    // of the host
  std::optional<SeqNum> acked{};                  // greatest ACK of the host's
  std::optional<SeqNum> edge{};                   // rightmost window edge that the peer may have offered
  SeqNum una{};                                   // greatest ACK of the peer's
  std::uint32_t window = 0;                       // that the host announced last, in bytes
  std::optional<WindowScale> scale{};             // that the host offered
  bool has_timestamps = false, has_sack = false;  // the host offered
  std::uint32_t timestamp = 0;                    // the host's last TSval

  bool has_spoken() const { return sent_end != iss + 1; }  // text or FIN
  // Once it is known which SYN of the peer's the host has taken.
  std::optional<SeqNum> irs() const {
    return irs_candidates.size() == 1 ? std::optional{irs_candidates.front()} : std::nullopt;
  }
};

class Book {
 public:
  bool may_reset = true;

  void on_peer(const TcpPacket& packet);
  void on_host(const Bytes& bytes);

  // Packets run out: SYNs of the host may never be seen from now on.
  void run_short();
  void end_shortage() { is_short_ = false; }

  // A listener may answer without a record: then not only the last SYN-ACK can become a connection.
  void expect_cookies() { has_cookies_ = true; }

  // The application has called connect(): this is what a SYN yet to be seen begins.
  void open(std::shared_ptr<Written> written);
  void forget_opening() { opening_.reset(); }
  // The application has accepted the connection at hand: what it will write.
  std::shared_ptr<Written> claim();

  // Of the connection at hand, the latest; nullptr before the host's first SYN.
  const std::shared_ptr<Life>& life() const { return life_; }
  const Bytes& last_of_host() const { return last_of_host_; }
  // Whether each of these has been said by the peer.
  bool has_arrived(SeqNum from, std::uint32_t length) const;
  std::uint8_t peer_scale() const { return peer_scale_; }

 private:
  struct Piece {
    SeqNum from;
    std::uint32_t length;
  };
  void note(Piece added);
  void begin_if_new(const TcpPacket& packet, const TcpOptions& options);
  void begin_if_unseen(const TcpPacket& packet);
  bool is_same_life(const TcpPacket& syn) const;
  void begin(SeqNum iss, const TcpOptions& options);
  void hear(Life& life, const TcpPacket& packet) const;
  void take_up_offer(const TcpPacket& packet);
  void choose_answered();
  void claim_anew();
  std::vector<SeqNum> syns_before(SeqNum ack, std::size_t from) const;
  bool answers_other_syn(SeqNum ack) const;
  bool is_syn_of_peer(SeqNum seq) const;
  bool may_follow(SeqNum syn, SeqNum ack) const;
  SeqNum reach(SeqNum from) const;
  void judge_text(const TcpPacket& packet);
  void judge_fin(const TcpPacket& packet, SeqNum end);
  void judge_ack(const TcpPacket& packet);
  void narrow_irs(const TcpPacket& packet);
  void judge_options(const TcpPacket& packet, const TcpOptions& options);

  bool is_short_ = false, was_short_ = false;
  bool has_cookies_ = false;
  std::vector<std::shared_ptr<Life>> offers_;  // by SYN-ACKs since there may be cookies
  std::shared_ptr<Written> opening_;
  std::size_t opening_syns_ = 0;  // said by the peer when the application opened
  std::shared_ptr<Life> life_;
  std::vector<Piece> pieces_;  // of the peer's sequence space, SYN and FIN counted; none touches another
  std::vector<SeqNum> syns_;   // of the peer
  std::uint8_t peer_scale_ = 0;
  Bytes last_of_host_;
};

inline bool has(const TcpPacket& packet, TcpFlags flag) {
  return (packet.flags & flag) != 0;
}
[[noreturn]] void fault_in(const TcpPacket& packet, const std::string& what);
// For messages: flags, sequence numbers, lengths.
std::string describe(const TcpPacket& packet);

}  // namespace weir::fuzz
