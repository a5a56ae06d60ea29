#include "step.h"

#include "congestion.h"

namespace weir::tcp {

Cold* Step::need_cold() {
  if (cold_ != nullptr) return cold_;
  tcb.cold = context.cold->allocate();
  if (tcb.cold == kNoIndex) return count(Counter::kNoColdBlocks), nullptr;
  cold_ = &(*context.cold)[tcb.cold];
  cold_->recover = tcb.snd_una - 1;  // RFC 6582: nothing sent so far was lost
  cold_->retransmit_at = tcb.retransmit_at;
  return cold_;
}

CongestionBlock* Step::congestion() const {
  const Cold* block = cold();
  return block == nullptr || block->congestion == kNoIndex ? nullptr : &(*context.congestion)[block->congestion];
}

CongestionBlock* Step::need_congestion() {
  Cold* block = cold();
  if (block == nullptr || context.congestion == nullptr) return nullptr;
  if (block->congestion == kNoIndex) block->congestion = context.congestion->allocate();
  if (block->congestion == kNoIndex) return count(Counter::kNoCongestionBlocks), nullptr;
  return congestion();
}

void Step::release_cold() {
  if (tcb.cold == kNoIndex) return;
  if (const std::uint32_t block = cold()->congestion; block != kNoIndex) context.congestion->free(block);
  context.cold->free(std::exchange(tcb.cold, kNoIndex));
  cold_ = nullptr;
}

void Step::release_cold_if_quiet() {
  const Cold* block = cold();
  if (block == nullptr) return;
  const bool has_packets = !block->send.is_empty() || !block->receive.is_empty() || !block->out_of_order.is_empty();
  const bool awaits_urgent = block->has_rcv_up && block->rcv_up.after(tcb.rcv_nxt);
  if (has_packets || awaits_urgent || block->timed != 0 || block->has_zero_window || block->in_recovery ||
      block->has_fin || block->has_unacked_since)
    return;
  if (has_open_question(tcb, *block) || is_congestion_remembered(*this)) return;
  release_cold();
}

}  // namespace weir::tcp
