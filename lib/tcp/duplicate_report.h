// RFC 2883, the sender's side: what the peer says it received twice.
#pragma once

#include "step.h"

namespace weir::tcp {

// The D-SACK block of an ACK: the first, when it lies below the ACK number or within the second.
inline std::optional<SackBlock> duplicate_report(const Segment& ack) {
  const TcpOptions& options = ack.options;
  if (options.sack_count == 0) return {};
  const SackBlock& first = options.sack[0];
  if (!first.left.before(first.right)) return {};
  if (first.right.at_or_before(ack.ack)) return first;
  if (options.sack_count == 1) return {};
  const SackBlock& second = options.sack[1];
  const bool is_within = second.left.at_or_before(first.left) && first.right.at_or_before(second.right);
  return is_within ? std::optional{first} : std::nullopt;
}

}  // namespace weir::tcp
