#include <weir/load/pattern.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace weir::load {
namespace {

constexpr std::size_t kLine = 8;

// A nibble for each byte, all digits at once: most of an answer consists of such lines.
std::array<std::uint8_t, kLine> numbered_line(std::uint64_t number) {
  std::uint64_t nibbles = number << 4 & 0xffff'ffff;  // the eighth becomes the end of the line
  nibbles = (nibbles | nibbles << 16) & 0x0000'ffff'0000'ffff;
  nibbles = (nibbles | nibbles << 8) & 0x00ff'00ff'00ff'00ff;
  nibbles = (nibbles | nibbles << 4) & 0x0f0f'0f0f'0f0f'0f0f;
  const std::uint64_t letters = (nibbles + 0x0606'0606'0606'0606) >> 4 & 0x0101'0101'0101'0101;
  const std::uint64_t digits = nibbles + 0x3030'3030'3030'3030 + letters * ('a' - '0' - 10);
  std::array<std::uint8_t, kLine> line;
  for (std::size_t i = 0; i < kLine; ++i) line[i] = static_cast<std::uint8_t>(digits >> (56 - 8 * i));
  line[7] = '\n';
  return line;
}

constexpr std::size_t kChargenPrinting = 95;  // ' ' .. '~'
constexpr std::size_t kChargenText = 72;
constexpr std::size_t kChargenLine = kChargenText + 2;

std::uint8_t chargen_byte(std::uint64_t at) {
  const std::uint64_t line = at / kChargenLine % kChargenPrinting;
  const std::uint64_t column = at % kChargenLine;
  if (column >= kChargenText) return column == kChargenText ? '\r' : '\n';
  return static_cast<std::uint8_t>(' ' + (line + column) % kChargenPrinting);
}

}  // namespace

void fill_numbered_lines(std::span<std::uint8_t> out, std::uint64_t at) {
  while (!out.empty()) {
    const auto line = numbered_line(at / kLine);
    const std::size_t skip = at % kLine;
    const std::size_t taken = std::min(out.size(), kLine - skip);
    std::memcpy(out.data(), line.data() + skip, taken);
    out = out.subspan(taken);
    at += taken;
  }
}

void fill_chargen(std::span<std::uint8_t> out, std::uint64_t at) {
  for (std::uint8_t& byte : out) byte = chargen_byte(at++);
}

}  // namespace weir::load
