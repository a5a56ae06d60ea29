// How much the receive buffer may hold, which is the largest window announced: dynamic right-sizing. It follows twice
// what the application reads in a round trip, so that a sender that doubles its rate is not held back, and an
// application that reads slowly does not get more to hold. It never takes back what was announced.
#pragma once

#include "step.h"

namespace weir::tcp {

// Packets of the pool that growth leaves to others.
inline constexpr std::uint32_t kGrowthReserveShare = 4;  // one in so many
// A connection that reads nothing for so long starts from the initial size again.
inline constexpr std::uint32_t kGrowthKeptMs = 10'000;

inline std::uint32_t initial_receive_buffer(const Settings& settings) {
  const std::uint32_t wanted = std::max(settings.receive_buffer_initial, settings.appearance.fixed_window);
  return std::min(wanted, settings.receive_buffer);
}

inline std::uint32_t receive_buffer(const Step& step) {
  const Cold* cold = step.cold();
  return cold != nullptr && cold->receive_limit != 0 ? cold->receive_limit : initial_receive_buffer(step.settings);
}

// Full segments come one after the other: from here on it is measured what the application reads.
void begin_growth(Step& step);
// The application has read.
void grow_receive_buffer(Step& step, Cold& cold);
// kGrowthKeptMs have passed.
void end_growth(Cold& cold);

}  // namespace weir::tcp
