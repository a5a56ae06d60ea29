#include <weir/load/pattern.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace weir::load {
namespace {

constexpr std::size_t kLine = 8;
constexpr std::size_t kLinesOfBlock = 16;  // that differ in their last digit alone

// As it lies in memory, from the first character on.
constexpr std::uint64_t in_memory_order(std::uint64_t characters) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(characters) : characters;
}

// A nibble for each byte, all digits at once.
constexpr std::uint64_t numbered_line(std::uint64_t number) {
  std::uint64_t nibbles = number << 4 & 0xffff'ffff;  // the eighth becomes the end of the line
  nibbles = (nibbles | nibbles << 16) & 0x0000'ffff'0000'ffff;
  nibbles = (nibbles | nibbles << 8) & 0x00ff'00ff'00ff'00ff;
  nibbles = (nibbles | nibbles << 4) & 0x0f0f'0f0f'0f0f'0f0f;
  const std::uint64_t letters = (nibbles + 0x0606'0606'0606'0606) >> 4 & 0x0101'0101'0101'0101;
  const std::uint64_t digits = nibbles + 0x3030'3030'3030'3030 + letters * ('a' - '0' - 10);
  return in_memory_order((digits & ~std::uint64_t{0xff}) | '\n');
}

// What turns the line of a multiple of 16 into the one that is so many further.
constexpr auto kLastDigits = [] {
  std::array<std::uint64_t, kLinesOfBlock> all{};
  for (std::size_t i = 0; i < kLinesOfBlock; ++i) all[i] = numbered_line(0) ^ numbered_line(i);
  return all;
}();

// Returns how many bytes were filled: whole lines of one block. Most of an answer consists of such lines.
std::size_t fill_block(std::span<std::uint8_t> out, std::uint64_t number) {
  const std::size_t first = number % kLinesOfBlock;
  const std::size_t count = std::min(out.size() / kLine, kLinesOfBlock - first);
  const std::uint64_t block = numbered_line(number - first);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t line = block ^ kLastDigits[first + i];
    std::memcpy(out.data() + i * kLine, &line, kLine);
  }
  return count * kLine;
}

std::size_t fill_part(std::span<std::uint8_t> out, std::uint64_t at) {
  const std::uint64_t line = numbered_line(at / kLine);
  const std::size_t skip = at % kLine;
  const std::size_t taken = std::min(out.size(), kLine - skip);
  std::memcpy(out.data(), reinterpret_cast<const std::uint8_t*>(&line) + skip, taken);
  return taken;
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
    const bool is_whole = at % kLine == 0 && out.size() >= kLine;
    const std::size_t taken = is_whole ? fill_block(out, at / kLine) : fill_part(out, at);
    out = out.subspan(taken);
    at += taken;
  }
}

void fill_chargen(std::span<std::uint8_t> out, std::uint64_t at) {
  for (std::uint8_t& byte : out) byte = chargen_byte(at++);
}

}  // namespace weir::load
