#include "tcp_fixture.h"

#include <algorithm>
#include <ostream>

#include <weir/wire/describe.h>
#include <weir/wire/parse.h>

namespace weir::test {

namespace {

constexpr std::uint16_t kLocalPort = 80;
constexpr std::uint16_t kRemotePort = 40000;

// The stream's byte at a relative sequence number, one stream for each direction.
std::uint8_t byte_at(std::int64_t seq, std::uint8_t salt) {
  return static_cast<std::uint8_t>(static_cast<std::uint64_t>(seq) * 31 / 7 + salt);
}
constexpr unsigned kTimersMax = 10'000;  // in one advance()
constexpr std::uint8_t kOurs = 17;
constexpr std::uint8_t kTheirs = 99;

std::uint8_t flags_of(const char* text) {
  std::uint8_t flags = 0;
  for (; *text != 0; ++text) {
    const char letter = *text;
    const std::uint8_t bit = letter == 'S'   ? kSyn
                             : letter == 'F' ? kFin
                             : letter == 'R' ? kRst
                             : letter == 'P' ? kPsh
                             : letter == 'U' ? kUrg
                             : letter == 'E' ? kEce
                             : letter == 'W' ? kCwr
                                             : kAck;
    flags = static_cast<std::uint8_t>(flags | bit);
  }
  return flags;
}

std::uint32_t peer_clock(const tcp::Context& context) {
  return context.tick().value + 7777;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Range& range) {
  return out << "[" << range.left << "," << range.right << ")";
}

Peer::Peer(PeerOptions wanted)
    : options(wanted),
      packets_(options.packets),
      cold_(std::max(1U, options.cold_blocks), "cold"),
      congestion_(std::max(1U, options.congestion_blocks), "congestion"),
      out_(&Peer::flush, this),
      peer_nxt_(options.isn + 1) {
  const bool is_v4 = options.family == Family::kIpv4;
  local_.push_back({*IpAddress::parse(is_v4 ? "192.0.2.1" : "2001:db8::1"), options.mtu});
  tcb.remote = *IpAddress::parse(is_v4 ? "192.0.2.2" : "2001:db8::2");
  tcb.remote_port = kRemotePort;
  tcb.local_port = kLocalPort;
  context_.now = Instant{std::chrono::milliseconds{options.start_ms}};
  context_.out = &out_;
  context_.packets = &*packets_;
  context_.cold = &cold_;
  if (options.congestion_blocks != 0) context_.congestion = &congestion_;
  context_.local = &local_;
  context_.profiles = &options.settings;
  context_.counters = &counters_;
  context_.random = &random_;
  context_.isn_secret = {1, 2};
  context_.challenge_budget = 1000;
  if (options.cold_blocks == 0) static_cast<void>(cold_.allocate());  // the pool is empty from the start
}

Peer::~Peer() {
  deliver_all();
  connection().release();
  EXPECT_EQ(congestion_.in_use(), 0U);
  EXPECT_EQ(cold_.in_use(), options.cold_blocks == 0 ? 1U : 0U);
}

FlowKey Peer::key() const {
  return tcb.key();
}

void Peer::flush(void* self, std::span<rte_mbuf*> batch) {
  for (rte_mbuf* mbuf : batch) static_cast<Peer*>(self)->hear(Packet{mbuf});
}

// Every packet that leaves must be whole: right checksums, lengths that agree, the stream's bytes.
void Peer::hear(Packet packet) {
  wire::finish_checksums(packet);
  std::vector<std::uint8_t> bytes(packet.length());
  packet.copy_to(0, bytes);
  IpHeader ip;
  Segment segment;
  ASSERT_EQ(wire::parse_ip(bytes, packet.length(), false, ip), WireError::kNone);
  ASSERT_EQ(wire::parse_tcp(std::span{bytes}.subspan(ip.header_length), ip, segment), WireError::kNone);
  ASSERT_EQ(wire::transport_checksum(packet, ip.header_length, ip), 0);
  EXPECT_EQ(ip.source, local_[0].address);
  EXPECT_EQ(ip.destination, tcb.remote);
  EXPECT_EQ(ip.dscp, options.settings.dscp);
  EXPECT_LE(bytes.size(), options.mtu);
  if (segment.has(kSyn)) iss_ = highest_heard_ = segment.seq;
  if (segment.options.timestamps && !segment.has(kRst)) ts_recent_ = segment.options.timestamps->value;
  if (!segment.has(kRst)) highest_heard_ = SeqNum::latest(highest_heard_, segment.end());
  check_text(segment, std::span<const std::uint8_t>{bytes}.last(segment.payload_length));
  heard_.push_back(segment);
}

void Peer::check_text(const Segment& segment, std::span<const std::uint8_t> text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::int64_t at = relative(segment.seq, iss_) + static_cast<std::int64_t>(i);
    ASSERT_EQ(text[i], byte_at(at, kOurs)) << "byte " << at << " of the stream";
  }
}

Segment Peer::make(const Say& say) {
  Segment segment;
  segment.source_port = kRemotePort;
  segment.destination_port = kLocalPort;
  segment.flags = flags_of(say.flags);
  segment.seq = say.seq ? options.isn + 1 + static_cast<std::uint32_t>(*say.seq) : peer_nxt_;
  if (segment.has(kSyn) && !say.seq) segment.seq = options.isn;
  if (segment.has(kAck)) segment.ack = say.ack ? iss_ + 1 + static_cast<std::uint32_t>(*say.ack) : highest_heard_;
  segment.window = UnscaledWindow{say.window.value_or(options.window)};
  segment.payload_length = say.length;
  segment.ecn = say.ecn;
  segment.urgent = say.urgent;
  if (options.timestamps) {
    segment.options.timestamps =
        Timestamps{say.timestamp.value_or(peer_clock(context_)), segment.has(kAck) ? say.echo.value_or(ts_recent_) : 0};
  }
  for (const Range& range : say.sack)
    segment.options.sack[segment.options.sack_count++] = {iss_ + 1 + static_cast<std::uint32_t>(range.left),
                                                          iss_ + 1 + static_cast<std::uint32_t>(range.right)};
  if (!segment.has(kSyn)) return segment;
  segment.options.mss = options.mss;
  segment.options.sack_permitted = options.sack;
  if (options.scale) segment.options.window_scale = WindowScale{*options.scale};
  return segment;
}

Packet Peer::text_of(const Say& say, SeqNum seq) {
  if (say.length == 0) return {};
  std::vector<std::uint8_t> bytes(say.length);
  const std::int64_t first = relative(seq, options.isn);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = say.fill ? static_cast<std::uint8_t>(*say.fill) : byte_at(first + static_cast<std::int64_t>(i), kTheirs);
  Packet whole;
  for (std::size_t at = 0; at < bytes.size(); at += PacketPool::kDataRoom) {
    const std::size_t part = std::min<std::size_t>(bytes.size() - at, PacketPool::kDataRoom);
    Packet piece = packets_->copy(std::span{bytes}.subspan(at, part));
    WEIR_CHECK(piece);
    if (whole)
      whole.append_chain(std::move(piece));
    else
      whole = std::move(piece);
  }
  return whole;
}

void Peer::says(const Say& say) {
  const Segment segment = make(say);
  if (!segment.has(kRst)) peer_nxt_ = SeqNum::latest(peer_nxt_, segment.end());
  connection().on_segment(segment, text_of(say, segment.has(kSyn) ? segment.seq + 1 : segment.seq));
  deliver_all();
}

void Peer::open() {
  connection().open_active();
  deliver_all();
}

void Peer::opens(const Say& syn) {
  half_open.remote = tcb.remote;
  half_open.remote_port = tcb.remote_port;
  half_open.local_port = tcb.local_port;
  half_open.local_address = tcb.local_address;
  half_open.listener = 0;
  tcp::begin_handshake(context_, make(syn), {}, half_open);
  tcp::send_syn_ack(context_, half_open);
  deliver_all();
}

tcp::HandshakeStep Peer::answers_half_open(Say say) {
  const Segment segment = make(say);
  const tcp::HandshakeStep step = tcp::on_segment_when_half_open(context_, half_open, segment);
  if (step == tcp::HandshakeStep::kComplete) {
    connection().open_passive(half_open);
    says(say);
  }
  deliver_all();
  return step;
}

void Peer::establish() {
  open();
  hears({.flags = "S"});
  says({.flags = "S.", .ack = 0});
  hears({.flags = ".", .seq = 0, .ack = 0, .length = 0});
  ASSERT_EQ(tcb.state, State::kEstablished);
  take_events();
}

void Peer::establish_passive() {
  opens();
  hears({.flags = "S.", .ack = 0});
  ASSERT_EQ(answers_half_open({}), tcp::HandshakeStep::kComplete);
  hears_nothing();
  ASSERT_EQ(tcb.state, State::kEstablished);
  take_events();
}

Segment Peer::next() {
  if (heard_.empty()) {
    ADD_FAILURE() << "nothing was sent";
    return {};
  }
  const Segment segment = heard_.front();
  heard_.pop_front();
  return segment;
}

void Peer::hears(const Expect& expected) {
  ASSERT_FALSE(heard_.empty()) << "expected " << expected.flags << ", but nothing was sent";
  const Segment segment = next();
  const std::uint8_t wanted = flags_of(expected.flags);
  const auto ignored = static_cast<std::uint8_t>((wanted & kPsh) != 0 ? 0 : kPsh);
  SCOPED_TRACE("heard " + wire::describe_flags(segment.flags) + " seq " + std::to_string(relative(segment.seq, iss_)) +
               " ack " + std::to_string(relative(segment.ack, options.isn)) + " length " +
               std::to_string(segment.payload_length));
  EXPECT_EQ(segment.flags & ~ignored, wanted) << "expected " << expected.flags;
  EXPECT_EQ(relative(segment.seq, iss_), expected.seq.value_or(relative(segment.seq, iss_)));
  EXPECT_EQ(relative(segment.ack, options.isn), expected.ack.value_or(relative(segment.ack, options.isn)));
  EXPECT_EQ(segment.payload_length, expected.length.value_or(segment.payload_length));
  EXPECT_EQ(segment.window.value(), expected.window.value_or(segment.window.value()));
  EXPECT_EQ(segment.urgent, expected.urgent.value_or(segment.urgent));
  const std::uint32_t echo = segment.options.timestamps.value_or(Timestamps{}).echo;
  EXPECT_EQ(echo, expected.echo.value_or(echo));
  EXPECT_EQ(segment.ecn, expected.ecn.value_or(segment.ecn));
  if (!expected.sack) return;
  std::vector<Range> blocks;
  for (unsigned i = 0; i < segment.options.sack_count; ++i)
    blocks.push_back(
        {relative(segment.options.sack[i].left, options.isn), relative(segment.options.sack[i].right, options.isn)});
  EXPECT_EQ(blocks, *expected.sack);
}

void Peer::hears_nothing() {
  EXPECT_TRUE(heard_.empty()) << wire::describe_flags(heard_.front().flags) << " seq "
                              << relative(heard_.front().seq, iss_) << " length " << heard_.front().payload_length;
  heard_.clear();
}

void Peer::ignores_all() {
  heard_.clear();
}

std::vector<std::uint8_t> Peer::text_to_send(std::uint32_t bytes) const {
  std::vector<std::uint8_t> text(bytes);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = byte_at(static_cast<std::int64_t>(bytes_sent_ + i), kOurs);
  return text;
}

std::uint32_t Peer::sends_last(std::uint32_t bytes) {
  const std::uint32_t taken = connection().send_last(text_to_send(bytes));
  bytes_sent_ += taken;
  deliver_all();
  return taken;
}

std::uint32_t Peer::sends_urgent(std::uint32_t bytes) {
  const std::uint32_t taken = connection().send_urgent(text_to_send(bytes));
  bytes_sent_ += taken;
  deliver_all();
  return taken;
}

std::uint32_t Peer::sends(std::uint32_t bytes) {
  const auto text = text_to_send(bytes);
  const std::uint32_t taken = connection().send(std::span<const std::uint8_t>{text});
  bytes_sent_ += taken;
  deliver_all();
  return taken;
}

bool Peer::sends_packet(std::uint32_t bytes) {
  Packet packet = packets_->allocate();
  const auto text = packet.append(static_cast<std::uint16_t>(bytes));
  for (std::uint32_t i = 0; i < bytes; ++i) text[i] = byte_at(static_cast<std::int64_t>(bytes_sent_ + i), kOurs);
  const bool is_taken = !connection().send(std::move(packet));
  if (is_taken) bytes_sent_ += bytes;
  deliver_all();
  return is_taken;
}

std::uint32_t Peer::reads(std::uint32_t bytes) {
  std::vector<std::uint8_t> text(bytes);
  const std::uint32_t count = connection().receive(std::span{text});
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::int64_t>(bytes_read_ + i);
    EXPECT_EQ(text[i], byte_at(at, kTheirs)) << "byte " << at;
    if (::testing::Test::HasFailure()) break;
  }
  bytes_read_ += count;
  deliver_all();
  return count;
}

std::uint8_t Peer::take_events() {
  return std::exchange(tcb.events, std::uint8_t{0});
}

void Peer::advance(std::uint64_t milliseconds) {
  const Instant target = context_.now + std::chrono::milliseconds{milliseconds};
  for (unsigned i = 0; i < kTimersMax; ++i) {
    const auto deadline = connection().next_deadline();
    const Tick until = Tick::at(target);
    if (!deadline || deadline->after(until)) break;
    const Tick now = context_.tick();
    if (deadline->after(now)) context_.now += std::chrono::milliseconds{deadline->since(now)};
    connection().on_timer();
    deliver_all();
    if (i + 1 == kTimersMax) ADD_FAILURE() << "a timer does not move on";
  }
  context_.now = target;
}

void Peer::drain_pool(std::uint32_t left) {
  while (packets_->available() > left) hostages_.push_back(packets_->allocate());
}

}  // namespace weir::test
