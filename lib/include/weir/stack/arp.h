// ARP for IPv4 over Ethernet (RFC 826, RFC 5227): bytes to meaning and back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <weir/stack/ethernet.h>

namespace weir::stack {

struct ArpMessage {
  enum class Operation : std::uint16_t { kRequest = 1, kReply = 2 };
  Operation operation = Operation::kRequest;
  MacAddress sender_mac{};
  IpAddress sender{};  // 0.0.0.0 in a probe (RFC 5227 §1.1)
  MacAddress target_mac{};
  IpAddress target{};

  // A station tells of itself, unasked.
  bool is_announcement() const { return sender == target; }
  bool is_probe() const { return sender.as_v4().raw() == 0; }
};

// `bytes` starts after the Ethernet header. Nothing when it is not a well-formed request or reply: wrong hardware or
// protocol type, lengths, or a sender that can be no station.
std::optional<ArpMessage> parse_arp(std::span<const std::uint8_t> bytes);

// A whole frame to `destination`; empty when the pool is.
Packet build_arp(PacketPool& packets, const ArpMessage& message, const MacAddress& destination);

}  // namespace weir::stack
