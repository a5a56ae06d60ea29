// Packets in. A burst goes through stages so that memory is on its way while the next packet is parsed:
// parse and hash all, prefetch buckets; look up all, prefetch states; then segment by segment.
#include "host_impl.h"

#include <weir/wire/build.h>
#include <weir/wire/parse.h>

namespace weir::stack {

namespace {

constexpr std::uint32_t kFragmentReserveShare = 8;  // one packet in so many is left to others by unfinished ones
constexpr std::size_t kAhead = 4;  // packets of a burst whose bytes are on their way while one is parsed

// The two lists name the same reasons in the same order.
DropReason reason_of(WireError error) {
  static_assert(static_cast<unsigned>(DropReason::kIcmpTruncated) + 2 == static_cast<unsigned>(WireError::kCount));
  return static_cast<DropReason>(static_cast<unsigned>(error) - 1);
}

bool checksum_known_good(const Packet& packet, std::uint64_t mask, std::uint64_t good) {
  return (packet.get()->ol_flags & mask) == good;
}

// Headers are parsed from the first segment. A device that split them is helped once; what cannot be joined is
// judged by the parser (truncated).
void join_headers(Packet& packet) {
  constexpr std::uint16_t kHeadersMax = 192;
  if (packet.is_chain() && packet.data().size() < kHeadersMax) rte_pktmbuf_linearize(packet.get());
}

}  // namespace

void Host::Impl::on_burst(std::span<rte_mbuf*> burst) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < burst.size(); ++i) {
    if (i + kAhead < burst.size()) rte_prefetch0(rte_pktmbuf_mtod(burst[i + kAhead], const void*));
    if (parse(Packet{burst[i]}, arrivals[count])) ++count;
  }
  for (std::size_t i = 0; i < count; ++i) prefetch_state(arrivals[i]);
  counters.add(tcp::Counter::kSegmentsIn, count);
  context.in_burst = count > 1;
  for (std::size_t i = 0; i < count; ++i) demultiplex(arrivals[i]);
  context.in_burst = false;
  if (acknowledgments > 0) acknowledge_burst();
  free_arrivals(count);
}

// What nobody kept.
void Host::Impl::free_arrivals(std::size_t count) {
  std::array<rte_mbuf*, kBurst> held;
  std::size_t held_count = 0;
  for (std::size_t i = 0; i < count; ++i)
    if (arrivals[i].packet) held[held_count++] = arrivals[i].packet.release();
  PacketPool::free(std::span{held}.first(held_count));
}

// MUST-59. An entry may name a connection that is gone, or have been followed by an ACK: then there is nothing to do.
void Host::Impl::acknowledge_burst() {
  for (std::uint32_t i = 0; i < acknowledgments; ++i) {
    const std::uint32_t index = to_acknowledge[i];
    if (!connections[index].has(tcp::kAckDelayed)) continue;
    const tcp::State before = connections[index].state;
    view(index).on_burst_end();
    settle(index, before);
  }
  acknowledgments = 0;
}

bool Host::Impl::parse(Packet packet, Arrival& arrival) {
  join_headers(packet);
  const bool good = checksum_known_good(packet, RTE_MBUF_F_RX_IP_CKSUM_MASK, RTE_MBUF_F_RX_IP_CKSUM_GOOD);
  IpHeader& ip = arrival.ip;
  if (const WireError error = wire::parse_ip(packet.data(), packet.length(), good, ip); error != WireError::kNone)
    return drop(reason_of(error)), false;
  if (ip.destination.is_multicast() || ip.destination.is_broadcast()) return drop(DropReason::kIpDestination), false;
  arrival.key.local_address = addresses.find(ip.destination);
  if (arrival.key.local_address == AddressBook::kNone) return drop(DropReason::kNotForUs), false;
  if (!ip.source.is_valid_source()) return drop(DropReason::kIpSource), false;
  if (addresses.find(ip.source) != AddressBook::kNone) return drop(DropReason::kLand), false;
  if (ip.is_fragment) {
    if (context.packets->is_low(kFragmentReserveShare)) return drop(DropReason::kFragmentTable), false;
    packet = reassembler.on_fragment(std::move(packet), ip, context.now);
    return packet ? parse(std::move(packet), arrival) : false;
  }
  return parse_transport(std::move(packet), arrival);
}

