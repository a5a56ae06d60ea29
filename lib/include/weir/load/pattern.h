// Bytes made up as they are needed, each a function of its place in the stream, so that a receiver can tell what is
// missing or misplaced.
#pragma once

#include <cstdint>
#include <span>

namespace weir::load {

// Lines of seven hexadecimal digits that count from 0: "0000000\n0000001\n"... Repeats after 2 GiB.
void fill_numbered_lines(std::span<std::uint8_t> out, std::uint64_t at);

// RFC 864's popular pattern: 72 of the 95 printing characters, one further on each line, CR LF.
void fill_chargen(std::span<std::uint8_t> out, std::uint64_t at);

}  // namespace weir::load
