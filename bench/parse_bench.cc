// Reading IP and TCP headers, checksum of the IPv4 header included: the segments that a server sees most.
#include <algorithm>
#include <array>
#include <vector>

#include <benchmark/benchmark.h>

#include <weir/wire/headers.h>
#include <weir/wire/parse.h>

namespace weir {
namespace {

using Bytes = std::vector<std::uint8_t>;

const Bytes kTimestamps{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
const Bytes kSyn{2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7};
const Bytes kSack{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 9};

Bytes tcp_with(const Bytes& options) {
  wire::TcpHeader header;
  header.source_port = be16{4000};
  header.destination_port = be16{80};
  header.data_offset = static_cast<std::uint8_t>((sizeof header + options.size()) / 4 << 4);
  header.flags = kAck;
  Bytes bytes(sizeof header + options.size());
  wire::store(bytes.data(), header);
  std::copy(options.begin(), options.end(), bytes.begin() + sizeof header);
  return bytes;
}

template <typename Header>
Bytes in_front(const Header& header, const Bytes& payload) {
  Bytes bytes(sizeof header + payload.size());
  wire::store(bytes.data(), header);
  std::copy(payload.begin(), payload.end(), bytes.begin() + sizeof header);
  return bytes;
}

Bytes over_ipv4(const Bytes& tcp) {
  wire::Ipv4Header header;
  header.total_length = be16{static_cast<std::uint16_t>(sizeof header + tcp.size())};
  header.ttl = 64;
  header.protocol = static_cast<std::uint8_t>(IpProtocol::kTcp);
  header.source = {192, 0, 2, 1};
  header.destination = {192, 0, 2, 2};
  std::uint32_t sum = 0;
  const Bytes bytes = in_front(header, {});
  for (std::size_t i = 0; i < bytes.size(); i += 2) sum += bytes[i] * 256U + bytes[i + 1];
  header.checksum = be16{static_cast<std::uint16_t>(~((sum & 0xffff) + (sum >> 16)))};
  return in_front(header, tcp);
}

Bytes over_ipv6(const Bytes& tcp) {
  wire::Ipv6Header header;
  header.version_class_flow = be32{6U << 28};
  header.payload_length = be16{static_cast<std::uint16_t>(tcp.size())};
  header.next_header = static_cast<std::uint8_t>(IpProtocol::kTcp);
  header.hop_limit = 64;
  header.source = {0x20, 1, 0xd, 0xb8, 1};
  header.destination = {0x20, 1, 0xd, 0xb8, 2};
  return in_front(header, tcp);
}

void parse(benchmark::State& state, const Bytes& packet) {
  for (auto _ : state) {
    IpHeader ip;
    Segment segment;
    benchmark::DoNotOptimize(packet.data());
    const std::span bytes{packet};
    auto error = wire::parse_ip(bytes, static_cast<std::uint32_t>(bytes.size()), false, ip);
    if (error == WireError::kNone) error = wire::parse_tcp(bytes.subspan(ip.header_length), ip, segment);
    if (error != WireError::kNone) state.SkipWithError(to_string(error));
    benchmark::DoNotOptimize(segment);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

BENCHMARK_CAPTURE(parse, ipv4_ack_timestamps, over_ipv4(tcp_with(kTimestamps)));
BENCHMARK_CAPTURE(parse, ipv4_syn, over_ipv4(tcp_with(kSyn)));
BENCHMARK_CAPTURE(parse, ipv4_ack_sack, over_ipv4(tcp_with(kSack)));
BENCHMARK_CAPTURE(parse, ipv6_ack_timestamps, over_ipv6(tcp_with(kTimestamps)));
BENCHMARK_CAPTURE(parse, ipv6_syn, over_ipv6(tcp_with(kSyn)));

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
