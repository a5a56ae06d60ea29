// HyStart++ (RFC 9406): slow start ends when round trips grow longer, before the queue overflows. Knows no connection.
#pragma once

#include <optional>

#include <weir/tcp/congestion_block.h>

namespace weir::tcp {

// An ACK in the first slow start of a connection.
struct HyStartAck {
  SeqNum snd_una;
  SeqNum snd_nxt;
  std::optional<std::uint32_t> round_trip_us{};  // measured by this ACK
};

enum class HyStartPhase : std::uint8_t {
  kSlowStart,
  kConservative,  // the window grows by a quarter of what slow start adds
  kDone,          // five rounds of that: congestion avoidance from here
};

HyStartPhase hystart_on_ack(HyStart& hystart, const HyStartAck& ack);

}  // namespace weir::tcp
