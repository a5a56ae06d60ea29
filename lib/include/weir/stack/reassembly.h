// Fragments to packets, by rte_ip_frag, within a bound and on the time that is handed in.
//
// Fragments beyond the first carry no ports: a device that spreads them by ports brings the pieces of one packet to
// different workers. Ports hash fragments by addresses alone (RSS "ip" for fragments), so that they meet.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <weir/base/instant.h>
#include <weir/stack/drop_reason.h>
#include <weir/wire/packet.h>
#include <weir/wire/segment.h>

struct rte_ip_frag_tbl;
struct rte_ip_frag_death_row;

namespace weir::stack {

struct ReassemblyConfig {
  std::uint32_t packets = 1024;  // being put together at once; each holds at most RTE_LIBRTE_IP_FRAG_MAX_FRAG pieces
  Duration lifetime = 30s;       // RFC 8200 §4.5 allows 60 s; memory is dearer than patience
};

// One thread only.
class Reassembler {
 public:
  // Throws OutOfMemory. EAL must run.
  Reassembler(const ReassemblyConfig& config, DropCounters& drops, int numa_socket = -1);
  ~Reassembler();
  Reassembler(const Reassembler&) = delete;
  Reassembler& operator=(const Reassembler&) = delete;

  // A fragment as an IP packet, already understood by parse_ip() (ip.is_fragment). Returns the whole packet when this
  // was the last piece, else nothing. Pieces that overlap, repeat, are too many or come too late end their packet; each
  // piece dropped counts as kFragmentTable.
  // The whole packet is a chain; its IPv4 header checksum is right, the transport's is to be verified in software
  // (no offload flag is set). Congestion Experienced on one piece is on the whole; beside a piece that is not
  // ECN-capable it ends the packet (RFC 3168 §5.3). A TCP header split over pieces (RFC 1858, RFC 7112) is left for
  // parse_tcp() to refuse.
  [[nodiscard]] Packet on_fragment(Packet packet, const IpHeader& ip, Instant now);

  // Drops what waited too long.
  void advance(Instant now);
  std::optional<Instant> next_deadline() const;
  std::uint32_t held() const { return held_; }  // mbufs in the table

 private:
  Packet insert_v4(Packet packet, std::uint16_t header_length, Instant now);
  Packet insert_v6(Packet packet, std::uint16_t fragment_at, Instant now);
  Packet finish(rte_mbuf* whole);
  void bury();
  void drop(Packet packet);

  ReassemblyConfig config_;
  DropCounters& drops_;
  rte_ip_frag_tbl* table_;
  std::unique_ptr<rte_ip_frag_death_row> dead_;
  std::uint32_t held_ = 0;
  Instant due_{};
};

}  // namespace weir::stack
