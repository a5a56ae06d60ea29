// TCP options as scripts write them, as tcpdump would: "mss 1460", "nop", "sack 1:101".
#pragma once

#include <string>
#include <vector>

#include "packet.h"

namespace weir::scripts {

// Sequence numbers of SACK are relative to `isn`.
std::vector<std::string> describe_options(const Bytes& options, std::uint32_t isn);
// Zeros fill up to a multiple of four; throws ScriptError.
Bytes encode_options(const std::string& text, std::uint32_t isn);
// `wanted` as a script has it, with "*" and "..." in it.
bool options_match(const std::string& wanted, const std::vector<std::string>& got);
std::string joined(const std::vector<std::string>& options);

}  // namespace weir::scripts
