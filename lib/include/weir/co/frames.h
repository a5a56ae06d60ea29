// Memory for the frames of coroutines: a fixed number of blocks of one size, taken at once, so that to start a
// coroutine is to take a block from a list. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir::co {

class Frames {
 public:
  // `bytes` of each are rounded up to a multiple of kAlign.
  Frames(std::uint32_t count, std::uint32_t bytes)
      : stride_((bytes + kHeader + kAlign - 1) / kAlign * kAlign), memory_(std::size_t{count} * stride_ / kAlign) {
    free_.reserve(count);
    for (std::uint32_t i = count; i-- > 0;) free_.push_back(reinterpret_cast<std::byte*>(memory_.data()) + i * stride_);
  }
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;

  // nullptr, counted, when all blocks are taken or none is large enough.
  void* take(std::size_t bytes) {
    largest_ = bytes > largest_ ? bytes : largest_;
    if (free_.empty() || bytes + kHeader > stride_) return ++refused_, nullptr;
    std::byte* block = free_.back();
    free_.pop_back();
    *reinterpret_cast<Frames**>(block) = this;
    return block + kHeader;
  }
  static void give_back(void* frame) {
    std::byte* block = static_cast<std::byte*>(frame) - kHeader;
    (*reinterpret_cast<Frames**>(block))->free_.push_back(block);
  }

  std::size_t available() const { return free_.size(); }
  std::uint64_t refused() const { return refused_; }
  std::size_t largest() const { return largest_; }  // bytes ever asked for: what `bytes` should be at least

 private:
  static constexpr std::size_t kAlign = 64;
  static constexpr std::size_t kHeader = 16;  // whose block it is; keeps the frame aligned as operator new would
  struct alignas(kAlign) Line {
    std::byte bytes[kAlign];
  };

  std::size_t stride_;
  std::vector<Line> memory_;
  std::vector<std::byte*> free_;
  std::uint64_t refused_ = 0;
  std::size_t largest_ = 0;
};

}  // namespace weir::co
