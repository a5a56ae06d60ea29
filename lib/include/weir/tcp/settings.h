// Every timer and constant of TCP, with its default. Copied at start; one set per listener or connect profile.
#pragma once

#include <chrono>
#include <cstdint>

#include <weir/tcp/appearance.h>

namespace weir::tcp {

using std::chrono::milliseconds;

// RFC 3168: not at all; when the peer asks for it; asked for by us too.
enum class EcnMode : std::uint8_t { kOff, kAccept, kOn };
enum class CongestionControl : std::uint8_t { kCubic, kNewReno };
// RFC 4987 §3.6, of a listener: never; while it is attacked; always; never, but told as with kAuto.
enum class SynCookieUse : std::uint8_t { kOff, kAuto, kAlways, kDryRun };
const char* to_string(SynCookieUse use);             // "off", "auto", "always", "dry-run"
const char* to_string(CongestionControl algorithm);  // "cubic", "newreno": as the configuration says it

struct Settings {
  milliseconds rto_initial{1000};         // RFC 6298 (2.1)
  milliseconds rto_min{200};              // RFC 6298 (2.4) says 1 s; 200 ms is what deployed stacks use
  milliseconds rto_max{60000};            // RFC 6298 (2.5)
  milliseconds rto_after_lost_syn{3000};  // RFC 6298 (5.7): to start with, where a SYN was sent twice
  milliseconds delayed_ack{40};           // < 500 ms: MUST-40
  milliseconds msl{30000};                // TIME_WAIT lasts 2*MSL; RFC 9293 says 2 min, deployed stacks 30 s
  milliseconds keepalive_idle{7200000};   // MUST-28; used when keepalive is on
  milliseconds keepalive_interval{75000};
  milliseconds user_timeout{0};            // RFC 5482; 0: retries decide
  milliseconds fin_wait_2_timeout{60000};  // orphaned FIN-WAIT-2 only
  milliseconds persist_max{60000};         // longest time between probes of a closed window
  milliseconds challenge_ack_interval{500};
  milliseconds linger{-1};  // after close(): RST if not all is acknowledged by then; 0: at once; -1: retries decide
  // A peer whose window stays closed for so long is given up however it answers; 0: never (MUST-37). The second bound
  // counts while packets run out (RFC 6429).
  milliseconds zero_window_limit{0};
  milliseconds zero_window_limit_pressed{60000};
  milliseconds path_mtu_life{600000};  // what was learnt of a path's MTU is forgotten: RFC 1191 §6.3, RFC 8201 §4
  std::uint8_t syn_retries{7};         // R2 for SYN, with back-off from 1 s: 183 s; MUST-23 asks 3 min
  std::uint8_t syn_ack_retries{5};
  std::uint8_t data_retries{15};  // R2, SHLD-11; of data, and of probes of a closed window
  // When a listener counts as attacked: docs/overload.md. Percent of the half-open records there are, of SYNs.
  SynCookieUse syn_cookies{SynCookieUse::kAuto};
  std::uint8_t syn_cautious_percent{12};
  std::uint8_t syn_attacked_percent{50};  // >= syn_cautious_percent
  std::uint8_t syn_failed_percent{60};    // ... where this many SYNs are never answered, at
  std::uint32_t syn_rate{20000};          // SYNs per second
  milliseconds syn_calm{10000};           // ... until it is believed that an attack is over
  std::uint8_t r1_retries{3};             // the application is told after so many: R1, SHLD-10
  std::uint8_t keepalive_probes{9};
  // Bytes unacknowledged or unsent, per connection: grows with the congestion window from the initial to the largest.
  std::uint32_t send_buffer_initial{262144};  // counts as send_buffer where that is less
  std::uint32_t send_buffer{4194304};
  // Of these, those not sent yet, in whole segments; 0: no bound of their own, and 4096 at least. What an application
  // writes just before it can be sent is still in the cache then.
  std::uint32_t notsent_lowat{0};
  // Largest window advertised: grows with what the application reads in a round trip. The second is never exceeded and
  // decides our window scale.
  std::uint32_t receive_buffer_initial{262144};  // counts as receive_buffer where that is less
  std::uint32_t receive_buffer{4194304};
  std::uint16_t mss{0};                 // what we announce; 0: from the route's MTU
  std::uint16_t peer_mss_min{48};       // a peer that announces less is sent segments of this size, options included
  std::uint16_t peer_mss_max{0};        // ... and one that announces more, of this; 0: no bound. >= peer_mss_min
  std::int8_t window_scale_shift{-1};   // 0..14; -1: the smallest that can announce all of receive_buffer
  std::uint8_t black_hole_retries{2};   // timeouts in a row before smaller segments are tried; 0: they never are
  std::uint8_t quick_acks{0};           // segments with text acknowledged at once when a connection begins; 0..15
  std::uint8_t initial_window{10};      // RFC 6928, segments
  std::uint8_t slow_start_segments{0};  // that one ACK may add in slow start; 0: 8 with pacing, else 2 (RFC 3465)
  CongestionControl congestion_control{CongestionControl::kCubic};  // RFC 9438, or RFC 5681 with RFC 6582
  EcnMode ecn{EcnMode::kAccept};
  std::uint8_t ttl{64};
  std::uint8_t dscp{0};
  bool nagle{true};
  bool keepalive{false};
  bool timestamps{true};
  bool sack{true};
  bool window_scale{true};
  bool rack{true};             // RFC 8985: losses told by time, where SACK is agreed on; else by three duplicates
  bool tail_loss_probe{true};  // RFC 8985 §7, where SACK is agreed on
  bool undo_spurious{true};    // RFC 2883, 3522, 4015, 5682: a reduction that shows as a mistake is taken back
  bool rfc1337{true};          // ignore RST in TIME_WAIT
  bool hystart{true};          // RFC 9406
  bool pacing{false};          // segments spread over the round trip
  bool probe_with_data{true};  // zero-window probe carries one new byte
  // RFC 7323 §3.2: once agreed on, a segment without timestamps is dropped (never a RST).
  bool drop_missing_timestamps{true};
  bool error_reports{true};              // kSoftError and kUrgent are told to the application (SHLD-20)
  bool close_with_peer{false};           // the peer's FIN closes our direction too, in the segment that acknowledges it
  bool soft_errors_fail_connect{false};  // a soft ICMP error ends a handshake as a hard one does, against MUST-56
  Appearance appearance{};

  bool operator==(const Settings&) const = default;
};

}  // namespace weir::tcp
