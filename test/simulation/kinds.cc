#include "kinds.h"

namespace weir::testing {
namespace {

constexpr const char* kKinds[] = {
    "link: lost",
    "link: lost in bursts",
    "link: dropped by full queues",
    "link: queued",
    "link: reordered",
    "link: duplicated",
    "link: corrupted",
    "link: too big",
    "link: black-holed",
    "link: down",
    "host: paused",
    "host: packets late by a pause",
    "host: clock jumps",
    "host: packet shortages",
    "host: no packet to receive into",
    "application: over IPv4",
    "application: over IPv6",
    "application: aborts",
    "application: early closes",
    "application: half-closes",
    "application: listeners closed",
    "application: echoes by splice",
    "application: tiny writes",
    "application: huge writes",
    "application: slow readers",
    "application: late readers",
    "application: Nagle off",
    "application: ports used again",
    "application: ended: normal",
    "application: ended: reset",
    "application: ended: refused",
    "wire: bytes sent again",
    "wire: resets",
    "wire: zero windows",
    "wire: window probes",
    "wire: sequence numbers wrapped",
    "wire: SACK blocks",
    "wire: simultaneous opens",
    "tcp: retransmit_timeouts",
    "tcp: fast_retransmits",
    "tcp: zero_window_probes",
    "tcp: keep_alive_probes",
    "tcp: paws_drops",
    "tcp: time_wait_reused",
    "tcp: challenge_acks",
    "tcp: no_packets",
};

}  // namespace

std::vector<std::string> kinds_that_never_happened(const Tally& tally) {
  std::vector<std::string> missing;
  for (const char* kind : kKinds)
    if (tally[kind] == 0) missing.emplace_back(kind);
  return missing;
}

}  // namespace weir::testing
