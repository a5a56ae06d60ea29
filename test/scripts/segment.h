// The segments of a script: what a line says, put into a packet or compared with one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "packet.h"
#include "script.h"

namespace weir::scripts {

// Both ends of one connection as a script numbers it: 0 is the SYN, 1 the first byte, in both directions.
struct Flow {
  std::string name;
  std::uint16_t host_port = 0, peer_port = 0;
  std::uint32_t host_isn = 0, peer_isn = 0;
  bool knows_host_isn = false;
  std::uint32_t peer_next = 0;   // relative: what the peer says next
  std::uint32_t host_next = 0;   // relative: one past the last that the host was heard to say
  std::uint16_t window = 65535;  // that the peer announced last
  std::uint32_t ts_heard = 0;    // the host's last TSval
  bool peer_offered_ts = false, host_offered_ts = false;
  Bytes last_heard{};  // a packet of the host's, for ICMP errors
};

// The byte at a relative sequence number, in either direction.
std::uint8_t stream_byte(std::uint32_t relative);

// A number in a line: N, =N (absolute), *, >=N, <=N, !=N or A~B.
struct Want {
  enum class Kind : std::uint8_t { kAny, kEqual, kAtLeast, kAtMost, kNot, kBetween };
  Kind kind = Kind::kAny;
  std::uint64_t value = 0, upper = 0;
  bool is_absolute = false;
  bool accepts(std::uint64_t got) const;
};
Want read_want(std::string text);

// What a line says of a segment; what is not named is not compared, and has a default when sent.
struct SegmentLine {
  std::uint8_t flags = 0;
  std::map<std::string, Want> fields{};  // seq, ack, win, urg, ttl, dscp, ecn
  std::uint32_t length = 0;              // of the text, from "seq A:B"
  std::optional<char> fill{};            // text of this byte instead of the stream's
  bool bad_checksum = false;
  std::optional<std::string> options{};
};
SegmentLine read_segment(const Step& step, std::size_t from);

// The packet's text for traces, relative.
std::string describe(const TcpPacket& packet, const Flow* flow, bool is_from_host);

TcpPacket make_packet(const SegmentLine& line, Flow& flow, std::uint64_t now_ns);
// Every difference, one line each; empty when the packet is what the line asks for.
std::string differences(const SegmentLine& line, const TcpPacket& packet, const Flow& flow);

}  // namespace weir::scripts
