// IP packets as scripts speak of them: built and read here without Weir's own code for that, so that a fault there
// cannot hide itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::scripts {

using Bytes = std::vector<std::uint8_t>;

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4 = true;  // then the first four count
  unsigned length() const { return is_v4 ? 4 : 16; }
  bool operator==(const Address&) const = default;
};
Address read_address(const char* text);

// One TCP packet, everything in host order and absolute.
struct TcpPacket {
  Address source, destination;
  std::uint8_t ttl = 64;
  std::uint8_t traffic_class = 0;  // DSCP and ECN
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint32_t seq = 0, ack = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 0, urgent = 0;
  Bytes options{};  // as they stand in the packet, a multiple of four
  Bytes payload{};
};

enum : std::uint8_t { kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32, kEce = 64, kCwr = 128 };
std::string flags_text(std::uint8_t flags);  // "S.", "FP.", "none", as tcpdump
std::optional<std::uint8_t> flags_of(const std::string& text);

Bytes encode(const TcpPacket& packet);
// What is wrong with the packet, checksums included; empty when it was read into `packet`.
std::string decode(const Bytes& bytes, TcpPacket& packet);

// An ICMP error about `about` (the head of a packet), from `router` to its sender.
struct IcmpError {
  std::uint8_t type = 0, code = 0;
  std::uint32_t rest = 0;  // the second word: MTU, pointer
};
Bytes encode(const IcmpError& error, const Address& router, const Bytes& about);

}  // namespace weir::scripts
