// The tag that the host returns with each event (stack::Event::user): what the event concerns, and which one.
#pragma once

#include <cstdint>

namespace weir::balance {

enum class TagKind : std::uint8_t { kListener, kSession, kCheck };
enum class Side : std::uint8_t { kClient, kBackend };

constexpr Side other(Side side) {
  return side == Side::kClient ? Side::kBackend : Side::kClient;
}

// A kind in the two highest bits, an index below 2^29 with a side in the rest.
struct EventTag {
  TagKind kind = TagKind::kListener;
  std::uint32_t index = 0;
  Side side = Side::kClient;  // of a session

  static constexpr std::uint32_t kIndexMax = (1u << 29) - 1;

  constexpr std::uint32_t encode() const {
    return static_cast<std::uint32_t>(kind) << 30 | index << 1 | static_cast<std::uint32_t>(side);
  }
  static constexpr EventTag decode(std::uint32_t user) {
    return {static_cast<TagKind>(user >> 30), user >> 1 & kIndexMax, static_cast<Side>(user & 1)};
  }
};

}  // namespace weir::balance
