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
const char* to_string(CongestionControl algorithm);  // "cubic", "newreno": as the configuration says it

struct Settings {
  milliseconds rto_initial{1000};        // RFC 6298 (2.1)
  milliseconds rto_min{200};             // RFC 6298 (2.4) says 1 s; 200 ms is what deployed stacks use
  milliseconds rto_max{60000};           // RFC 6298 (2.5)
  milliseconds delayed_ack{40};          // < 500 ms: MUST-40
  milliseconds msl{30000};               // TIME_WAIT lasts 2*MSL; RFC 9293 says 2 min, deployed stacks 30 s
  milliseconds keepalive_idle{7200000};  // MUST-28; used when keepalive is on
  milliseconds keepalive_interval{75000};
  milliseconds user_timeout{0};            // RFC 5482; 0: retries decide
  milliseconds fin_wait_2_timeout{60000};  // orphaned FIN-WAIT-2 only
  milliseconds challenge_ack_interval{500};
  std::uint8_t syn_retries{7};  // R2 for SYN, with back-off from 1 s: 183 s; MUST-23 asks 3 min
  std::uint8_t syn_ack_retries{5};
  std::uint8_t data_retries{15};  // R2, SHLD-11
  std::uint8_t keepalive_probes{9};
  std::uint32_t send_buffer{262144};     // bytes unacknowledged or unsent; bounded per connection
  std::uint32_t receive_buffer{262144};  // largest window ever advertised; decides our window scale
  std::uint16_t mss{0};                  // what we announce; 0: from the route's MTU
  std::uint8_t initial_window{10};       // RFC 6928, segments
  std::uint8_t slow_start_segments{0};   // that one ACK may add in slow start; 0: 8 with pacing, else 2 (RFC 3465)
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
  Appearance appearance{};

  bool operator==(const Settings&) const = default;
};

}  // namespace weir::tcp
