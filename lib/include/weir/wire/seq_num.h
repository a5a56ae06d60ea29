// Sequence numbers and windows (RFC 9293 §3.4, RFC 7323 §2): types that cannot be mixed up.
#pragma once

#include <algorithm>
#include <cstdint>

namespace weir {

// Modulo 2^32. There is no operator<: the order is not transitive around the circle.
class SeqNum {
 public:
  constexpr SeqNum() = default;
  explicit constexpr SeqNum(std::uint32_t value) : value_(value) {}

  constexpr std::uint32_t value() const { return value_; }
  constexpr bool before(SeqNum other) const { return static_cast<std::int32_t>(value_ - other.value_) < 0; }
  constexpr bool after(SeqNum other) const { return other.before(*this); }
  constexpr bool at_or_before(SeqNum other) const { return !after(other); }
  constexpr bool at_or_after(SeqNum other) const { return !before(other); }
  constexpr bool operator==(const SeqNum&) const = default;

  constexpr SeqNum operator+(std::uint32_t n) const { return SeqNum{value_ + n}; }
  constexpr SeqNum operator-(std::uint32_t n) const { return SeqNum{value_ - n}; }
  constexpr SeqNum& operator+=(std::uint32_t n) { return value_ += n, *this; }
  // How far this lies beyond `earlier`; meaningful when at_or_after(earlier).
  constexpr std::uint32_t since(SeqNum earlier) const { return value_ - earlier.value_; }

  static constexpr SeqNum earliest(SeqNum a, SeqNum b) { return a.before(b) ? a : b; }
  static constexpr SeqNum latest(SeqNum a, SeqNum b) { return a.after(b) ? a : b; }

 private:
  std::uint32_t value_ = 0;
};

// RFC 7323 §2.3: a shift above 14 is treated as 14.
class WindowScale {
 public:
  static constexpr std::uint8_t kMax = 14;
  constexpr WindowScale() = default;
  explicit constexpr WindowScale(unsigned shift) : shift_(static_cast<std::uint8_t>(std::min(shift, 14U))) {}
  constexpr std::uint8_t shift() const { return shift_; }
  constexpr bool operator==(const WindowScale&) const = default;

 private:
  std::uint8_t shift_ = 0;
};

// The 16-bit field as it stands on the wire; becomes bytes only by `window << scale`.
class UnscaledWindow {
 public:
  constexpr UnscaledWindow() = default;
  explicit constexpr UnscaledWindow(std::uint16_t value) : value_(value) {}
  constexpr std::uint16_t value() const { return value_; }
  constexpr bool operator==(const UnscaledWindow&) const = default;

 private:
  std::uint16_t value_ = 0;
};

// A window in bytes, at most 2^30 - 1.
class WindowSize {
 public:
  constexpr WindowSize() = default;
  explicit constexpr WindowSize(std::uint32_t bytes) : bytes_(std::min(bytes, kMaxBytes)) {}
  static constexpr std::uint32_t kMaxBytes = (1U << 30) - 1;
  constexpr std::uint32_t bytes() const { return bytes_; }
  constexpr bool operator==(const WindowSize&) const = default;

 private:
  std::uint32_t bytes_ = 0;
};

constexpr WindowSize operator<<(UnscaledWindow window, WindowScale scale) {
  return WindowSize{std::uint32_t{window.value()} << scale.shift()};
}
// Rounds down, as a sender of windows must.
constexpr UnscaledWindow operator>>(WindowSize window, WindowScale scale) {
  return UnscaledWindow{static_cast<std::uint16_t>(std::min(window.bytes() >> scale.shift(), 0xffffU))};
}

}  // namespace weir
