// The other end: a peer that behaves, to reach a state, and one that says whatever the input makes of it.
#pragma once

#include "subject.h"

namespace weir::fuzz {

class Peer {
 public:
  // What it offers in its SYN comes from the input.
  Peer(Subject& subject, Input& input);

  // --- as a peer should: with what is agreed on, in order ---
  void say_syn();
  void say(std::uint8_t flags, std::uint32_t text = 0);  // acknowledges all that was heard
  void say_fin_for(SeqNum acknowledged);                 // both ends close at once

  // --- as the input says ---
  void say_anything();
  void say_burst();
  void say_icmp_error();

 private:
  struct Offer {
    bool has_timestamps, has_sack;
    std::uint8_t scale;  // above 14: none
    std::uint16_t mss, window;
    SeqNum isn;
  };
  TcpPacket plain(std::uint8_t flags, std::uint32_t text) const;
  Bytes syn_options() const;
  Bytes options_for(const TcpPacket& packet) const;
  TcpPacket draw();
  SeqNum draw_seq();
  SeqNum draw_ack();
  std::uint32_t draw_offset();
  Bytes draw_options(const TcpPacket& packet);
  void append_sack(Bytes& options);
  std::vector<Bytes> encode_drawn(const TcpPacket& packet);
  void send(const TcpPacket& packet);
  std::uint32_t clock() const;
  SeqNum heard_end() const;
  SeqNum next() const;
  SeqNum host_edge() const;

  Subject& subject_;
  Input& input_;
  Offer offer_;
};

}  // namespace weir::fuzz
