// Explicit congestion notification (RFC 3168): routers mark packets instead of dropping them, the receiver says so
// until the sender says that it slowed down.
#pragma once

#include "step.h"

namespace weir::tcp {

// RFC 3168 §6.1.1: flags of a SYN, and of the SYN-ACK that answers it. Others (one of the two alone in a SYN, both in
// a SYN-ACK) mean that a middle box or an old host does not know what they are: no ECN.
inline bool is_ecn_setup(const Segment& syn) {
  return syn.has(kAck) ? syn.has(kEce) && !syn.has(kCwr) : syn.has(kEce) && syn.has(kCwr);
}
// ECE and CWR of our own SYN or SYN-ACK.
std::uint8_t ecn_setup_flags(const Step& step);
// The peer's SYN or SYN-ACK came: whether both agree.
void agree_on_ecn(Step& step, const Segment& syn);

// Only where Tcb::ecn is not 0, of an acceptable segment with an acceptable ACK, before that is processed.
void note_congestion_marks(Step& step, const Segment& segment);

// What a segment of new data carries beyond its flags. Everything else is not ECN-capable (RFC 3168 §6.1.4 to §6.1.6).
struct EcnMark {
  Ecn ecn = Ecn::kNotEct;
  std::uint8_t flags = 0;
};
EcnMark mark_of_new_data(const Step& step);
// A segment that says CWR was sent.
void note_reduction_told(Step& step);

}  // namespace weir::tcp
