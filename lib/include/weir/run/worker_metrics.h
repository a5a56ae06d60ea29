// What a worker counts about itself. One writer, the worker; any reader.
#pragma once

#include <weir/base/count.h>

namespace weir::run {

struct WorkerMetrics {
  Count turns;
  Count busy_turns;  // that received, sent, or had timers or commands to handle
  Count sleeps;
  Count busy_ns;         // of busy turns
  Count idle_ns;         // the rest, sleep included
  Count handed_over;     // packets given to other workers
  Count taken_over;      // packets taken from other workers
  Count hand_over_full;  // dropped: the ring to their owner was full
  Count missteered;      // handed to a wrong worker on purpose
  Count neighbour_copies;
  Count commands;
  Count rx_burst_max;  // high-water marks: packets of one turn ...
  Count take_over_max;
};

}  // namespace weir::run
