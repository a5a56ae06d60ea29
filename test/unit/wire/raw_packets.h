// Packets as bytes, written down independently of the code under test.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <weir/wire/parse.h>

namespace weir::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline void put16(Bytes& bytes, std::size_t at, unsigned value) {
  bytes.at(at) = static_cast<std::uint8_t>(value >> 8);
  bytes.at(at + 1) = static_cast<std::uint8_t>(value);
}

// RFC 1071, as its text has it: 16-bit words, big-endian, one after the other.
inline std::uint16_t plain_sum(const Bytes& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += bytes[i] * 256U + (i + 1 < bytes.size() ? bytes[i + 1] : 0U);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return static_cast<std::uint16_t>(sum);
}

struct RawIpv4 {
  std::uint8_t version = 4;
  std::optional<unsigned> ihl{};           // else: what the options need
  std::optional<unsigned> total_length{};  // else: the true one
  std::uint16_t id = 0;
  std::uint16_t fragment = 0;
  std::uint8_t protocol = 6;
  Bytes options{};
  Bytes payload{};
  std::uint8_t traffic_class = 0;

  Bytes bytes() const {
    Bytes header{0, traffic_class, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2};
    header = header + options;
    header[0] =
        static_cast<std::uint8_t>(unsigned{version} << 4 | ihl.value_or(static_cast<unsigned>(header.size() / 4)));
    put16(header, 2, total_length.value_or(static_cast<unsigned>(header.size() + payload.size())));
    put16(header, 4, id);
    put16(header, 6, fragment);
    put16(header, 10, 0xffffU - plain_sum(header));
    return header + payload;
  }
};

struct RawIpv6 {
  std::uint8_t next_header = 6;
  std::optional<unsigned> payload_length{};
  Bytes payload{};  // extension headers included
  std::uint8_t traffic_class = 0;
  Bytes source{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  Bytes destination{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

  Bytes bytes() const {
    Bytes header{static_cast<std::uint8_t>(0x60 | traffic_class >> 4),
                 static_cast<std::uint8_t>(traffic_class << 4),
                 0,
                 0,
                 0,
                 0,
                 next_header,
                 64};
    put16(header, 4, payload_length.value_or(static_cast<unsigned>(payload.size())));
    return header + source + destination + payload;
  }
};

struct RawTcp {
  std::uint16_t source_port = 4000;
  std::uint16_t destination_port = 80;
  std::optional<unsigned> data_offset{};
  std::uint8_t flags = 0x10;
  Bytes options{};
  Bytes payload{};

  Bytes bytes() const {
    Bytes header{0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, flags, 0xff, 0xff, 0, 0, 0, 0};
    header = header + options;
    put16(header, 0, source_port);
    put16(header, 2, destination_port);
    header[12] = static_cast<std::uint8_t>(data_offset.value_or(static_cast<unsigned>(header.size() / 4)) << 4);
    return header + payload;
  }
};

// The same bytes in a heap block of exactly their size, so that a sanitizer sees the first byte read past them.
class ExactBytes {
 public:
  explicit ExactBytes(std::span<const std::uint8_t> bytes) : size_(bytes.size()), bytes_(new std::uint8_t[size_]) {
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
  }
  std::span<const std::uint8_t> span() const { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<std::uint8_t[]> bytes_;
};

struct ParsedIp {
  WireError error;
  IpHeader ip;
};

// `beyond`: bytes of the packet that lie in further segments.
inline ParsedIp parse_ip(const Bytes& bytes, std::uint32_t beyond = 0) {
  const ExactBytes exact{bytes};
  ParsedIp parsed{};
  parsed.error = wire::parse_ip(exact.span(), static_cast<std::uint32_t>(bytes.size()) + beyond, false, parsed.ip);
  return parsed;
}

struct ParsedTcp {
  WireError error;
  Segment segment;
};

// `length`: what IP says; else all bytes are TCP's.
inline ParsedTcp parse_tcp(const Bytes& bytes, std::optional<std::uint32_t> length = {}) {
  const ExactBytes exact{bytes};
  IpHeader ip;
  ip.payload_length = length.value_or(static_cast<std::uint32_t>(bytes.size()));
  ParsedTcp parsed{};
  parsed.error = wire::parse_tcp(exact.span(), ip, parsed.segment);
  return parsed;
}

}  // namespace weir::test
