// TCP options in the layout that build.h states.
#pragma once

#include <array>
#include <cstdint>

#include <weir/wire/option_layout.h>
#include <weir/wire/segment.h>

namespace weir::wire {

// Writes exactly tcp_options_length(options) bytes.
void write_tcp_options(std::uint8_t* to, const TcpOptions& options);

struct LaidOut {
  std::array<std::uint8_t, 40> bytes{};
  std::uint16_t length = 0;  // a multiple of four
};
// The options of a SYN in the order that `layout` asks for.
LaidOut lay_out(const TcpOptions& options, const OptionLayout& layout);

}  // namespace weir::wire
