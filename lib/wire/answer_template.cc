#include <weir/wire/answer_template.h>

#include <cstddef>
#include <cstring>

#include "checksum_sum.h"
#include "header_writer.h"
#include "option_writer.h"

namespace weir::wire {

namespace {

constexpr std::uint8_t kTcp = static_cast<std::uint8_t>(IpProtocol::kTcp);

std::uint16_t complement(std::uint16_t sum) {
  return static_cast<std::uint16_t>(~sum);
}

// Where write_tcp_options() puts the values.
std::uint16_t place_of_timestamps(const TcpOptions& options) {
  constexpr unsigned kKindAndLength = 4;
  return static_cast<std::uint16_t>((options.mss ? 4U : 0U) + kKindAndLength);
}

std::uint16_t place_of_address(bool is_v4, AnswerTemplate::FarEnd far_end) {
  if (far_end == AnswerTemplate::FarEnd::kSource)
    return is_v4 ? offsetof(Ipv4Header, source) : offsetof(Ipv6Header, source);
  return is_v4 ? offsetof(Ipv4Header, destination) : offsetof(Ipv6Header, destination);
}

// As a device left it on arrival: nothing of that is true of an answer.
void forget_arrival(rte_mbuf* mbuf, std::uint16_t length) {
  mbuf->ol_flags = 0;
  mbuf->tx_offload = 0;
  mbuf->packet_type = 0;
  mbuf->vlan_tci = mbuf->vlan_tci_outer = 0;
  mbuf->data_len = length;
  mbuf->pkt_len = length;
}

}  // namespace

AnswerTemplate::AnswerTemplate(const Path& path, const Segment& segment, FarEnd far_end)
    : l3_length_(ip_length(path)), far_at_(place_of_address(path.source.is_v4(), far_end)) {
  const bool is_source = far_end == FarEnd::kSource;
  far_port_at_ = static_cast<std::uint16_t>(
      l3_length_ + (is_source ? offsetof(TcpHeader, source_port) : offsetof(TcpHeader, destination_port)));
  TcpOptions options = segment.options;
  options.sack_count = 0;
  if (options.timestamps) options.timestamps = Timestamps{};
  const auto l4_length = static_cast<std::uint16_t>(sizeof(TcpHeader) + tcp_options_length(options));
  length_ = static_cast<std::uint16_t>(l3_length_ + l4_length);
  Segment blank = segment;
  blank.seq = blank.ack = SeqNum{};
  Path from = path;
  (is_source ? from.source : from.destination) = path.source.is_v4() ? IpAddress::v4(be32{}) : IpAddress{};
  (is_source ? from.source_port : from.destination_port) = 0;
  put_ip(bytes_.data(), from, IpProtocol::kTcp, l4_length);
  put_tcp(bytes_.data() + l3_length_, from, blank, l4_length, 0);
  write_tcp_options(bytes_.data() + l3_length_ + sizeof(TcpHeader), options);
  if (options.timestamps)
    timestamps_at_ = static_cast<std::uint16_t>(l3_length_ + sizeof(TcpHeader) + place_of_timestamps(options));
  if (path.source.is_v4()) ip_sum_ = ipv4_sum(bytes_.data(), sizeof(Ipv4Header));
  tcp_sum_ = add_carry(pseudo_header_sum(from.source, from.destination, kTcp, l4_length),
                       wide_sum(bytes_.data() + l3_length_, l4_length));
}

void AnswerTemplate::put(Packet& packet, const Values& values) const {
  forget_arrival(packet.get(), length_);
  std::uint8_t* at = packet.data().data();
  std::memcpy(at, bytes_.data(), kLengthMax);  // of a length that the compiler knows; what follows is no part of it
  std::uint8_t* tcp = at + l3_length_;
  const std::uint16_t port = be16{values.far_port}.raw();
  const std::uint32_t seq = be32{values.seq.value()}.raw();
  const std::uint32_t ack = be32{values.ack.value()}.raw();
  std::uint64_t sum = tcp_sum_ + port;
  sum = add_carry(sum, std::uint64_t{seq} + ack);
  sum = add_carry(add_carry(sum, values.far.high()), values.far.low());
  if (timestamps_at_ != 0) {
    const std::uint32_t value = be32{values.timestamps.value}.raw();
    const std::uint32_t echo = be32{values.timestamps.echo}.raw();
    store(at + timestamps_at_, value);
    store(at + timestamps_at_ + 4, echo);
    sum = add_carry(sum, std::uint64_t{value} + echo);
  }
  if (values.far.is_v4()) {
    const std::uint32_t far = values.far.as_v4().raw();
    store(at + far_at_, far);
    store(at + offsetof(Ipv4Header, checksum), complement(fold(std::uint64_t{ip_sum_} + far)));
  } else {
    store(at + far_at_, values.far.bytes());
  }
  store(at + far_port_at_, port);
  store(tcp + offsetof(TcpHeader, seq), seq);
  store(tcp + offsetof(TcpHeader, ack), ack);
  store(tcp + offsetof(TcpHeader, checksum), complement(fold(sum)));
}

}  // namespace weir::wire
