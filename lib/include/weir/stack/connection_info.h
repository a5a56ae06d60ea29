// A copy of what is known about a connection, as `ss -i` would show it: RFC 9293's STATUS call.
#pragma once

#include <cstdint>

#include <weir/tcp/settings.h>
#include <weir/tcp/tcb.h>
#include <weir/wire/address.h>

namespace weir::stack {

// Counts over the whole life of a connection (bytes, retransmissions) are not kept: its 128 bytes are full, and the
// block that holds the rest is given back whenever nothing is under way. The host's counters have the sums.
struct ConnectionInfo {
  Endpoint local, remote;
  tcp::State state = tcp::State::kClosed;
  tcp::CloseReason reason = tcp::CloseReason::kNone;  // while it lives: that of the last soft error
  bool passive = false;
  std::uint32_t user = 0;
  std::uint32_t unsent = 0, unacknowledged = 0, unread = 0;  // bytes
  std::uint32_t urgent = 0;  // bytes to be read up to and including the last urgent one, as in tcp::Connection
  std::uint32_t cwnd = 0, ssthresh = 0, srtt_us = 0, rttvar_us = 0, rto_ms = 0, snd_wnd = 0, rcv_wnd = 0;
  std::uint16_t mss = 0;     // payload of the largest segment sent
  std::uint8_t retries = 0;  // in a row, of what is unanswered now
  // Agreed on in the handshake.
  bool sack = false, timestamps = false, window_scale = false, ecn = false;
  tcp::CongestionControl congestion_control = tcp::CongestionControl::kCubic;  // as its profile says
  std::uint8_t snd_scale = 0, rcv_scale = 0;                                   // shifts, 0..14
  bool no_delay = false, keep_alive = false;                                   // as switched now
  std::uint8_t keep_alive_probes = 0;                                          // unanswered
  std::uint8_t backoff = 0;                                                    // doublings in rto_ms
  std::uint32_t out_of_order = 0;                                              // bytes received beyond a hole
  std::uint32_t sacked = 0, lost = 0;                                          // bytes of `unacknowledged`
  bool in_recovery = false;
  std::uint32_t since_received_ms = 0;  // since the last segment
  std::uint32_t ends_in_ms = 0;         // in TIME-WAIT: until it is forgotten
};

// Which connections a list is to have; handshakes of listeners and TIME-WAIT have tables of their own.
struct ListScope {
  bool open = true;  // all others
  bool half_open = false;
  bool time_wait = false;
};

}  // namespace weir::stack
