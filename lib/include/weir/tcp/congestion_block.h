// What congestion control knows beyond cwnd and ssthresh. Taken from Context::congestion when a window in use grows
// or is reduced for the first time; named by Cold::congestion and given back with that cold block. A connection that
// gets none (the pool is empty, or there is no pool) behaves as NewReno with plain slow start.
#pragma once

#include <cstdint>

#include <weir/base/instant.h>
#include <weir/wire/seq_num.h>

namespace weir::tcp {

// CUBIC (RFC 9438 §4.1.2): windows in bytes, times in milliseconds.
struct CubicEpoch {
  std::uint32_t w_max = 0;       // window just before the last reduction; 0: there was none, or a timeout since
  std::uint32_t cwnd_prior = 0;  // the same, not lowered for fast convergence
  std::uint32_t w_est = 0;       // what Reno would have; 0: no epoch runs
  std::uint32_t k_ms = 0;        // from the epoch's start until w_max is reached again
  Tick started{};                // t_epoch, moved on by time in which the window was not used
};

struct Cubic {
  CubicEpoch epoch;
  CubicEpoch undo;                 // as it was before the last reduction
  std::uint32_t fraction = 0;      // of a byte of cwnd, in units of 1/cwnd
  std::uint32_t fraction_est = 0;  // of w_est
  Tick updated_at{};               // last time the window grew or could have
};

// HyStart++ (RFC 9406 §4.2): round trips in microseconds.
struct HyStart {
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  SeqNum round_end;  // windowEnd, while `runs`
  std::uint32_t last_round_min = kNone;
  std::uint32_t round_min = kNone;
  std::uint32_t css_baseline = kNone;  // kNone: not in conservative slow start
  std::uint8_t samples = 0;            // in this round, saturating
  std::uint8_t css_rounds = 0;
  bool runs = false;
};

struct CongestionBlock {
  Cubic cubic;
  HyStart hystart;
};
static_assert(sizeof(CongestionBlock) <= 96);

}  // namespace weir::tcp
