#include <weir/wire/headers.h>
#include <weir/wire/parse.h>

namespace weir::wire {

namespace {

using Bytes = std::span<const std::uint8_t>;

// What nearly every segment of a connection with timestamps carries (RFC 7323 appendix A): NOP NOP TS.
constexpr std::size_t kUsualLength = 12;
constexpr std::uint32_t kUsualStart = 0x0101'080a;

Timestamps read_timestamps(const std::uint8_t* at) {
  return {.value = load<be32>(at).value(), .echo = load<be32>(at + 4).value()};
}

// What nearly every SYN carries, a flood's too: MSS, SACK permitted, TS, NOP, window scale. False: another order.
constexpr std::size_t kUsualSynLength = 20;

bool read_usual_syn(const std::uint8_t* at, TcpOptions& options) {
  const std::uint32_t mss = load<be32>(at).value();
  const std::uint32_t scale = load<be32>(at + 16).value();
  const bool is_usual = mss >> 16 == 0x0204 && load<be32>(at + 4).value() == 0x0402'080a && scale >> 8 == 0x01'0303;
  if (!is_usual) return false;
  options.mss = static_cast<std::uint16_t>(mss);
  options.sack_permitted = true;
  options.timestamps = read_timestamps(at + 8);
  options.window_scale = WindowScale{scale & 0xff};
  return true;
}

void read_sack(Bytes value, TcpOptions& options) {
  if (options.sack_count != 0 || value.size() % 8 != 0 || value.size() > sizeof options.sack) return;
  options.sack_count = static_cast<std::uint8_t>(value.size() / 8);
  for (std::size_t i = 0; i < options.sack_count; ++i) {
    const std::uint8_t* at = value.data() + 8 * i;
    options.sack[i] = {SeqNum{load<be32>(at).value()}, SeqNum{load<be32>(at + 4).value()}};
  }
}

// One option's value. The length is part of each pattern: with another one, it is not that option.
void read_option(TcpOptionKind kind, Bytes value, TcpOptions& options) {
  if (kind == TcpOptionKind::kMss && value.size() == 2) {
    if (!options.mss) options.mss = load<be16>(value.data()).value();
  } else if (kind == TcpOptionKind::kWindowScale && value.size() == 1) {
    if (!options.window_scale) options.window_scale = WindowScale{value[0]};
  } else if (kind == TcpOptionKind::kSackPermitted && value.empty()) {
    options.sack_permitted = true;
  } else if (kind == TcpOptionKind::kSack) {
    read_sack(value, options);
  } else if (kind == TcpOptionKind::kTimestamps && value.size() == 8) {
    if (!options.timestamps) options.timestamps = read_timestamps(value.data());
  }
}

WireError read_all(Bytes bytes, TcpOptions& options) {
  while (!bytes.empty()) {
    const auto kind = static_cast<TcpOptionKind>(bytes[0]);
    if (kind == TcpOptionKind::kEnd) break;
    std::size_t length = 1;
    if (kind != TcpOptionKind::kNop) {
      if (bytes.size() < 2 || bytes[1] < 2 || bytes[1] > bytes.size()) return WireError::kTcpOptionLength;
      length = bytes[1];
      read_option(kind, bytes.subspan(2, length - 2), options);
    }
    bytes = bytes.subspan(length);
  }
  return WireError::kNone;
}

}  // namespace

WireError parse_tcp_options(Bytes bytes, TcpOptions& options) {
  options = TcpOptions{};
  if (bytes.size() == kUsualLength && load<be32>(bytes.data()).value() == kUsualStart) {
    options.timestamps = read_timestamps(bytes.data() + 4);
    return WireError::kNone;
  }
  if (bytes.size() == kUsualSynLength && read_usual_syn(bytes.data(), options)) return WireError::kNone;
  return read_all(bytes, options);
}

}  // namespace weir::wire