bool Host::Impl::parse_transport(Packet packet, Arrival& arrival) {
  const IpHeader& ip = arrival.ip;
  if (ip.protocol == static_cast<std::uint8_t>(ip.is_v4() ? IpProtocol::kIcmp : IpProtocol::kIcmpV6))
    return on_icmp(std::move(packet), ip), false;
  if (ip.protocol != static_cast<std::uint8_t>(IpProtocol::kTcp)) return drop(DropReason::kUnknownProtocol), false;
  const WireError error = wire::parse_tcp(packet.data().subspan(ip.header_length), ip, arrival.segment);
  if (error != WireError::kNone) return drop(reason_of(error)), false;
  // Link padding must not enter the sum.
  packet.trim_back(packet.length() - ip.header_length - ip.payload_length);
  if (!checksum_known_good(packet, RTE_MBUF_F_RX_L4_CKSUM_MASK, RTE_MBUF_F_RX_L4_CKSUM_GOOD) &&
      wire::transport_checksum(packet, ip.header_length, ip) != 0)
    return drop(DropReason::kTcpChecksum), false;
  arrival.key.remote = ip.source;
  arrival.key.remote_port = arrival.segment.source_port;
  arrival.key.local_port = arrival.segment.destination_port;
  arrival.hash = flow_hash(arrival.key, config.flow_secret);
  table.prefetch(arrival.hash);
  if (arrival.segment.has(kSyn)) time_wait.prefetch(arrival.key, arrival.hash);
  arrival.packet = std::move(packet);
  return true;
}

std::uint32_t Host::Impl::find_connection(const FlowKey& key, std::uint64_t hash) const {
  return table.find(hash, [&](std::uint32_t index) { return connections[index].key() == key; });
}

void Host::Impl::demultiplex(Arrival& arrival) {
  if (const std::uint32_t index = find_connection(arrival.key, arrival.hash); index != kNoIndex)
    return deliver(index, arrival);
  if (const std::uint32_t record = half_open.find(arrival.key, arrival.hash); record != kNoIndex)
    return on_half_open_segment(record, arrival);
  TimeWait record;
  TimeWaitRef ref;
  if (time_wait.find(arrival.key, arrival.hash, context.tick(), record, ref))
    return on_time_wait_segment(record, ref, arrival);
  on_stray_segment(arrival);
}

void Host::Impl::deliver(std::uint32_t index, Arrival& arrival) {
  Packet payload;
  if (arrival.segment.payload_length != 0) {
    payload = std::move(arrival.packet);
    payload.trim_front(std::uint32_t{arrival.ip.header_length} + arrival.segment.header_length);
  }
  const tcp::State before = connections[index].state;
  view(index).on_segment(arrival.segment, std::move(payload));
  if (context.ack_waits) {
    context.ack_waits = false;
    to_acknowledge[acknowledgments++] = index;
  }
  settle(index, before, arrival.hash);
}

// The record does not say whose it was; where there is a listener, it was most likely its.
const tcp::Settings& Host::Impl::settings_in_time_wait(const Arrival& arrival) const {
  const ListenerId id =
      listeners.find(arrival.key.local_address, arrival.ip.destination.family(), arrival.key.local_port);
  return id == kNoListener ? config.defaults : settings_of(id);
}

void Host::Impl::on_time_wait_segment(const TimeWait& record, TimeWaitRef ref, Arrival& arrival) {
  switch (tcp::on_segment_in_time_wait(context, record, settings_in_time_wait(arrival), arrival.segment)) {
    case tcp::TimeWaitStep::kNothing:
      return;
    case tcp::TimeWaitStep::kRestart:
      return time_wait.restart(ref, context.tick());
    case tcp::TimeWaitStep::kRemove:
      return time_wait.erase(ref);
    case tcp::TimeWaitStep::kReuse:
      break;
  }
  const ListenerId id =
      listeners.find(arrival.key.local_address, arrival.ip.destination.family(), arrival.key.local_port);
  if (id == kNoListener) return tcp::send_reset_for(context, arrival.ip, arrival.segment);
  counters.add(tcp::Counter::kTimeWaitReused);
  on_listener_segment(id, arrival, record.snd_nxt);
  time_wait.erase(ref);  // not earlier: see Host::knows()
}

// RFC 9293 §3.10.7.1 and .2: nothing is known of this flow here.
void Host::Impl::on_stray_segment(Arrival& arrival) {
  const ListenerId id =
      listeners.find(arrival.key.local_address, arrival.ip.destination.family(), arrival.key.local_port);
  if (belongs_elsewhere(arrival, id != kNoListener)) return;
  if (id != kNoListener) return on_listener_segment(id, arrival, {});
  drop(DropReason::kNoListener);
  tcp::send_reset_for(context, arrival.ip, arrival.segment);
}

}  // namespace weir::stack
