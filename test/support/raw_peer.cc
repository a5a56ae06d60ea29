#include "support/raw_peer.h"

#include <cstring>
#include <string>

#include <weir/wire/build.h>
#include <weir/wire/parse.h>

namespace weir::testing {

namespace {

// DPDK wants another name for each pool.
std::string pool_name() {
  static unsigned made = 0;
  return "raw-peer-" + std::to_string(made++);
}

}  // namespace

RawPeer::RawPeer(const stack::HostConfig& config, Family family)
    : packets_(pool_name().c_str(), 2047, 0),
      outbox_(&RawPeer::on_flush, this),
      host_address_(IpAddress::parse(family == Family::kIpv4 ? "192.0.2.2" : "2001:db8::2").value()),
      peer_address_(IpAddress::parse(family == Family::kIpv4 ? "192.0.2.1" : "2001:db8::1").value()),
      host_(std::make_unique<stack::Host>(config, outbox_, packets_, now_)) {
  host_->add_address(host_address_, 1500);
}

RawPeer::~RawPeer() {
  outbox_.flush();
  host_.reset();
}

void RawPeer::on_flush(void* context, std::span<rte_mbuf*> batch) {
  auto& self = *static_cast<RawPeer*>(context);
  for (rte_mbuf* mbuf : batch) {
    Packet packet{mbuf};
    wire::finish_checksums(packet);
    rte_pktmbuf_linearize(packet.get());
    Answer answer{.at = self.now_};
    WEIR_CHECK(wire::parse_ip(packet.data(), packet.length(), false, answer.ip) == WireError::kNone);
    if (answer.ip.protocol == static_cast<std::uint8_t>(IpProtocol::kTcp)) {
      WEIR_CHECK(wire::transport_checksum(packet, answer.ip.header_length, answer.ip) == 0);
      const auto tcp = packet.data().subspan(answer.ip.header_length);
      WEIR_CHECK(wire::parse_tcp(tcp, answer.ip, answer.segment) == WireError::kNone);
      const auto text = tcp.subspan(answer.segment.header_length);
      answer.payload.assign(text.begin(), text.end());
    }
    self.answers_.push_back(std::move(answer));
  }
}

Packet RawPeer::make(const Segment& segment, std::span<const std::uint8_t> payload) {
  Packet packet = packets_.copy(payload);
  WEIR_CHECK(bool(packet));
  const wire::Path path{.source = peer_address_,
                        .destination = host_address_,
                        .source_port = segment.source_port,
                        .destination_port = segment.destination_port,
                        .ecn = segment.ecn};
  WEIR_CHECK(wire::write_tcp(packet, path, segment));
  wire::finish_checksums(packet);
  return packet;
}

void RawPeer::send(const Segment& segment, std::span<const std::uint8_t> payload) {
  host_->on_packet(make(segment, payload), now_);
  outbox_.flush();
}

void RawPeer::send_burst(std::span<const Sent> burst) {
  std::vector<rte_mbuf*> packets;
  for (const Sent& sent : burst) packets.push_back(make(sent.segment, sent.payload).release());
  host_->on_burst(packets, now_);
  outbox_.flush();
}

std::vector<std::uint8_t> RawPeer::bytes_of(const Segment& segment, std::span<const std::uint8_t> payload) {
  const Packet packet = make(segment, payload);
  const auto bytes = packet.data();
  return {bytes.begin(), bytes.end()};
}

void RawPeer::send_raw(std::span<const std::uint8_t> ip_packet) {
  host_->on_packet(packets_.copy(ip_packet), now_);
  outbox_.flush();
}

void RawPeer::advance(Duration duration) {
  const Instant end = now_ + duration;
  while (true) {
    const auto deadline = host_->next_deadline();
    if (!deadline || *deadline > end) break;
    now_ = std::max(now_, *deadline);
    while (host_->advance(now_)) outbox_.flush();
    outbox_.flush();
  }
  now_ = end;
  host_->advance(now_);
  outbox_.flush();
}

std::vector<Answer> RawPeer::take() {
  return std::exchange(answers_, {});
}

}  // namespace weir::testing
