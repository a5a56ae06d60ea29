// The ECN field of a frame's IP header (RFC 3168 §5).
#pragma once

#include <cstddef>
#include <span>

namespace weir::link {

// Writes Congestion Experienced where the packet's sender says that it can take it; says whether it did.
bool mark(std::span<std::byte> frame);

}  // namespace weir::link
