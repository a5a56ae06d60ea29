// One connection: RFC 9293 §3.10 as code. A Connection is a view that joins a Tcb with its core's Context for the
// length of a call; it owns nothing. After every call the host looks at tcb.state, tcb.events and next_deadline().
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <weir/flow/half_open.h>
#include <weir/tcp/context.h>
#include <weir/tcp/tcb.h>
#include <weir/wire/packet.h>
#include <weir/wire/segment.h>

namespace weir::tcp {

enum class IcmpError : std::uint8_t { kSoft, kHard };

class Connection {
 public:
  Connection(Context& context, Tcb& tcb) : context_(context), tcb_(tcb) {}

  // --- OPEN ---
  // Active: the identity fields, owner and user of a fresh Tcb are set; chooses the ISN, sends the SYN.
  // `iss_above`: when a TIME_WAIT entry is reused, the ISN must be after it (RFC 6191).
  void open_active(std::optional<SeqNum> iss_above = {});
  // Passive: the final ACK of a half-open handshake came. Fills a fresh Tcb from the record (owner = listener);
  // the caller then hands the same segment to on_segment().
  void open_passive(const HalfOpen& half_open);

  // --- SEGMENT ARRIVES, for every state but CLOSED, LISTEN, TIME-WAIT and passive SYN-RECEIVED (tcp/handshake.h,
  // tcp/time_wait.h) --- `payload` holds exactly the segment's text (empty Packet when there is none).
  void on_segment(const Segment& segment, Packet payload);

  // After the last segment of a burst (Context::in_burst): the one ACK for all of its text in order.
  void on_burst_end();

  // --- TIMEOUTS: does whatever is due at context.now ---
  void on_timer();
  // When on_timer() must be called next; nothing when no timer runs.
  std::optional<Tick> next_deadline() const;

  // --- SEND: bytes that would still be accepted; 0 once the direction is closed. ---
  std::uint32_t send_room() const;
  // Takes the packet (payload only) whole or, when it exceeds send_room() or the state forbids, gives it back; a chain
  // longer than notsent_lowat goes where nothing waits
  // (returns it non-empty) and remembers to raise kWritable. Never copies. `push`: more does not follow at once.
  [[nodiscard]] Packet send(Packet payload);
  // Copies as much as there is room for; returns the number of bytes taken.
  std::uint32_t send(std::span<const std::uint8_t> bytes);
  // The same, and when all were taken our direction is closed behind them, so that the FIN leaves with the last bytes
  // as far as windows allow. In a handshake both wait for its end: the attempt is not given up, as shutdown() would.
  std::uint32_t send_last(std::span<const std::uint8_t> bytes);
  // As send(), and tells the peer that the last of them is urgent. For peers that ask for it: RFC 6093 advises against.
  std::uint32_t send_urgent(std::span<const std::uint8_t> bytes);

  // --- RECEIVE ---
  std::uint32_t readable() const;  // bytes in order, unread
  bool at_end() const;             // all read, and the peer's FIN was received
  Packet receive();                // the next piece, payload only; empty when there is none
  std::uint32_t receive(std::span<std::uint8_t> into);
  std::uint32_t next_piece() const;  // length of what receive() would return, 0 when there is nothing
  // Bytes still to be read up to and including the last urgent one; 0: none is announced (MUST-33). They are in the
  // stream, in their place: urgent_bytes() beyond readable() are still to come.
  std::uint32_t urgent_bytes() const;
  // Asks for kWritable when there is room again, as a send() that was refused does.
  void want_writable();

  // --- CLOSE, ABORT ---
  void shutdown();  // close our direction: FIN after what is queued. A second call does nothing.
  // The application lets go: FIN after what is queued, or RST when bytes are unread (SHLD-3) or arrive later.
  // With `linger` 0 it is RST at once, else RST when not all is acknowledged, the FIN included, after that time;
  // negative: no such bound. Without: as Settings::linger says. Never waits.
  void close();
  void close(milliseconds linger);
  void abort();  // RST where the state asks for one, then CLOSED

  // --- from ICMP ---
  void on_icmp_error(IcmpError error);  // soft in synchronized states (RFC 5461); fails a connect
  void on_path_mtu(std::uint16_t mtu);  // already validated against snd_una..snd_nxt

  void set_no_delay(bool on);
  void set_keep_alive(bool on);
  // Tcb::owner names other settings now: what depends on them starts anew.
  void on_settings_changed();

  // Is this sequence number one we have sent and not had acknowledged? (RFC 5927 check of ICMP errors)
  bool is_in_flight(SeqNum seq) const;
  std::uint32_t unsent_bytes() const;
  std::uint32_t unacknowledged_bytes() const;  // sent, not acknowledged
  std::uint32_t announced_window() const;      // bytes of the window last announced that are still to come
  milliseconds retransmit_timeout() const;     // RFC 6298 RTO as it stands, back-off included

  // Gives back everything the Tcb holds (queues, cold block). The Tcb may then be freed.
  void release();

 private:
  Context& context_;
  Tcb& tcb_;
};

}  // namespace weir::tcp
