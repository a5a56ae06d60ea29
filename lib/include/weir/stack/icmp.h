// ICMP and ICMPv6 as a host needs them: echo answered, errors understood. NDP is handled by Network.
#pragma once

#include <cstdint>

#include <weir/base/instant.h>
#include <weir/stack/drop_reason.h>
#include <weir/wire/packet.h>
#include <weir/wire/segment.h>

namespace weir::stack {

enum class IcmpKind : std::uint8_t {
  kDropped,      // malformed or not acted on: `reason` says which
  kEchoRequest,  // answer_echo() makes the reply of it
  kSoft,         // the path has trouble (unreachable 0, 1, 5, ...; time exceeded; parameter problem)
  kHard,         // unreachable 2, 3; IPv6: 1, 4 (RFC 5461 §2.1)
  kTooBig,       // `mtu` is what fits
};

// `local` sent the TCP segment that the error is about; it is the address the error came to. Still to be checked by the
// caller: that there is such a connection, and that `seq` is in flight (RFC 5927 §4.1).
struct IcmpMessage {
  IcmpKind kind = IcmpKind::kDropped;
  DropReason reason = DropReason::kIcmpIgnored;
  Endpoint local{};
  Endpoint remote{};
  SeqNum seq{};
  std::uint16_t mtu = 0;
};

inline constexpr std::uint16_t kPathMtuMinV4 = 552;   // what a forged message can push a path down to
inline constexpr std::uint16_t kPathMtuMinV6 = 1280;  // RFC 8201 §4: less is discarded

// `packet` starts at the IP header and ip.protocol is ICMP or ICMPv6 (of the right family, else dropped).
// Verifies the ICMP checksum, over chains too.
IcmpMessage parse_icmp(const Packet& packet, const IpHeader& ip);

// Turns a request that parse_icmp() called kEchoRequest into its reply, in place; IP options and extension headers are
// left out (RFC 1122 §3.2.2.6 wants route and timestamp options returned: networks filter them, we do not). False when
// the headroom is too small.
[[nodiscard]] bool answer_echo(Packet& packet, const IpHeader& ip);

// RFC 1191 §7.1: the next lower common MTU, for routers that do not tell theirs.
std::uint16_t plateau_below(std::uint16_t length);

// How many answers a second. Refills steadily.
class IcmpBudget {
 public:
  IcmpBudget(std::uint32_t per_second, std::uint32_t burst) : per_second_(per_second), burst_(burst), tokens_(burst) {}
  [[nodiscard]] bool take(Instant now);

 private:
  std::uint32_t per_second_;
  std::uint32_t burst_;
  std::uint64_t tokens_;
  Instant refilled_{};
};

}  // namespace weir::stack
