#include "path_mtu.h"

#include "options.h"

namespace weir::tcp {

namespace {

// What nearly every path carries: IPv6's smallest MTU.
constexpr std::uint16_t kMtuOfNearlyAllPaths = 1280;
constexpr unsigned kTimeoutsPerStep = 2;

std::uint16_t mss_of(const Step& step, std::uint16_t mtu) {
  return effective_mss(0xffff, mtu, step.tcb.remote.is_v4(), step.tcb.has(kTimestampsOk));
}

// Nothing when segments are as small as they get.
std::optional<std::uint16_t> next_smaller(const Step& step) {
  for (const std::uint16_t mtu : {kMtuOfNearlyAllPaths, path_mtu_min(step.tcb.remote.is_v4())})
    if (const std::uint16_t mss = mss_of(step, mtu); mss < step.tcb.mss) return mss;
  return {};
}

}  // namespace

std::uint16_t path_mtu_min(bool is_v4) {
  return is_v4 ? 552 : 1280;
}

std::uint16_t path_mtu(const Step& step) {
  const std::uint16_t mtu = step.local().mtu;
  const PathMtuCache* known = step.context.path_mtus;
  if (known == nullptr || known->is_empty(step.context.now)) return mtu;
  return std::min(mtu, known->find(step.tcb.remote, step.context.now).value_or(mtu));
}

void lower_mss(Step& step, std::uint16_t mss) {
  Tcb& tcb = step.tcb;
  step.count(Counter::kPathMtuLowered);
  if (Cold* cold = step.need_cold()) {
    cold->path_full_mss = std::max(cold->path_full_mss, tcb.mss);
    cold->path_until = step.now() + static_cast<std::uint32_t>(step.settings.path_mtu_life.count());
    cold->timed |= kTimedPathMtu;
  }
  tcb.mss = mss;
}

void suspect_black_hole(Step& step) {
  const unsigned patience = step.settings.black_hole_retries;
  const unsigned retries = step.tcb.retries;
  if (patience == 0 || retries < patience || (retries - patience) % kTimeoutsPerStep != 0) return;
  const auto smaller = next_smaller(step);
  if (!smaller || flight(step.tcb) <= *smaller) return;  // what is lost is small already
  step.count(Counter::kBlackHoles);
  lower_mss(step, *smaller);
}

void restore_mss(Step& step, Cold& cold) {
  cold.timed = static_cast<std::uint8_t>(cold.timed & ~kTimedPathMtu);
  step.tcb.mss = std::max(step.tcb.mss, std::exchange(cold.path_full_mss, std::uint16_t{0}));
}

}  // namespace weir::tcp
