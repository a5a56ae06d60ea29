// One proxied connection: the client's and the back end's, joined.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <weir/balance/event_tag.h>
#include <weir/balance/service_config.h>
#include <weir/base/timer_wheel.h>
#include <weir/stack/host.h>

namespace weir::balance {

enum class Phase : std::uint8_t { kConnecting, kOpen };

// What holds for one side, or for the direction that starts there.
struct SessionEnd {
  stack::ConnectionId id;
  bool passed = false;  // end of stream read here and passed on: the other side was shut down
  bool gone = false;    // both streams of this connection ended in good order
};

struct Session {
  std::array<SessionEnd, 2> ends;  // by Side
  TimerLinks timer;
  Tick connect_by{};              // while connecting
  Tick last_moved{};              // when bytes or an end moved last
  std::uint32_t outstanding = 0;  // bytes not acknowledged when the timer looked last
  std::uint16_t service = 0;
  Phase phase = Phase::kConnecting;
  std::uint8_t tries = 0;
  std::array<std::uint16_t, kRetriesMax + 1> tried{};

  SessionEnd& end(Side side) { return ends[static_cast<std::size_t>(side)]; }
  std::uint16_t backend() const { return tried[tries - 1u]; }
  std::span<const std::uint16_t> tried_so_far() const { return {tried.data(), tries}; }
  bool is_half_closed() const { return ends[0].passed || ends[1].passed; }
  bool is_over() const { return ends[0].gone && ends[1].gone; }
};
static_assert(sizeof(Session) <= 88);

}  // namespace weir::balance
