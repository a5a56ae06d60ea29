// CUBIC (RFC 9438) in integers: windows in bytes up to kWindowMax, times in milliseconds. Knows no connection.
#pragma once

#include <weir/tcp/congestion_block.h>

namespace weir::tcp {

// RFC 7323 §2.3: no peer can offer more.
inline constexpr std::uint32_t kWindowMax = 1U << 30;

// An ACK in congestion avoidance of a window that was in use.
struct CubicAck {
  std::uint32_t cwnd = 0;
  std::uint32_t mss = 0;  // at least 1
  std::uint32_t acked = 0;
  std::uint32_t round_trip_ms = 0;  // smoothed
  Tick now{};
};

// W_cubic(t) of §4.2 for an epoch that runs; never above kWindowMax.
std::uint32_t cubic_window(const CubicEpoch& epoch, std::uint32_t mss, std::uint32_t t_ms);
// K of §4.2 for a window that is `below` bytes under w_max.
std::uint32_t cubic_k_ms(std::uint32_t below, std::uint32_t mss);

// The window after this ACK: at least cwnd, at most half as much again for each window acknowledged.
std::uint32_t cubic_grow(Cubic& cubic, const CubicAck& ack);
// Time until `now` went by without use of the window: the curve waits (§4.2, §5.8).
void cubic_skip(Cubic& cubic, Tick now);
// The window starts anew after an idle time: so does the epoch.
void cubic_end_epoch(Cubic& cubic);
// §4.6, §4.7: ssthresh after loss or ECN met with `flight` under way; remembers w_max.
std::uint32_t cubic_reduce(Cubic& cubic, std::uint32_t cwnd, std::uint32_t flight);
// §4.8: the next epoch starts without a w_max.
void cubic_forget(Cubic& cubic);
// §4.9.2: as it was before the last cubic_reduce().
void cubic_undo(Cubic& cubic);

}  // namespace weir::tcp
