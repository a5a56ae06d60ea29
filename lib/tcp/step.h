// One call into a connection: what its parts share while it lasts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <weir/tcp/context.h>
#include <weir/tcp/tcb.h>

namespace weir::tcp {

// What one ACK, or one timeout, changed; gathered while Cold::is_amiss.
struct News {
  SeqNum una_before;
  std::uint32_t held_before = 0;  // Cold::sacked_bytes
  SeqNum highest_before;          // Rack::highest
  bool has_lost = false;          // something was found to be lost
  bool has_original = false;      // what was in flight at the last timeout, and sent once only, was delivered
  bool has_alarm = false;         // what the timer waits for may have changed
};

struct Step {
  Step(Context& context_in, Tcb& tcb_in)
      : context(context_in),
        tcb(tcb_in),
        settings(context_in.profiles[tcb_in.owner]),
        cold_(tcb_in.cold == kNoIndex ? nullptr : &(*context_in.cold)[tcb_in.cold]) {}

  Context& context;
  Tcb& tcb;
  const Settings& settings;
  std::uint32_t round_trip_us = 0;     // measured by the ACK at hand; 0: none
  std::optional<SackBlock> duplicate;  // received twice: the next ACK reports it first (RFC 2883)
  News news;
  // Bytes unsent when the application was refused in this step.
  std::uint32_t refused_unsent = UINT32_MAX;

  // The cold block, or nullptr while there is none.
  Cold* cold() const { return cold_; }
  // Attaches one if there is none; nullptr, counted, when the pool is empty.
  Cold* need_cold();
  // Gives it back when nothing is under way any more, and no memory of congestion is of use.
  void release_cold_if_quiet();
  void release_cold();

  // What congestion control remembers, or nullptr while it remembers nothing.
  CongestionBlock* congestion() const;
  // Attaches one if there is none; nullptr, counted, when there is no cold block or the pool is empty.
  CongestionBlock* need_congestion();

  Tick now() const { return context.tick(); }
  const LocalAddress& local() const { return (*context.local)[tcb.local_address]; }
  void count(Counter counter, std::uint64_t n = 1) { context.counters->add(counter, n); }
  void raise(std::uint8_t events) { tcb.events = static_cast<std::uint8_t>(tcb.events | events); }
  // ERROR_REPORT of RFC 9293 §3.9.1.8, which the application may switch off.
  void report(std::uint8_t events) {
    if (settings.error_reports) raise(events);
  }

 private:
  Cold* cold_;  // Tcb::cold
};

// ESTABLISHED or later, TIME-WAIT included.
inline bool is_synchronized(State state) {
  return state >= State::kEstablished;
}
// Segments go out and timers run.
inline bool is_live(State state) {
  return state == State::kSynSent || (state >= State::kSynReceived && state != State::kTimeWait);
}
inline bool is_handshake(State state) {
  return state == State::kSynSent || state == State::kSynReceived;
}

inline std::uint32_t flight(const Tcb& tcb) {
  return tcb.snd_nxt.since(tcb.snd_una);
}
inline bool is_all_acknowledged(const Tcb& tcb) {
  return tcb.snd_una == tcb.snd_nxt;
}
inline bool is_fin_acknowledged(const Tcb& tcb) {
  return tcb.has(kFinSent) && is_all_acknowledged(tcb);
}

// A probe, or a reduction, about which the next ACKs may say that it was a mistake. After a FIN nothing is sent that
// could use the answer.
inline bool has_open_question(const Tcb& tcb, const Cold& cold) {
  return (cold.probe.is_out || cold.probe.awaits_round_trip || cold.undo.is_open) && !tcb.has(kFinSent);
}

// Sequence number of the first byte of Cold::send.
inline SeqNum first_data_seq(const Tcb& tcb) {
  return tcb.snd_una + (is_handshake(tcb.state) ? 1U : 0U);
}
// One past the last byte taken from the application: where our FIN lies, or will lie, until it is acknowledged.
inline SeqNum data_end(const Step& step) {
  const Cold* cold = step.cold();
  return first_data_seq(step.tcb) + (cold != nullptr ? cold->send.bytes() : 0);
}
inline std::uint32_t unsent_bytes(const Step& step) {
  if (step.tcb.has(kFinSent)) return 0;
  return data_end(step).since(step.tcb.snd_nxt);
}
// Something waits to be sent for the first time.
inline bool is_pending(const Step& step) {
  return unsent_bytes(step) > 0 || (step.tcb.has(kFinQueued) && !step.tcb.has(kFinSent));
}

// Bytes of the window we last announced that are still to come.
inline std::uint32_t receive_window(const Tcb& tcb) {
  return tcb.rcv_adv.after(tcb.rcv_nxt) ? tcb.rcv_adv.since(tcb.rcv_nxt) : 0;
}
// Right edge of the peer's window, less what is sent: 0 when it was shrunk below that (MUST-34).
inline std::uint32_t usable_window(const Tcb& tcb) {
  const SeqNum edge = tcb.snd_una + tcb.snd_wnd;
  return edge.after(tcb.snd_nxt) ? edge.since(tcb.snd_nxt) : 0;
}

}  // namespace weir::tcp
