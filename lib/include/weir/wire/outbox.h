// Where packets leave: a bounded batch, handed on when full or at the end of a burst. One call per batch.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <weir/wire/packet.h>

namespace weir {

class Outbox {
 public:
  static constexpr std::uint32_t kBatch = 64;
  // Takes ownership of every packet in the batch. The packets are IP packets (no link header).
  using Flush = void (*)(void* context, std::span<rte_mbuf*> batch);

  Outbox(Flush on_full, void* context) : flush_(on_full), context_(context) {}
  ~Outbox() { WEIR_DCHECK(count_ == 0); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void push(Packet packet) {
    batch_[count_++] = packet.release();
    if (count_ == kBatch) flush();
  }
  void flush() {
    if (count_ == 0) return;
    const std::uint32_t count = std::exchange(count_, 0);
    flush_(context_, std::span{batch_.data(), count});
  }

 private:
  std::array<rte_mbuf*, kBatch> batch_;
  std::uint32_t count_ = 0;
  Flush flush_;
  void* context_;
};

}  // namespace weir
