// TCP options in the layout that build.h states.
#pragma once

#include <cstdint>

#include <weir/wire/segment.h>

namespace weir::wire {

// Writes exactly tcp_options_length(options) bytes.
void write_tcp_options(std::uint8_t* to, const TcpOptions& options);

}  // namespace weir::wire
