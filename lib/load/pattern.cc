#include <weir/load/pattern.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace weir::load {
namespace {

constexpr std::size_t kLine = 8;

std::array<std::uint8_t, kLine> numbered_line(std::uint64_t number) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::uint8_t, kLine> line;
  for (std::size_t i = 0; i < 7; ++i) line[i] = static_cast<std::uint8_t>(kDigits[number >> (24 - 4 * i) & 0xf]);
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
