#include "cubic.h"

#include <algorithm>

namespace weir::tcp {

namespace {

// beta_cubic 0.7, and alpha_cubic = 3 (1 - beta) / (1 + beta) = 9/17.
constexpr std::uint64_t kBetaTenths = 7;
constexpr std::uint64_t kAlphaNumerator = 9;
constexpr std::uint64_t kAlphaDenominator = 17;
// C = 0.4 segments per s^3: thousandths of a segment are ms^3 / 2,500,000.
constexpr std::uint64_t kCubeToMilliSegments = 2'500'000;
constexpr std::uint64_t kDistanceToCube = kCubeToMilliSegments * 1000;
// |t - K| beyond which the curve has left every window behind: 400,000^3 < 2^63, and stands for 25 million segments.
constexpr std::uint64_t kAwayMsMax = 400'000;

std::uint64_t cubed_bytes(std::uint64_t away_ms, std::uint64_t mss) {
  const std::uint64_t away = std::min(away_ms, kAwayMsMax);
  return away * away * away / kCubeToMilliSegments * mss / 1000;
}

// The largest r with r^3 <= n, bit by bit.
std::uint32_t cube_root(std::uint64_t n) {
  constexpr std::uint64_t kTop = 1U << 21;  // 2^63
  std::uint64_t root = 0;
  for (std::uint64_t bit = kTop; bit != 0; bit >>= 1) {
    const std::uint64_t tried = root + bit;
    if (tried <= 2'642'245 && tried * tried * tried <= n) root = tried;  // above, the cube exceeds 64 bits
  }
  return static_cast<std::uint32_t>(root);
}

// amount * acked / window, and what is left over for the next time.
std::uint32_t share(std::uint64_t amount, const CubicAck& ack, std::uint32_t& fraction) {
  const std::uint64_t window = std::max(1U, ack.cwnd);
  const std::uint64_t sum = amount * std::min(ack.acked, ack.cwnd) + fraction;
  fraction = static_cast<std::uint32_t>(sum % window);
  return static_cast<std::uint32_t>(sum / window);
}

void start_epoch(Cubic& cubic, const CubicAck& ack) {
  CubicEpoch& epoch = cubic.epoch;
  epoch.started = ack.now;
  epoch.w_est = std::max(1U, ack.cwnd);
  if (epoch.cwnd_prior == 0) epoch.cwnd_prior = ack.cwnd;  // §4.10: slow start ended without loss
  epoch.w_max = std::max(epoch.w_max, ack.cwnd);
  epoch.k_ms = cubic_k_ms(epoch.w_max - ack.cwnd, ack.mss);
  cubic.fraction = cubic.fraction_est = 0;
}

// §4.3: as Reno, slower while that makes up for the smaller reduction.
void grow_estimate(Cubic& cubic, const CubicAck& ack) {
  CubicEpoch& epoch = cubic.epoch;
  const std::uint64_t mss = ack.mss;
  const std::uint64_t step = epoch.w_est < epoch.cwnd_prior ? mss * kAlphaNumerator / kAlphaDenominator : mss;
  epoch.w_est = std::min(kWindowMax, epoch.w_est + share(step, ack, cubic.fraction_est));
}

}  // namespace

std::uint32_t cubic_window(const CubicEpoch& epoch, std::uint32_t mss, std::uint32_t t_ms) {
  if (t_ms < epoch.k_ms) {
    const std::uint64_t below = cubed_bytes(epoch.k_ms - t_ms, mss);
    return below < epoch.w_max ? static_cast<std::uint32_t>(epoch.w_max - below) : 0;
  }
  const std::uint64_t above = cubed_bytes(t_ms - epoch.k_ms, mss);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(kWindowMax, epoch.w_max + above));
}

std::uint32_t cubic_k_ms(std::uint32_t below, std::uint32_t mss) {
  return cube_root(std::uint64_t{std::min(below, kWindowMax)} * kDistanceToCube / mss);
}

std::uint32_t cubic_grow(Cubic& cubic, const CubicAck& ack) {
  if (cubic.epoch.w_est == 0) start_epoch(cubic, ack);
  cubic.updated_at = ack.now;
  grow_estimate(cubic, ack);
  const std::uint32_t t = ack.now.since(cubic.epoch.started);
  if (cubic_window(cubic.epoch, ack.mss, t) < cubic.epoch.w_est) return std::max(ack.cwnd, cubic.epoch.w_est);
  const std::uint32_t aim = cubic_window(cubic.epoch, ack.mss, t + ack.round_trip_ms);
  const std::uint32_t target = std::clamp(aim, ack.cwnd, ack.cwnd + ack.cwnd / 2);
  return std::min(kWindowMax, ack.cwnd + share(target - ack.cwnd, ack, cubic.fraction));
}

void cubic_skip(Cubic& cubic, Tick now) {
  if (cubic.epoch.w_est == 0) return;
  cubic.epoch.started = cubic.epoch.started + now.since(cubic.updated_at);
  cubic.updated_at = now;
}

void cubic_end_epoch(Cubic& cubic) {
  cubic.epoch.w_est = 0;
}

std::uint32_t cubic_reduce(Cubic& cubic, std::uint32_t cwnd, std::uint32_t flight) {
  cubic.undo = cubic.epoch;
  CubicEpoch& epoch = cubic.epoch;
  // §4.7: a window that did not come back to w_max gives up more.
  const bool is_shrinking = cwnd < epoch.w_max;
  epoch.w_max = is_shrinking ? static_cast<std::uint32_t>(std::uint64_t{cwnd} * (10 + kBetaTenths) / 20) : cwnd;
  epoch.cwnd_prior = cwnd;
  epoch.w_est = 0;
  return static_cast<std::uint32_t>(flight * kBetaTenths / 10);
}

void cubic_forget(Cubic& cubic) {
  cubic.epoch.w_max = 0;
  cubic.epoch.w_est = 0;
}

void cubic_undo(Cubic& cubic) {
  cubic.epoch = cubic.undo;
}

}  // namespace weir::tcp
