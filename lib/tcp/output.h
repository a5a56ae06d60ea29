// One segment at a time, from the state to the wire.
#pragma once

#include "step.h"

namespace weir::tcp {

// A segment gathers at most this many pieces of queued packets.
inline constexpr unsigned kPiecesMax = 16;
// Pieces up to this size are copied behind the headers rather than referred to: cheaper than a packet of their own.
inline constexpr std::uint32_t kCopyMax = 256;

// Whole packets of Cold::send, one after the other, that make one segment.
struct Run {
  rte_mbuf* first = nullptr;
  unsigned count = 0;
  std::uint32_t length = 0;
};

// SYN, or SYN-ACK in SYN-RECEIVED.
void emit_syn(Step& step);
// No text: ACK, FIN, a probe. `seq` is as given, ACK number and window are the current ones.
void emit_control(Step& step, SeqNum seq, std::uint8_t flags);
// RST|ACK at snd_nxt, as ABORT sends it.
void emit_reset(Step& step);
// RST with the sequence number that the peer's bad ACK asked for; no ACK.
void emit_bare_reset(Step& step, SeqNum seq);
// The run's bytes, ACK and `flags`. False, counted, when packets ran out: nothing was sent.
[[nodiscard]] bool emit_text(Step& step, const Run& run, std::uint8_t flags, Ecn ecn = Ecn::kNotEct);

// Text that fits in a segment beside the options that it would carry now (MUST-16).
std::uint32_t payload_max(const Step& step);

}  // namespace weir::tcp
