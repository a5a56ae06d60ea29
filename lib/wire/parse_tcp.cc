#include <weir/wire/headers.h>
#include <weir/wire/parse.h>

namespace weir::wire {

namespace {

void read_fields(const TcpHeader& header, Segment& segment) {
  segment.source_port = header.source_port.value();
  segment.destination_port = header.destination_port.value();
  segment.seq = SeqNum{header.seq.value()};
  segment.ack = SeqNum{header.ack.value()};
  segment.flags = header.flags;
  segment.window = UnscaledWindow{header.window.value()};
  segment.urgent = header.urgent.value();
  segment.header_length = header.length();
}

}  // namespace

WireError parse_tcp(std::span<const std::uint8_t> bytes, const IpHeader& ip, Segment& segment) {
  if (bytes.size() < sizeof(TcpHeader) || ip.payload_length < sizeof(TcpHeader)) return WireError::kTruncated;
  const auto header = load<TcpHeader>(bytes.data());
  const std::uint16_t length = header.length();
  if (length < sizeof(TcpHeader) || length > ip.payload_length) return WireError::kTcpDataOffset;
  if (length > bytes.size()) return WireError::kTruncated;
  if (header.source_port.raw() == 0 || header.destination_port.raw() == 0) return WireError::kTcpPortZero;
  read_fields(header, segment);
  segment.payload_length = ip.payload_length - length;
  segment.ecn = ip.ecn;
  return parse_tcp_options(bytes.subspan(sizeof(TcpHeader), length - sizeof(TcpHeader)), segment.options);
}

}  // namespace weir::wire
