// What the two ends agree on in their SYNs, and the sizes that follow from it.
#pragma once

#include <weir/tcp/handshake.h>

#include "step.h"

namespace weir::tcp {

inline constexpr std::uint16_t kTimestampsLength = 12;  // with the two NOPs
// Whatever MTU and settings say: every segment makes progress, options included.
inline constexpr std::uint16_t kMssMin = 48;

// MSS that we announce towards this family (MUST-67).
std::uint16_t announced_mss(const Settings& settings, std::uint16_t mtu, bool is_v4);
// MSS announced by the peer, or the default where it announced none (MUST-15; 0 counts as none), within the settings'
// bounds: a tiny MSS must not multiply our work.
std::uint16_t peer_mss(const Settings& settings, const TcpOptions& options, bool is_v4);
// MUST-16: what one segment may carry, timestamps already taken off.
std::uint16_t effective_mss(std::uint16_t peer, std::uint16_t mtu, bool is_v4, bool timestamps);
// The shift we announce: the settings', or the smallest that can announce all of the receive buffer.
WindowScale own_scale(const Settings& settings);
// The ISN is chosen so that it is after `above`, when there is such a bound (RFC 6191).
FlowNumbers choose_numbers(const Context& context, const Settings& settings, const FlowKey& key,
                           std::optional<SeqNum> above);
// What our TSval on this connection is ahead of the clock.
std::uint32_t choose_timestamp_offset(const Context& context, const Settings& settings, const FlowKey& key);

// Options of our SYN or SYN-ACK.
struct Offer {
  bool window_scale = false;
  bool timestamps = false;
  bool sack = false;
};
TcpOptions syn_options(const Settings& settings, std::uint16_t mtu, bool is_v4, const Offer& offer);

// Sets flags, scales and mss of the Tcb from what both sides want.
void agree(Step& step, const TcpOptions& peer);

}  // namespace weir::tcp
