#include "step.h"

namespace weir::tcp {

Cold* Step::need_cold() {
  if (tcb.cold != kNoIndex) return cold();
  tcb.cold = context.cold->allocate();
  if (tcb.cold == kNoIndex) return count(Counter::kNoColdBlocks), nullptr;
  Cold* fresh = cold();
  fresh->recover = tcb.snd_una - 1;  // RFC 6582: nothing sent so far was lost
  fresh->retransmit_at = tcb.retransmit_at;
  return fresh;
}

void Step::release_cold_if_quiet() {
  const Cold* block = cold();
  if (block == nullptr) return;
  const bool has_packets = !block->send.is_empty() || !block->receive.is_empty() || !block->out_of_order.is_empty();
  if (has_packets || block->in_recovery || block->has_fin || block->has_unacked_since) return;
  if (has_open_question(tcb, *block)) return;
  context.cold->free(std::exchange(tcb.cold, kNoIndex));
}

}  // namespace weir::tcp
