// The part of a connection's state that only matters while something is under way: bytes unacknowledged, unread or
// out of order, or a recovery from loss. Taken from Context::cold when first needed, given back when all is quiet.
#pragma once

#include <array>
#include <cstdint>

#include <weir/base/instant.h>
#include <weir/wire/packet.h>
#include <weir/wire/segment.h>
#include <weir/wire/seq_num.h>

namespace weir::tcp {

// PacketMeta::flags of packets in Cold::send. A packet lies in exactly one segment sent: segments are cut at packet
// boundaries and packets are split where a segment ends, so a flag holds for all of a packet's bytes.
enum PacketFlags : std::uint8_t {
  kPacketRetransmitted = 1,  // sent more than once: no round trip is measured from it (Karn)
  kPacketSacked = 2,         // the peer holds it, but may still drop it (RFC 2018 §8)
  kPacketLost = 4,           // believed lost and not yet sent again
};

struct Cold {
  PacketQueue send;          // [first unacknowledged byte, last byte taken from the application]
  PacketQueue receive;       // in order, unread
  PacketQueue out_of_order;  // beyond a hole, in order of sequence, without overlaps

  rte_mbuf* unsent = nullptr;      // in `send`: the first packet never sent
  rte_mbuf* lost_hint = nullptr;   // in `send`: no packet before it is kPacketLost
  std::uint32_t sacked_bytes = 0;  // selectively acknowledged, or what duplicate ACKs stand for (RFC 6582)
  std::uint32_t lost_bytes = 0;    // of packets that are kPacketLost
  std::uint32_t acked_bytes = 0;   // towards the next step of congestion avoidance (RFC 3465)
  std::uint32_t undo_cwnd = 0;     // before the last congestion event; 0: nothing to undo
  std::uint32_t undo_ssthresh = 0;
  SeqNum recover;        // RFC 6582: snd_nxt when loss was last met
  SeqNum small_end;      // end of the last segment sent that was not full (Nagle)
  SeqNum fin_seq;        // where the peer's FIN lies, when has_fin: it came before what precedes it
  Tick unacked_since{};  // the oldest unacknowledged byte was sent, or progress was made (user timeout)

  // What the next ACKs report, most recent first (RFC 2018 §4); right.since(left) == 0: none.
  std::array<SackBlock, TcpOptions::kSackBlocksMax> reported{};
  bool in_recovery = false;  // fast recovery, until `recover` is acknowledged
  bool has_fin = false;      // fin_seq is set
  bool has_small = false;    // small_end is set
  bool has_unacked_since = false;
};
static_assert(sizeof(Cold) <= 192);

}  // namespace weir::tcp
