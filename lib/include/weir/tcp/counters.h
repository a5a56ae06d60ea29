// What TCP counts, after RFC 4022 and the names of `nstat` where there is one. One writer, any reader.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace weir::tcp {

enum class Counter : std::uint8_t {
  kActiveOpens,
  kPassiveOpens,
  kEstablished,
  kAttemptFails,
  kEstablishedResets,
  kSegmentsIn,
  kSegmentsOut,
  kBytesIn,
  kBytesOut,
  kRetransmitSegments,
  kRetransmitTimeouts,
  kFastRetransmits,
  kZeroWindowProbes,
  kKeepAliveProbes,
  kResetsIn,
  kResetsOut,
  kChallengeAcks,
  kChallengeAcksLimited,
  kDuplicateAcksIn,
  kOutOfOrderIn,
  kPawsDrops,
  kOutOfWindow,
  kMissingTimestamp,
  kSynAckRetransmits,
  kHalfOpenTimeouts,
  kTimeWaits,
  kTimeWaitReused,
  kTimeoutsGivenUp,
  kOutOfOrderDropped,
  kReceiveCoalesced,
  kSoftErrors,
  kUrgentIn,
  kNoPackets,
  kNoColdBlocks,
  kRackLosses,           // packets found lost by time (RFC 8985)
  kLostRetransmissions,  // ... that had been sent again
  kReorderingTimeouts,   // the reordering timer ended
  kReorderingSeen,       // text that came out of order without a retransmission
  kSackReneging,         // the peer dropped what it had acknowledged selectively
  kInvalidSackBlocks,    // blocks that make no sense
  kDuplicateReportsIn,   // D-SACKs (RFC 2883)
  kTailLossProbes,
  kTailLossRecoveries,      // probes that repaired a loss: the window was reduced
  kSpuriousTimeoutsUndone,  // the original came after all
  kSpuriousRecoveriesUndone,
  kNoCongestionBlocks,
  kHyStartExits,
  kIdleRestarts,
  kPacingWaits,
  kCongestionMarksIn,
  kEcnReductions,
  kReceiveWindowsGrown,
  kGrowthRefused,  // a receive window that would have grown, had packets not run low
  kPathMtuLowered,
  kBlackHoles,  // segments made smaller because large ones met silence
  kZeroWindowsGivenUp,
  kLingersOver,
  kSynCookiesSent,
  kSynCookiesAccepted,
  kSynCookiesDryRun,        // SYNs that would have been answered by a cookie
  kSynCookieResetsLimited,  // RSTs that would have answered what is no cookie
  kSpentCookiesForgotten,   // for others: a replay of theirs would not be noticed
  kNoPorts,                 // connects for which no source port was found
  kTimeWaitsForgotten,      // before their time, for others
  kTimeWaitResets,          // RSTs to a TIME_WAIT that it outlived (RFC 1337)
  kTinyMss,                 // SYNs that announced less than peer_mss_min
  kCount,
};
inline constexpr unsigned kCounters = static_cast<unsigned>(Counter::kCount);
const char* to_string(Counter counter);  // "active_opens", ...: metric names

class Counters {
 public:
  void add(Counter counter, std::uint64_t n = 1) {
    auto& c = counters_[static_cast<unsigned>(counter)];
    c.store(c.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t operator[](Counter counter) const {
    return counters_[static_cast<unsigned>(counter)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kCounters> counters_{};
};

}  // namespace weir::tcp
