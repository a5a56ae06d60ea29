#include <weir/stack/reassembly.h>

#include <rte_ip_frag.h>

#include <algorithm>
#include <cstring>
#include <string>

#include <weir/base/region.h>

namespace weir::stack {

namespace {

constexpr std::uint32_t kBucketEntries = 8;
constexpr std::uint32_t kPacketMax = 65535;
constexpr std::uint16_t kIpv6Header = sizeof(rte_ipv6_hdr);
constexpr std::uint16_t kFragmentHeader = sizeof(rte_ipv6_fragment_ext);

std::uint64_t nanoseconds(Instant now) {
  return static_cast<std::uint64_t>(now.time_since_epoch().count());
}

struct Piece {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  bool more = false;
  // Every piece but the last is a multiple of eight long, and none reaches past the longest packet.
  bool is_sound() const { return length > 0 && (!more || length % 8 == 0) && offset + length <= kPacketMax; }
};

// Every mbuf of a piece knows the piece's mark, until all are joined.
void note_mark(Packet& packet, Ecn mark) {
  for (rte_mbuf* at = packet.get(); at != nullptr; at = at->next)
    PacketQueue::meta(at).flags = static_cast<std::uint8_t>(mark);
}

void set_congestion_experienced(Packet& packet) {
  std::uint8_t* header = packet.data().data();
  const bool v4 = header[0] >> 4 == 4;
  header[1] = static_cast<std::uint8_t>(header[1] | (v4 ? 0x03 : 0x30));
}

// RFC 3168 §5.3: a mark on one piece is a mark on the whole. False where a piece says that it cannot be marked: then
// the whole is dropped, which tells as much.
bool join_marks(Packet& packet) {
  bool has_mark = false, has_unable = false;
  for (rte_mbuf* at = packet.get(); at != nullptr; at = at->next) {
    const auto mark = static_cast<Ecn>(std::exchange(PacketQueue::meta(at).flags, std::uint8_t{0}));
    has_mark = has_mark || mark == Ecn::kCe;
    has_unable = has_unable || mark == Ecn::kNotEct;
  }
  if (has_mark && has_unable) return false;
  if (has_mark) set_congestion_experienced(packet);
  return true;
}

// The extension headers before the fragment header have been skipped already: leave them out, as the library knows
// of none. Moves the fixed header up to the fragment header.
void leave_out_extensions(Packet& packet, std::uint16_t fragment_at) {
  std::uint8_t* bytes = packet.data().data();
  const auto skipped = static_cast<std::uint16_t>(fragment_at - kIpv6Header);
  std::memmove(bytes + skipped, bytes, kIpv6Header);
  packet.trim_front(skipped);
  auto* ip = rte_pktmbuf_mtod(packet.get(), rte_ipv6_hdr*);
  ip->payload_len = rte_cpu_to_be_16(static_cast<std::uint16_t>(rte_be_to_cpu_16(ip->payload_len) - skipped));
  ip->proto = IPPROTO_FRAGMENT;
}

}  // namespace

Reassembler::Reassembler(const ReassemblyConfig& config, DropCounters& drops, int numa_socket)
    : config_(config),
      drops_(drops),
      table_(rte_ip_frag_table_create(std::max(config.packets / kBucketEntries, 1U), kBucketEntries, config.packets,
                                      static_cast<std::uint64_t>(config.lifetime.count()), numa_socket)),
      dead_(std::make_unique<rte_ip_frag_death_row>()) {
  if (table_ == nullptr) {
    throw OutOfMemory("no memory for the table of " + std::to_string(config.packets) +
                      " packets in reassembly: give DPDK more (-m), or lower the number");
  }
}

Reassembler::~Reassembler() {
  bury();
  rte_ip_frag_table_destroy(table_);  // frees the pieces it holds
}

void Reassembler::drop(Packet packet) {
  packet.reset();
  drops_.add(DropReason::kFragmentTable);
}

Packet Reassembler::on_fragment(Packet packet, const IpHeader& ip, Instant now) {
  if (held_ == 0) due_ = now + config_.lifetime + Duration{1};
  packet.get()->l2_len = 0;
  note_mark(packet, ip.ecn);
  Packet whole = ip.is_v4() ? insert_v4(std::move(packet), ip.header_length, now)
                            : insert_v6(std::move(packet), ip.fragment_header, now);
  bury();
  return whole;
}

Packet Reassembler::insert_v4(Packet packet, std::uint16_t header_length, Instant now) {
  auto* ip = rte_pktmbuf_mtod(packet.get(), rte_ipv4_hdr*);
  const std::uint32_t total = rte_be_to_cpu_16(ip->total_length);
  const std::uint16_t field = rte_be_to_cpu_16(ip->fragment_offset);
  const Piece piece{(field & RTE_IPV4_HDR_OFFSET_MASK) * 8U, total - header_length,
                    (field & RTE_IPV4_HDR_MF_FLAG) != 0};
  if (total < header_length || packet.length() < total || !piece.is_sound()) return drop(std::move(packet)), Packet{};
  packet.trim_back(packet.length() - total);
  packet.get()->l3_len = header_length & 0x3cU;  // IHL: at most 60
  held_ += packet.get()->nb_segs;
  return finish(rte_ipv4_frag_reassemble_packet(table_, dead_.get(), packet.release(), nanoseconds(now), ip));
}

Packet Reassembler::insert_v6(Packet packet, std::uint16_t fragment_at, Instant now) {
  leave_out_extensions(packet, fragment_at);
  auto* ip = rte_pktmbuf_mtod(packet.get(), rte_ipv6_hdr*);
  auto* fragment = reinterpret_cast<rte_ipv6_fragment_ext*>(ip + 1);
  const std::uint16_t field = rte_be_to_cpu_16(fragment->frag_data);
  const std::uint32_t payload = rte_be_to_cpu_16(ip->payload_len);
  const Piece piece{field & 0xfff8U, payload - kFragmentHeader, (field & 1) != 0};
  if (payload < kFragmentHeader || packet.length() < payload + kIpv6Header || !piece.is_sound()) {
    return drop(std::move(packet)), Packet{};
  }
  packet.trim_back(packet.length() - payload - kIpv6Header);
  packet.get()->l3_len = kIpv6Header + kFragmentHeader;
  held_ += packet.get()->nb_segs;
  return finish(rte_ipv6_frag_reassemble_packet(table_, dead_.get(), packet.release(), nanoseconds(now), ip, fragment));
}

// What comes out is a new packet: what a device said of the pieces holds no longer.
Packet Reassembler::finish(rte_mbuf* whole) {
  if (whole == nullptr) return {};
  held_ -= whole->nb_segs;
  Packet packet{whole};
  if (packet.length() > kPacketMax || !join_marks(packet)) return drop(std::move(packet)), Packet{};
  whole->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
  whole->packet_type = 0;
  if (packet.data()[0] >> 4 == 4) {
    auto* ip = rte_pktmbuf_mtod(whole, rte_ipv4_hdr*);
    ip->hdr_checksum = 0;
    ip->hdr_checksum = rte_ipv4_cksum(ip);
  }
  return packet;
}

void Reassembler::bury() {
  for (std::uint32_t i = 0; i < dead_->cnt; ++i) held_ -= dead_->row[i]->nb_segs;
  drops_.add(DropReason::kFragmentTable, dead_->cnt);
  rte_ip_frag_free_death_row(dead_.get(), 0);
}

void Reassembler::advance(Instant now) {
  if (held_ == 0 || now < due_) return;
  rte_ip_frag_table_del_expired_entries(table_, dead_.get(), nanoseconds(now));
  bury();
  due_ = now + config_.lifetime / 4;
}

std::optional<Instant> Reassembler::next_deadline() const {
  return held_ == 0 ? std::nullopt : std::optional{due_};
}

}  // namespace weir::stack
