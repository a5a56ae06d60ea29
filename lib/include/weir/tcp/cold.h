// The part of a connection's state that only matters while something is under way: bytes unacknowledged, unread or
// out of order, or a recovery from loss. Taken from Context::cold when first needed, given back when all is quiet.
#pragma once

#include <array>
#include <cstdint>

#include <weir/base/index_pool.h>
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

// What the connection's timer means when Tcb::retransmit_at comes while text is in flight.
enum class Alarm : std::uint8_t {
  kRetransmit,  // RFC 6298, or a closed window's probe
  kReordering,  // RFC 8985 §6.2: what has not come by now is lost
  kProbe,       // RFC 8985 §7: nothing was heard for two round trips
  kForget,      // nothing is in flight: what a late D-SACK could still say will not come any more
};

// RFC 8985 §5.2. Times in microseconds, modulo 2^32 where they are points in time.
struct Rack {
  std::uint32_t sent_at_us = 0;  // RACK.xmit_ts, RACK.end_seq: of what was sent last among all that was delivered
  SeqNum end;
  std::uint32_t round_trip_us = 0;      // RACK.rtt, its round trip
  std::uint32_t min_round_trip_us = 0;  // RACK.min_RTT, since the block was attached; 0: none yet
  std::uint32_t wait_us = 0;            // until the next packet is late; 0: none waits
  SeqNum highest;                       // RACK.fack, while something is selectively acknowledged
  SeqNum round_end;                     // RACK.dsack_round, when has_round
  bool has_newest = false;              // something was delivered: sent_at_us, end and round_trip_us are set
  bool has_round = false;
  std::uint8_t window_factor = 1;  // RACK.reo_wnd_mult
  std::uint8_t window_life = 0;    // RACK.reo_wnd_persist: recoveries until the factor is 1 again
};

// RFC 8985 §7.3: the tail loss probe that is not judged yet.
struct Probe {
  SeqNum end;  // TLP.end_seq, when is_out
  bool is_out = false;
  bool is_repeat = false;          // TLP.is_retrans
  bool awaits_round_trip = false;  // none was measured since the last probe
};

// RFC 9937 §6, in bytes.
struct ProportionalRate {
  std::uint32_t delivered = 0;      // prr_delivered
  std::uint32_t sent = 0;           // prr_out
  std::uint32_t flight_before = 0;  // RecoverFS
};

// RFC 5682 §3: which ACK after a timeout is waited for.
enum class Frto : std::uint8_t { kOff, kFirstAck, kSecondAck };

// What would show that the last reduction was a mistake.
struct Undo {
  SeqNum from;                       // snd_una at the time
  SeqNum until;                      // when this is acknowledged, no more can be said about it
  std::uint32_t repeated_bytes = 0;  // sent again since, and not reported as received twice
  std::uint32_t repeated_at = 0;     // TSval of the first retransmission, when has_repeated
  bool is_open = false;              // there was a reduction that may be undone
  bool has_repeated = false;
  bool awaits_echo = false;  // the first ACK since that advances has yet to come (RFC 3522)
  bool was_timeout = false;
  Frto frto = Frto::kOff;
};

// Cold::timed: which of the rarer deadlines run.
enum ColdTimers : std::uint8_t {
  kTimedGrowth = 1,   // growth_until
  kTimedPathMtu = 2,  // path_until
  kTimedLinger = 4,   // linger_until
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
  std::uint32_t congestion = kNoIndex;  // index of CongestionBlock, or kNoIndex
  SeqNum recover;                       // RFC 6582: snd_nxt when loss was last met
  SeqNum ecn_mark;                      // snd_nxt when the last reduction was told to the peer (RFC 3168 §6.1.2)
  std::uint32_t paced_until_us = 0;     // the next segment is due then, microseconds modulo 2^32
  Tick paced_at{};                      // when to try again, when is_paced
  SeqNum small_end;                     // end of the last segment sent that was not full (Nagle)
  SeqNum fin_seq;                       // where the peer's FIN lies, when has_fin: it came before what precedes it
  Tick unacked_since{};                 // the oldest unacknowledged byte was sent, or progress was made (user timeout)

  // Receive-window growth: what the application reads in a round trip (receive_buffer.h). With kTimedGrowth.
  std::uint32_t receive_limit = 0;  // 0: the initial one
  SeqNum growth_from;               // what it had read when the round began
  std::uint32_t growth_at_us = 0;   // when that was
  Tick growth_until{};              // idle since then: back to the initial window

  Tick path_until{};                // the path may carry segments of path_full_mss again
  Tick linger_until{};              // a close that is not acknowledged by then becomes a reset
  Tick zero_window_since{};         // with has_zero_window: first probe of a window that is closed still
  SeqNum rcv_up;                    // one past the urgent byte, with has_rcv_up (RFC 9293 §3.8.5)
  SeqNum snd_up;                    // the same of what we send, with has_snd_up
  std::uint16_t path_full_mss = 0;  // Tcb::mss before the path's MTU made it smaller

  // What the next ACKs report, most recent first (RFC 2018 §4); right.since(left) == 0: none.
  std::array<SackBlock, TcpOptions::kSackBlocksMax> reported{};
  bool in_recovery = false;   // fast recovery, until `recover` is acknowledged
  bool has_ecn_mark = false;  // ecn_mark is set
  bool is_paced = false;      // something waits for paced_at
  bool has_fin = false;       // fin_seq is set
  bool has_small = false;     // small_end is set
  bool has_unacked_since = false;
  bool has_zero_window = false;
  bool has_rcv_up = false;
  bool has_snd_up = false;
  std::uint8_t timed = 0;  // ColdTimers
  // Something was lost, selectively acknowledged or sent again, and that is not yet over: ACKs are looked at closely.
  bool is_amiss = false;
  Alarm alarm = Alarm::kRetransmit;
  Tick retransmit_at{};  // when the retransmission timer itself ends: Tcb::retransmit_at may come before
  Rack rack;
  Probe probe;
  ProportionalRate rate;
  Undo undo;
};
static_assert(sizeof(Cold) <= 384);

}  // namespace weir::tcp
