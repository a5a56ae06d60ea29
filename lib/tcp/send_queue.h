// Cold::send: packets from the first unacknowledged byte on. Those sent come first; `unsent` points at the rest.
#pragma once

#include "output.h"
#include "step.h"

namespace weir::tcp {

// Packets pin whole buffers however few bytes they hold, and an ACK may walk over all that are in flight: their number
// is bounded too. Where a tiny MSS cuts them up, the rest waits for ACKs (CVE-2019-11477, CVE-2019-11478).
constexpr std::uint32_t packets_max(std::uint32_t buffer) {
  return 64 + buffer / 256;
}

// Puts a packet at the end; its bytes follow on from what is queued.
void enqueue(Step& step, Cold& cold, Packet payload);

// Packets from `first` that make one segment of at most `limit` bytes; `cut` is how much of the last one belongs to
// it when not all does. Nothing is changed.
struct Plan {
  Run run;
  std::uint32_t cut = 0;
};
Plan plan_segment(rte_mbuf* first, std::uint32_t limit);
// Makes the plan's segment end at a packet's end. False, counted, when packets ran out.
[[nodiscard]] bool cut_to_plan(Step& step, Cold& cold, const Plan& plan);

// What freed packets tell about the round trip.
struct AckedPackets {
  std::uint32_t sent_at_us = 0;  // of the last one, when is_timed
  bool is_timed = false;
  bool is_ambiguous = false;  // one of them was sent twice (Karn)
};
// Frees what `ack` acknowledges beyond snd_una.
AckedPackets forget_acknowledged(Step& step, Cold& cold, const Segment& ack);

// What is believed to be in the network (RFC 6675 pipe).
std::uint32_t pipe(const Step& step);

}  // namespace weir::tcp
