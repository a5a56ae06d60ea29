// Frames under way: a fixed number of places, and an order of arrival.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include <weir/base/instant.h>

namespace weir::link {

struct Frame {
  static constexpr std::size_t kBytes = 2048;
  std::uint32_t length = 0;
  std::array<std::byte, kBytes> bytes;
};

// Places for frames. Pages are touched only when so many frames have been under way at once.
class Frames {
 public:
  static constexpr std::uint32_t kFrames = 65536;

  Frames() : frames_(std::make_unique_for_overwrite<Frame[]>(kFrames)) {
    for (std::uint32_t n = kFrames; n-- > 0;) free_.push_back(n);
  }
  // A copy of the frame, at most Frame::kBytes long; nothing when all places are taken.
  std::optional<std::uint32_t> store(std::span<const std::byte> bytes) {
    if (free_.empty()) return std::nullopt;
    const std::uint32_t place = free_.back();
    free_.pop_back();
    frames_[place].length = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(frames_[place].bytes.data(), bytes.data(), bytes.size());
    return place;
  }
  std::span<std::byte> operator[](std::uint32_t place) { return {frames_[place].bytes.data(), frames_[place].length}; }
  void give_back(std::uint32_t place) { free_.push_back(place); }

 private:
  std::unique_ptr<Frame[]> frames_;
  std::vector<std::uint32_t> free_;
};

// A frame on its way; `number` is its rank among those of its direction, and decides among equals.
struct UnderWay {
  Instant due;
  std::uint64_t number;
  std::uint32_t place;

  bool operator<(const UnderWay& other) const {  // the first to arrive is on top
    return due != other.due ? due > other.due : number > other.number;
  }
};

using Schedule = std::priority_queue<UnderWay>;

}  // namespace weir::link
