// IP and TCP headers, field by field. What they are to hold is the caller's to know.
#pragma once

#include <weir/wire/build.h>
#include <weir/wire/headers.h>

namespace weir::wire {

inline std::uint16_t ip_length(const Path& path) {
  return path.source.is_v4() ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
}

inline std::uint8_t traffic_class(const Path& path) {
  return static_cast<std::uint8_t>(unsigned{path.dscp} << 2 | static_cast<unsigned>(path.ecn));
}

inline void put_ipv4(std::uint8_t* at, const Path& path, IpProtocol protocol, std::uint32_t payload) {
  Ipv4Header header;
  header.traffic_class = traffic_class(path);
  header.total_length = be16{static_cast<std::uint16_t>(payload + sizeof header)};
  header.fragment = be16{Ipv4Header::kDontFragment};
  header.ttl = path.ttl;
  header.protocol = static_cast<std::uint8_t>(protocol);
  header.source = ipv4_bytes(path.source);
  header.destination = ipv4_bytes(path.destination);
  store(at, header);
}

inline void put_ipv6(std::uint8_t* at, const Path& path, IpProtocol protocol, std::uint32_t payload) {
  Ipv6Header header;
  header.version_class_flow = be32{6U << 28 | std::uint32_t{traffic_class(path)} << 20};
  header.payload_length = be16{static_cast<std::uint16_t>(payload)};
  header.next_header = static_cast<std::uint8_t>(protocol);
  header.hop_limit = path.ttl;
  header.source = path.source.bytes();
  header.destination = path.destination.bytes();
  store(at, header);
}

inline void put_ip(std::uint8_t* at, const Path& path, IpProtocol protocol, std::uint32_t payload) {
  if (path.source.is_v4()) {
    put_ipv4(at, path, protocol, payload);
  } else {
    put_ipv6(at, path, protocol, payload);
  }
}

inline void put_tcp(std::uint8_t* at, const Path& path, const Segment& segment, std::uint16_t length,
                    std::uint16_t pseudo) {
  TcpHeader header;
  header.source_port = be16{path.source_port};
  header.destination_port = be16{path.destination_port};
  header.seq = be32{segment.seq.value()};
  header.ack = be32{segment.ack.value()};
  header.data_offset = static_cast<std::uint8_t>(length / 4 << 4);
  header.flags = segment.flags;
  header.window = be16{segment.window.value()};
  header.checksum = be16::from_raw(pseudo);
  header.urgent = be16{segment.urgent};
  store(at, header);
}

}  // namespace weir::wire
