// SYN-RECEIVED of a passive open: a small record in a bounded table of its own, until the final ACK comes.
#pragma once

#include <cstdint>

#include <weir/base/instant.h>
#include <weir/base/timer_wheel.h>
#include <weir/flow/flow_key.h>
#include <weir/wire/seq_num.h>

namespace weir {

struct HalfOpen {
  IpAddress remote;
  std::uint16_t remote_port = 0;
  std::uint16_t local_port = 0;
  std::uint16_t local_address = 0;
  std::uint16_t listener = 0;
  SeqNum iss;                   // ours, sent in the SYN-ACK
  SeqNum irs;                   // theirs
  std::uint32_t ts_recent = 0;  // TSval of their SYN
  Tick sent_at{};               // last SYN-ACK: a round trip is measured from it if it was the only one
  UnscaledWindow window;        // of their latest segment (never scaled in a SYN)
  std::uint16_t mss = 0;        // theirs, or the default
  WindowScale snd_scale;        // theirs; ours is the listener's setting
  std::uint8_t retries = 0;     // SYN-ACKs sent beyond the first
  bool has_window_scale : 1 = false;
  bool has_timestamps : 1 = false;
  bool has_sack : 1 = false;
  bool has_ecn : 1 = false;
  bool from_cookie : 1 = false;        // nobody noted when the SYN-ACK was sent
  std::uint8_t retries_max = 0;        // of `retries`
  std::uint32_t timestamp_offset = 0;  // of our TSval from the clock; 0: nobody has worked it out
  TimerLinks timer;

  FlowKey key() const { return {remote, remote_port, local_port, local_address}; }
};
static_assert(sizeof(HalfOpen) <= 64);

}  // namespace weir
