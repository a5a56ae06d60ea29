// Segments that meet a TIME_WAIT record (RFC 9293 §3.10.7.4, RFC 6191, RFC 1337, RFC 7323 §5.5).
#pragma once

#include <weir/flow/time_wait_table.h>
#include <weir/tcp/context.h>
#include <weir/wire/segment.h>

namespace weir::tcp {

enum class TimeWaitStep : std::uint8_t {
  kNothing,  // dropped, or ACKed
  kRestart,  // repeated FIN: ACKed, 2*MSL starts again
  kReuse,    // an acceptable new SYN: forget the record, treat as if in LISTEN with ISS after record.snd_nxt
  kRemove,   // RST, where RFC 1337 is switched off
};
TimeWaitStep on_segment_in_time_wait(Context& context, const TimeWait& record, const Settings& settings,
                                     const Segment& segment);

}  // namespace weir::tcp
