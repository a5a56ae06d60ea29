#include "sack_report.h"

namespace weir::tcp {

namespace {

bool is_empty(const SackBlock& block) {
  return block.left == block.right;
}
bool touches(const SackBlock& a, const SackBlock& b) {
  return a.left.at_or_before(b.right) && b.left.at_or_before(a.right);
}

}  // namespace

void report_blocks(const Step& step, TcpOptions& options) {
  if (!step.tcb.has(kSackOk)) return;
  const unsigned room = step.tcb.has(kTimestampsOk) ? 3 : TcpOptions::kSackBlocksMax;
  if (step.duplicate) options.sack[options.sack_count++] = *step.duplicate;
  const Cold* cold = step.cold();
  if (cold == nullptr || cold->out_of_order.is_empty()) return;
  for (const SackBlock& block : cold->reported) {
    if (options.sack_count == room || is_empty(block)) return;
    options.sack[options.sack_count++] = block;
  }
}

void note_block(Cold& cold, SackBlock block) {
  std::array<SackBlock, TcpOptions::kSackBlocksMax> kept{};
  std::size_t count = 0;
  kept[count++] = block;
  for (const SackBlock& old : cold.reported)
    if (!is_empty(old) && !touches(old, block) && count < kept.size()) kept[count++] = old;
  cold.reported = kept;
}

void forget_blocks_before(Cold& cold, SeqNum rcv_nxt) {
  std::array<SackBlock, TcpOptions::kSackBlocksMax> kept{};
  std::size_t count = 0;
  for (const SackBlock& old : cold.reported)
    if (!is_empty(old) && old.left.after(rcv_nxt)) kept[count++] = old;
  cold.reported = kept;
}

}  // namespace weir::tcp
