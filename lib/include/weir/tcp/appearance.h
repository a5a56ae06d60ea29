// What the other end sees of a connection, chosen by whoever opens it rather than by the stack: to compare packets
// byte by byte, or to look like another host. As it stands, everything is left to the stack.
#pragma once

#include <cstdint>
#include <optional>

#include <weir/wire/option_layout.h>
#include <weir/wire/seq_num.h>

namespace weir::tcp {

struct Appearance {
  // Instead of RFC 6528's. Numbers that can be guessed: not for a network that others reach (MUST-9).
  std::optional<SeqNum> iss{};
  // TSval is the clock in milliseconds plus this, instead of RFC 7323 §5.4's offset.
  std::optional<std::uint32_t> timestamp_offset{};
  // Bytes announced in every window field, however much is unread; 0: what fits in the receive buffer.
  std::uint32_t fixed_window = 0;
  wire::OptionLayout syn_layout{};  // of SYN and SYN-ACK

  bool operator==(const Appearance&) const = default;
};

}  // namespace weir::tcp
