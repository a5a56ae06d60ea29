// When packets run low (PacketPool::is_low()), what can wait gives way to what cannot.
#pragma once

#include <cstdint>

namespace weir::tcp {

// One in so many is left to others by text beyond holes, and by windows that a peer holds shut (RFC 6429 leaves it to
// the resource manager when).
inline constexpr std::uint32_t kReserveShare = 8;

// Text that waits to be acknowledged holds packets until ACKs come, for which there must be packets too: else nothing
// is ever received again.
inline constexpr std::uint32_t kSendReserveShare = 16;

}  // namespace weir::tcp
