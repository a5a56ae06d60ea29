// What a received IP packet and its TCP header mean. Parsed once; past this point there are no bytes to doubt.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include <weir/wire/address.h>
#include <weir/wire/seq_num.h>

namespace weir {

enum class IpProtocol : std::uint8_t { kIcmp = 1, kTcp = 6, kUdp = 17, kIcmpV6 = 58, kNone = 59 };

// ECN field of the IP header, RFC 3168 §5.
enum class Ecn : std::uint8_t { kNotEct = 0, kEct1 = 1, kEct0 = 2, kCe = 3 };

struct IpHeader {
  IpAddress source{};
  IpAddress destination{};
  std::uint8_t protocol = 0;  // of the upper layer, extension headers skipped
  std::uint8_t ttl = 0;
  std::uint8_t dscp = 0;
  Ecn ecn = Ecn::kNotEct;
  std::uint16_t header_length = 0;   // options / extension headers included
  std::uint32_t payload_length = 0;  // upper layer's bytes; link padding left out
  bool is_fragment = false;          // then everything after header_length is a piece only
  bool is_first_fragment = false;
  bool more_fragments = false;
  std::uint16_t fragment_offset = 0;  // bytes
  std::uint16_t fragment_header = 0;  // IPv6: where the fragment header starts; 0: there is none
  std::uint32_t fragment_id = 0;

  bool is_v4() const { return source.is_v4(); }
};

enum TcpFlags : std::uint8_t {
  kFin = 0x01,
  kSyn = 0x02,
  kRst = 0x04,
  kPsh = 0x08,
  kAck = 0x10,
  kUrg = 0x20,
  kEce = 0x40,
  kCwr = 0x80,
};

struct SackBlock {
  SeqNum left{};   // first byte
  SeqNum right{};  // one past the last
  constexpr bool operator==(const SackBlock&) const = default;
};

struct Timestamps {
  std::uint32_t value = 0;  // TSval
  std::uint32_t echo = 0;   // TSecr
  constexpr bool operator==(const Timestamps&) const = default;
};

// Of an option that appears twice the first counts, whatever the second says. A known option with a length
// that is not its own is skipped as an unknown one would be.
struct TcpOptions {
  static constexpr unsigned kSackBlocksMax = 4;
  std::optional<std::uint16_t> mss{};  // as received: 0 and other foolish values are tcp's to bound
  std::optional<WindowScale> window_scale{};
  std::optional<Timestamps> timestamps{};
  bool sack_permitted = false;
  std::uint8_t sack_count = 0;
  std::array<SackBlock, kSackBlocksMax> sack{};
};

struct Segment {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  SeqNum seq{};
  SeqNum ack{};  // meaningful when has(kAck)
  std::uint8_t flags = 0;
  UnscaledWindow window{};
  std::uint16_t urgent = 0;
  std::uint16_t header_length = 20;
  std::uint32_t payload_length = 0;
  Ecn ecn = Ecn::kNotEct;
  TcpOptions options{};

  bool has(TcpFlags flag) const { return (flags & flag) != 0; }
  // SEG.LEN: payload, SYN and FIN counted (RFC 9293 §3.4).
  std::uint32_t length() const { return payload_length + (has(kSyn) ? 1U : 0U) + (has(kFin) ? 1U : 0U); }
  SeqNum end() const { return seq + length(); }
};

// Why a packet was dropped before it reached any connection. Every value has a counter (wire/drop_reason names).
enum class WireError : std::uint8_t {
  kNone,
  kTruncated,       // shorter than its headers say
  kIpVersion,       // neither 4 nor 6
  kIpHeaderLength,  // IHL below 5 or past the end
  kIpTotalLength,   // total length below the header's, or beyond the packet
  kIpChecksum,
  kIpSource,       // broadcast, multicast, unspecified or loopback source (MUST-63)
  kIpDestination,  // broadcast or multicast destination for TCP (MUST-57)
  kIpExtension,    // extension headers malformed, misplaced, more than the bound, or not to be ignored
  kTcpDataOffset,  // below 5 or past the end
  kTcpChecksum,
  kTcpOptionLength,  // option with length 0, 1 or past the header's end (MUST-7)
  kTcpPortZero,
  kIcmpChecksum,
  kIcmpTruncated,
  kCount,
};

const char* to_string(WireError error);

}  // namespace weir
