// Every reason for which a packet is dropped before or beside a connection, with a name and a counter.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace weir::stack {

enum class DropReason : std::uint8_t {
  // wire::parse
  kTruncated,
  kIpVersion,
  kIpHeaderLength,
  kIpTotalLength,
  kIpChecksum,
  kIpSource,
  kIpDestination,
  kIpExtension,
  kTcpDataOffset,
  kTcpChecksum,
  kTcpOptionLength,
  kTcpPortZero,
  kIcmpChecksum,
  kIcmpTruncated,
  // stack
  kNotForUs,         // destination address is not ours
  kUnknownProtocol,  // neither TCP nor ICMP
  kLand,             // source equals destination
  kBadFlags,         // SYN with FIN for a listener
  kFragmentTable,    // reassembly gave up: table full, overlap, too many pieces or too late
  kNoListener,       // answered with RST
  kHalfOpenFull,
  kSynCookieWrong,   // final ACK that is no cookie of ours, or no longer
  kSynCookieSpent,   // ... whose cookie has opened a connection before
  kSynShed,          // to a listener under attack, while more comes than can be answered
  kAcceptQueueFull,  // final ACK dropped: the peer repeats
  // An operator's limits (stack/limits.h): SYNs and final ACKs.
  kSourceDenied,
  kSourceConnectionLimit,
  kSourceRateLimit,
  kConnectionLimit,
  kRateLimit,
  kNoConnections,  // pool of connections used up
  kNoColdBlocks,
  kNoPackets,  // pool of packets used up
  kTableFull,
  kIcmpUnmatched,  // ICMP error that fits no connection, or fails the RFC 5927 checks
  kIcmpIgnored,    // a type we do not act on (source quench, ...)
  kIcmpRateLimited,
  // link
  kUnknownEtherType,
  kNotOurMac,
  kArpMalformed,
  kArpIgnored,
  kNdpMalformed,
  kNdpIgnored,
  kNeighbourQueueFull,  // too many packets wait for one neighbour
  kNeighbourFailed,     // no answer
  kNeighbourTableFull,
  kNoRoute,
  kTransmitQueueFull,
  kHandOverFull,     // ring to another worker full
  kTooBig,           // longer than the interface's MTU, and not to be fragmented
  kNoHeadroom,       // no room for the link header
  kLinkDown,         // to be sent while the interface's link is down
  kAddressConflict,  // another station claims an address of ours
  kCount,
};
inline constexpr unsigned kDropReasons = static_cast<unsigned>(DropReason::kCount);
const char* to_string(DropReason reason);

// One writer, any reader.
class DropCounters {
 public:
  void add(DropReason reason, std::uint64_t n = 1) {
    auto& counter = counters_[static_cast<unsigned>(reason)];
    counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t operator[](DropReason reason) const {
    return counters_[static_cast<unsigned>(reason)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kDropReasons> counters_{};
};

}  // namespace weir::stack
