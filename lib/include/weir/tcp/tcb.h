// The state of one connection. Hot: two cache lines, both families. Cold: attached only while there is data in
// flight, unread or out of order (tcp/cold.h).
#pragma once

#include <cstdint>

#include <weir/base/index_pool.h>
#include <weir/base/instant.h>
#include <weir/base/timer_wheel.h>
#include <weir/flow/flow_key.h>
#include <weir/wire/seq_num.h>

namespace weir::tcp {

enum class State : std::uint8_t {
  kClosed,
  kListen,
  kSynSent,
  kSynReceived,
  kEstablished,
  kFinWait1,
  kFinWait2,
  kCloseWait,
  kClosing,
  kLastAck,
  kTimeWait,
};
inline constexpr unsigned kStates = 11;
const char* to_string(State state);  // "ESTABLISHED", "FIN-WAIT-1", ... as RFC 9293 writes them

// Why a connection ended, for the application (MUST-12).
enum class CloseReason : std::uint8_t {
  kNone,         // not ended
  kNormal,       // both sides closed
  kReset,        // RST received
  kRefused,      // RST in answer to our SYN
  kTimeout,      // retransmissions or the user timeout ran out, or a handshake never ended
  kKeepAlive,    // keep-alive probes unanswered
  kUnreachable,  // ICMP error during the handshake
  kAborted,      // abort() here
  kNoResources,  // out of state or packets
};
const char* to_string(CloseReason reason);

// What the application is to be told; gathered in Tcb::events until the host delivers them.
enum Events : std::uint8_t {
  kOpened = 1,      // active open completed
  kReadable = 2,    // new bytes, or end of stream, to be read
  kWritable = 4,    // room again after send() took less than offered
  kPeerClosed = 8,  // FIN received: after the unread bytes comes the end
  kClosed = 16,     // gone: see CloseReason; unread bytes may still be read after a normal close
  kSoftError = 32,  // ICMP error or R1 reached; the connection lives (MUST-47)
  kTimer = 64,      // the application's own: raised by the host, never here
  kUrgent = 128,    // the peer announced urgent bytes, or more of them (MUST-32)
};

enum TcbFlags : std::uint16_t {
  kSackOk = 1 << 0,  // negotiated
  kTimestampsOk = 1 << 1,
  kWindowScaleOk = 1 << 2,
  kPassive = 1 << 3,       // opened passively (MUST-11)
  kFinQueued = 1 << 4,     // application closed its direction
  kFinSent = 1 << 5,       // snd_nxt counts it
  kFinReceived = 1 << 6,   // rcv_nxt counts it
  kAckNow = 1 << 7,        // an ACK must go out at the end of this step
  kAckDelayed = 1 << 8,    // ack_at is set
  kWantWritable = 1 << 9,  // send() took less than offered
  kNoDelay = 1 << 10,      // Nagle off
  kKeepAliveOn = 1 << 11,
  kOrphan = 1 << 12,           // application released it
  kDetached = 1 << 13,         // no longer in the connection table; kept only for the application to release
  kRetransmitArmed = 1 << 14,  // retransmit_at is set (retransmission, persist, or FIN-WAIT-2 by state)
  kAwaitingAccept = 1 << 15,   // passive, not yet taken by accept(): the host holds its events back
};

// Explicit congestion notification (RFC 3168).
enum EcnState : std::uint8_t {
  kEcnOk = 1,       // agreed on: new data says that it may be marked
  kEcnEcho = 2,     // the peer's data was marked: ECE on every ACK until it says CWR
  kEcnReduced = 4,  // the window was reduced: the next new data says CWR
};
inline constexpr unsigned kEcnMask = 7;
inline constexpr unsigned kRetriesMask = 31;  // no setting allows more tries

struct alignas(64) Tcb {
  // First line: identity, and what every segment touches.
  IpAddress remote;
  std::uint16_t remote_port = 0;
  std::uint16_t local_port = 0;
  std::uint16_t local_address = 0;  // index into LocalAddresses
  State state = State::kClosed;
  std::uint8_t snd_scale : 4 = 0;  // WindowScale shifts
  std::uint8_t rcv_scale : 4 = 0;
  SeqNum snd_una;
  SeqNum snd_nxt;  // highest sent; does not go back on retransmission
  SeqNum rcv_nxt;
  SeqNum rcv_adv;             // right edge of the window we advertised
  SeqNum last_ack_sent;       // RFC 7323 §4.3
  SeqNum snd_wl1;             // snd_wl2 is not kept: an acceptable ACK is never older than it
  std::uint32_t snd_wnd = 0;  // bytes, scaled
  std::uint32_t ts_recent = 0;
  std::uint32_t cold = kNoIndex;  // index of Cold, or kNoIndex
  std::uint16_t mss = 536;        // effective send MSS, options already taken off
  std::uint16_t flags = 0;        // TcbFlags

  // Second line: congestion, timers, owner.
  TimerLinks timer;  // the host's wheel; lazily armed
  std::uint32_t cwnd = 0;
  std::uint32_t ssthresh = 0xffff'ffff;
  std::uint32_t srtt_us = 0;       // 0: no sample yet
  std::uint32_t rttvar_us = 0;     // without a sample: a quarter of the RTO to start with, or 0 for the setting's
  Tick retransmit_at{};            // when kRetransmitArmed
  Tick last_received{};            // keep-alive, FIN-WAIT-2
  std::uint32_t ts_offset = 0;     // our TSval = clock + this (RFC 7323 §5.4)
  std::uint32_t user = 0;          // the application's own
  std::uint16_t owner = 0;         // settings profile / listener, the host's
  std::uint16_t generation = 0;    // counts the slot's lives: a stale id is told by it
  std::uint16_t ack_at = 0;        // Tick modulo 2^16, when kAckDelayed
  std::uint16_t max_snd_wnd = 0;   // largest window seen, in units of 2^snd_scale (RFC 5961 §5)
  std::uint16_t ts_recent_at = 0;  // Tick >> 16: 65.5 s units (PAWS's 24 days)
  std::uint8_t events = 0;         // Events not yet delivered
  CloseReason reason : 4 = CloseReason::kNone;
  std::uint8_t quick_acks : 4 = 0;  // of Settings::quick_acks, those left
  std::uint8_t retries : 5 = 0;     // in a row without an answer, of what retransmit_at times
  std::uint8_t ecn : 3 = 0;         // EcnState; before the peer's SYN came: what we ask for
  std::uint8_t dup_acks : 4 = 0;    // saturates
  std::uint8_t backoff : 4 = 0;     // the RTO's doublings, until a round trip is measured again
  std::uint8_t challenged_at = 0;   // Tick >> 6 of the last challenge ACK, modulo 256
  std::uint8_t probes : 7 = 0;      // keep-alive probes unanswered; saturates
  // RFC 8985 §6.2: the path was seen to reorder. Kept here, so that a quiet moment does not forget it.
  bool has_reordering : 1 = false;
  std::uint16_t rcv_mss = 0;  // largest segment received: what "full-sized" means to delayed ACKs
  std::uint16_t sent_at = 0;  // Tick modulo 2^16 of the last data sent: restart after idle

  FlowKey key() const { return {remote, remote_port, local_port, local_address}; }
  bool has(TcbFlags flag) const { return (flags & flag) != 0; }
  void set(TcbFlags flag) { flags = static_cast<std::uint16_t>(flags | flag); }
  void clear(TcbFlags flag) { flags = static_cast<std::uint16_t>(flags & ~flag); }
};
static_assert(sizeof(Tcb) == 128);

}  // namespace weir::tcp
