// The order in which a SYN says its options, and what fills the gaps.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::wire {

enum class OptionKind : std::uint8_t {
  kEnd = 0,
  kNop = 1,
  kMss = 2,
  kWindowScale = 3,
  kSackPermitted = 4,
  kTimestamps = 8,
};

// Of an option that the segment does not have, the NOPs right before it are left out too. Options that the segment
// has and the layout does not name follow behind. Zeros fill up to a multiple of four bytes.
struct OptionLayout {
  static constexpr unsigned kNopsMax = 20;  // with every option named once, all fit in 40 bytes
  static constexpr unsigned kPlaces = kNopsMax + 5;

  std::array<OptionKind, kPlaces> kinds{};
  std::uint8_t count = 0;  // 0: the order and padding of write_tcp() without a layout

  // "mss,sackOK,TS,nop,wscale", as tcpdump names them; "eol" last asks for at least one zero. Nothing for an unknown
  // name, an option twice, too many NOPs, or anything behind "eol".
  static std::optional<OptionLayout> parse(std::string_view text);
  std::string to_string() const;

  bool operator==(const OptionLayout&) const = default;
};

}  // namespace weir::wire
