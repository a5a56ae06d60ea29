#include "fuzzed_host.h"

#include <cstring>

#include <weir/base/check.h>
#include <weir/wire/build.h>
#include <weir/wire/parse.h>

#include "support/simulation.h"

namespace weir::testing {
namespace {

tcp::Settings settings_from(FuzzBytes& bytes) {
  tcp::Settings tcp;
  const std::uint8_t switches = bytes.next();
  tcp.sack = (switches & 1) == 0;
  tcp.timestamps = (switches & 2) == 0;
  tcp.window_scale = (switches & 4) == 0;
  tcp.nagle = (switches & 8) == 0;
  tcp.probe_with_data = (switches & 16) == 0;
  if ((switches & 32) != 0) tcp.receive_buffer = 4096;
  if ((switches & 64) != 0) tcp.send_buffer = 4096;
  return tcp;
}

stack::HostConfig config_from(FuzzBytes& bytes) {
  stack::HostConfig config = small_host(1);
  config.connections = 8;
  config.half_open = 8;
  config.time_wait_v4 = config.time_wait_v6 = 16;
  config.listeners = 4;
  config.defaults = settings_from(bytes);
  return config;
}

}  // namespace

std::uint8_t FuzzBytes::next() {
  if (bytes_.empty()) return 0;
  const std::uint8_t byte = bytes_.front();
  bytes_ = bytes_.subspan(1);
  return byte;
}

std::int32_t FuzzBytes::next_offset() {
  const std::uint8_t kind = next();
  if (kind < 128) return 0;
  if (kind < 192) return static_cast<std::int8_t>(next());
  if (kind < 250) return static_cast<std::int16_t>(next16());
  return static_cast<std::int32_t>(std::uint32_t{next16()} << 16 | next16());
}

FuzzedHost::FuzzedHost(FuzzBytes& bytes)
    : bytes_(bytes), peer_(config_from(bytes), (bytes.next() & 1) == 0 ? Family::kIpv4 : Family::kIpv6) {
  static_cast<void>(peer_.host().listen({.address = peer_.host_address(), .port = RawPeer::kHostPort}, listener_));
}

// What a day later is still held will be held for ever.
FuzzedHost::~FuzzedHost() {
  take_events();
  peer_.host().stop_listening(listener_);
  peer_.host().abort(id_);
  peer_.advance(24h);
  peer_.take();
  for (const auto& level : peer_.host().pools().levels) WEIR_CHECK(level.in_use == 0);
  WEIR_CHECK(peer_.packets().available() == peer_.packets().capacity());
}

void FuzzedHost::open_actively() {
  is_active_ = true;
  const stack::ConnectOptions options{.remote = {peer_.peer_address(), kPeerPort}, .local_port = kHostActivePort};
  static_cast<void>(peer_.host().connect(options, id_));
  peer_.collect();
  read_answers();
}

void FuzzedHost::open_passively() {
  is_active_ = false;
  send(kSyn, 0, 0, 0);
  send(kAck, 0, 0, 0);
  take_events();
}

// Bits of one byte: who opens, how far, who closes.
void FuzzedHost::reach_state() {
  const std::uint8_t way = bytes_.next();
  if ((way & 1) != 0) {
    open_actively();
    if ((way & 2) == 0) return;  // SYN-SENT
    send((way & 4) != 0 ? kSyn : kSyn | kAck, 0, 0, 0);
  } else {
    open_passively();
  }
  take_events();
  const std::vector<std::uint8_t> text(bytes_.next() * 16U, 't');
  if ((way & 8) != 0) peer_.host().send(id_, text);
  if ((way & 16) != 0) peer_.host().shutdown(id_);
  peer_.collect();
  read_answers();
  if ((way & 32) != 0) send(kAck, 0, 0, 0);
  if ((way & 64) != 0) send(kAck | kFin, 0, 0, 0);
}

TcpOptions FuzzedHost::options() {
  TcpOptions options;
  const std::uint8_t which = bytes_.next();
  if ((which & 1) == 0 && has_timestamps_) {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(peer_.now().time_since_epoch()).count();
    options.timestamps = Timestamps{static_cast<std::uint32_t>(now + bytes_.next_offset()), echo_};
  }
  options.sack_count = (which & 2) != 0 ? which >> 6 : 0;
  for (unsigned i = 0; i < options.sack_count; ++i) {
    const SeqNum left = ack_ + static_cast<std::uint32_t>(bytes_.next_offset());
    options.sack[i] = {left, left + bytes_.next16()};
  }
  if ((which & 4) != 0) options.mss = bytes_.next16();
  if ((which & 8) != 0) options.window_scale = WindowScale{bytes_.next()};
  return options;
}

void FuzzedHost::send(std::uint8_t flags, std::int32_t seq_off, std::int32_t ack_off, std::size_t text) {
  Segment segment{.source_port = kPeerPort,
                  .destination_port = host_port(),
                  .seq = seq_ + static_cast<std::uint32_t>(seq_off),
                  .ack = (flags & kAck) != 0 ? ack_ + static_cast<std::uint32_t>(ack_off) : SeqNum{},
                  .flags = flags,
                  .window = UnscaledWindow{bytes_.next16()}};
  segment.options = options();
  if ((flags & kSyn) != 0) {
    segment.options.sack_permitted = true;
    segment.options.timestamps = Timestamps{1, echo_};
    has_timestamps_ = true;
  }
  std::vector<std::uint8_t> packet = peer_.bytes_of(segment, std::vector<std::uint8_t>(text, 'p'));
  spoil(packet);
  peer_.send_raw(packet);
  if (seq_off == 0) seq_ += static_cast<std::uint32_t>(text) + ((flags & (kSyn | kFin)) != 0 ? 1U : 0U);
  read_answers();
}

// One packet in eight: a bit anywhere, mostly with the checksums made right again.
void FuzzedHost::spoil(std::vector<std::uint8_t>& packet) {
  const std::uint8_t how = bytes_.next();
  if (how < 224) return;
  const std::size_t at = bytes_.next16() % packet.size();
  packet[at] = static_cast<std::uint8_t>(packet[at] ^ bytes_.next());
  IpHeader ip;
  if (how < 232 || wire::parse_ip(packet, static_cast<std::uint32_t>(packet.size()), true, ip) != WireError::kNone)
    return;
  if (ip.protocol != static_cast<std::uint8_t>(IpProtocol::kTcp) || ip.payload_length < 20 || ip.is_fragment) return;
  std::uint8_t* field = packet.data() + ip.header_length + 16;
  std::memset(field, 0, 2);
  const Packet copy = peer_.packets().copy(packet);
  const std::uint16_t sum = wire::transport_checksum(copy, ip.header_length, ip);
  std::memcpy(field, &sum, sizeof sum);
}

void FuzzedHost::read_answers() {
  for (const Answer& answer : peer_.take()) {
    if (answer.segment.source_port != host_port() || answer.segment.has(kRst)) continue;
    if (answer.segment.options.timestamps) echo_ = answer.segment.options.timestamps->value;
    ack_ = answer.segment.end();
  }
}

void FuzzedHost::take_events() {
  while (const auto event = peer_.host().next_event())
    if (event->listener != stack::kNoListener)
      while (const auto id = peer_.host().accept(event->listener)) {
        if (id_) peer_.host().abort(id_);
        id_ = *id;
      }
}

void FuzzedHost::send_segment() {
  const std::uint8_t flags = bytes_.next();
  const std::int32_t seq_off = bytes_.next_offset(), ack_off = bytes_.next_offset();
  const std::size_t text = (flags & 1) != 0 ? 0 : bytes_.next16() % 1400;
  send(flags, seq_off, ack_off, text);
  take_events();
}

void FuzzedHost::call() {
  stack::Host& host = peer_.host();
  const std::uint8_t which = bytes_.next();
  std::vector<std::uint8_t> some(bytes_.next() * 32U, 'c');
  switch (which % 12) {
    case 0:
      return open_actively();
    case 1:
      return open_passively();
    case 2:
      static_cast<void>(host.send(id_, some));
      break;
    case 3:
      static_cast<void>(host.receive(id_, some));
      break;
    case 4:
      static_cast<void>(host.receive(id_));
      break;
    case 5:
      static_cast<void>(host.splice(id_, id_));
      break;
    case 6:
      host.shutdown(id_);
      break;
    case 7:
      host.close(id_);
      break;
    case 8:
      host.abort(id_);
      break;
    case 9:
      host.set_keep_alive(id_, (which & 16) != 0);
      break;
    case 10:
      host.set_no_delay(id_, (which & 16) != 0);
      break;
    default:
      static_cast<void>(host.info(id_));
      break;
  }
  peer_.collect();
  read_answers();
  take_events();
}

void FuzzedHost::let_time_pass() {
  const std::uint8_t how = bytes_.next();
  peer_.advance(std::chrono::milliseconds{1LL << how % 17});
  read_answers();
  take_events();
}

}  // namespace weir::testing
