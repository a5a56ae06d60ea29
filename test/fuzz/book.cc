#include "book.h"

#include <algorithm>

#include <weir/wire/parse.h>

#include "ground.h"

namespace weir::fuzz {
namespace {

constexpr std::size_t kMtu = 1500;

std::uint32_t length_of(const TcpPacket& packet) {
  return static_cast<std::uint32_t>(packet.payload.size()) + ((packet.flags & kSyn) != 0 ? 1U : 0U) +
         ((packet.flags & kFin) != 0 ? 1U : 0U);
}
bool has(const TcpPacket& packet, TcpFlags flag) {
  return (packet.flags & flag) != 0;
}

TcpOptions options_of(const TcpPacket& packet) {
  TcpOptions options;
  static_cast<void>(wire::parse_tcp_options(packet.options, options));
  return options;
}

[[noreturn]] void fault_in(const TcpPacket& packet, const std::string& what) {
  fault(what + ": " + describe(packet));
}

}  // namespace

std::uint8_t peer_byte(SeqNum at) {
  return static_cast<std::uint8_t>((at.value() * 0x9e37'79b1U) >> 24);
}

Bytes peer_text(const TcpPacket& header, std::uint32_t length) {
  const SeqNum first = SeqNum{header.seq} + (has(header, kSyn) ? 1U : 0U);
  Bytes text(length);
  for (std::uint32_t i = 0; i < length; ++i) text[i] = peer_byte(first + i);
  return text;
}

std::string describe(const TcpPacket& packet) {
  return scripts::flags_text(packet.flags) + " seq " + std::to_string(packet.seq) + " ack " +
         std::to_string(packet.ack) + " win " + std::to_string(packet.window) + " options " +
         std::to_string(packet.options.size()) + " text " + std::to_string(packet.payload.size());
}

// The window's edge is taken for offered as far as the largest scale and any ACK that may count would make it.
void Book::on_peer(const TcpPacket& packet) {
  if (is_tracing()) trace("< " + describe(packet));
  const SeqNum seq{packet.seq};
  if (length_of(packet) > 0) pieces_.push_back({seq, length_of(packet)});
  const TcpOptions options = options_of(packet);
  if (has(packet, kSyn)) {
    syns_.push_back(seq);
    if (options.window_scale) peer_scale_ = std::max(peer_scale_, options.window_scale->shift());
    if (life_ && !life_->edge) life_->edge = life_->iss + 1 + packet.window;  // its ACK may come later, or in this
  }
  const SeqNum ack{packet.ack};
  if (!life_ || !has(packet, kAck) || !is_between(ack, life_->iss, life_->sent_end.since(life_->iss) + 2)) return;
  const SeqNum edge = ack + (std::uint32_t{packet.window} << peer_scale_);
  if (!life_->edge || edge.after(*life_->edge)) life_->edge = edge;
  life_->una = SeqNum::latest(life_->una, ack);
}

void Book::on_host(const Bytes& bytes) {
  TcpPacket packet;
  const std::string wrong = scripts::decode(bytes, packet);
  if (!wrong.empty()) fault("the host sent a packet: " + wrong);
  if (is_tracing()) trace("> " + describe(packet));
  expect(bytes.size() <= kMtu, "longer than the MTU");
  if (has(packet, kRst)) return expect(may_reset, "a reset answers a reset");
  last_of_host_ = bytes;
  const TcpOptions options = options_of(packet);
  if (has(packet, kSyn))
    begin_if_new(packet, options);
  else if (is_short)
    begin_if_unseen(packet);
  if (!life_) fault_in(packet, "neither a reset nor of a connection");
  judge_text(packet);
  if (has(packet, kAck)) judge_ack(packet);
  judge_options(packet, options);
}

void Book::begin_if_new(const TcpPacket& packet, const TcpOptions& options) {
  const SeqNum iss{packet.seq};
  const bool is_answer = has(packet, kAck);
  const bool is_same =
      life_ && !opening && life_->iss == iss && (!is_answer || !life_->irs || *life_->irs + 1 == SeqNum{packet.ack});
  if (is_same) return;
  begin(iss, options);
  if (is_answer) life_->edge = iss + 1 + 0xffffU;  // as the SYN that it answers said, or less
}

void Book::begin_if_unseen(const TcpPacket& packet) {
  const SeqNum seq{packet.seq};
  const auto written = life_ ? static_cast<std::uint32_t>(life_->written->bytes.size()) : 0;
  const bool is_in_range = life_ && is_between(seq, life_->iss, written + 3);
  if (is_in_range && !answers_other_syn(SeqNum{packet.ack})) return;
  begin(seq - 1, options_of(packet));
  life_->edge = seq + 0xffffU;
}

void Book::begin(SeqNum iss, const TcpOptions& options) {
  life_ = std::make_shared<Life>();
  life_->iss = life_->una = iss;
  life_->sent_end = iss + 1;
  life_->written = opening ? std::exchange(opening, nullptr) : std::make_shared<Written>();
  life_->scale = options.window_scale;
  life_->has_timestamps = options.timestamps.has_value();
  life_->has_sack = options.sack_permitted;
}

// Where a host's numbers are chosen by its settings, two lives may begin with the same one.
bool Book::answers_other_syn(SeqNum ack) const {
  return life_->irs && ack.after(reach(*life_->irs)) && is_syn_of_peer(ack - 1);
}

bool Book::is_syn_of_peer(SeqNum seq) const {
  return std::ranges::find(syns_, seq) != syns_.end();
}

SeqNum Book::reach(SeqNum from) const {
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (const Piece& piece : pieces_) {
      if (!is_between(from, piece.from, piece.length)) continue;
      from = piece.from + piece.length;
      has_grown = true;
    }
  }
  return from;
}

bool Book::has_arrived(SeqNum from, std::uint32_t length) const {
  return reach(from).since(from) >= length;
}

void Book::judge_text(const TcpPacket& packet) {
  const SeqNum start = SeqNum{packet.seq} + (has(packet, kSyn) ? 1U : 0U);
  const auto length = static_cast<std::uint32_t>(packet.payload.size());
  const SeqNum first = life_->iss + 1;
  const std::uint32_t offset = start.since(first);
  const Bytes& written = life_->written->bytes;
  if (length > 0 && std::uint64_t{offset} + length > written.size()) fault_in(packet, "text that nobody wrote");
  if (length > 0 && life_->written->is_known &&
      !std::equal(packet.payload.begin(), packet.payload.end(), written.begin() + offset))
    fault_in(packet, "other bytes than were written");
  if (length > 0 && start.after(life_->sent_end)) fault_in(packet, "a gap in what was sent");
  const bool is_probe = length == 1 && life_->edge && start.at_or_before(*life_->edge);
  if (length > 0 && !is_probe && (!life_->edge || (start + length).after(*life_->edge)))
    fault_in(packet, "beyond the window's edge");
  const SeqNum end = start + length + (has(packet, kFin) ? 1U : 0U);
  judge_fin(packet, end);
  life_->sent_end = SeqNum::latest(life_->sent_end, end);
}

void Book::judge_fin(const TcpPacket& packet, SeqNum end) {
  if (has(packet, kFin)) {
    const SeqNum at = end - 1;
    if (life_->fin && *life_->fin != at) fault_in(packet, "a FIN elsewhere than before");
    if (at.since(life_->iss + 1) != life_->written->bytes.size()) fault_in(packet, "FIN not at the end of the stream");
    life_->fin = at;
  } else if (life_->fin && !packet.payload.empty() && end.after(*life_->fin)) {
    fault_in(packet, "text after FIN");
  }
}

void Book::judge_ack(const TcpPacket& packet) {
  const SeqNum ack{packet.ack};
  if (!life_->irs) {
    if (!is_syn_of_peer(ack - 1)) {  // its first ACK found no packet, and text has come since: the SYN is one of them
      const bool is_possible = std::ranges::any_of(syns_, [&](SeqNum syn) { return ack.at_or_before(reach(syn)); });
      if (!is_possible) fault_in(packet, "acknowledges what was no SYN");
    } else {
      life_->irs = ack - 1;
    }
  } else if (reach(*life_->irs).before(ack)) {
    fault_in(packet, "acknowledges what never arrived");
  }
  // With a chosen ISS two lives may begin with the same number: this is the first ACK of the next one.
  const bool is_next_life = is_syn_of_peer(ack - 1);
  if (life_->acked && ack.before(*life_->acked) && !is_next_life) fault_in(packet, "acknowledges less than before");
  life_->acked = ack;
  const bool is_scaled = life_->scale && peer_scale_ > 0 && !has(packet, kSyn);
  life_->window = std::uint32_t{packet.window} << (is_scaled ? life_->scale->shift() : 0);
}

void Book::judge_options(const TcpPacket& packet, const TcpOptions& options) {
  if (options.timestamps) life_->timestamp = options.timestamps->value;
  if (has(packet, kSyn)) return;
  if (options.mss || options.window_scale || options.sack_permitted)
    fault_in(packet, "an option that belongs in a SYN");
  for (unsigned i = 0; i < options.sack_count; ++i) {
    const SackBlock& block = options.sack[i];
    if (!block.left.before(block.right)) fault_in(packet, "an empty SACK block");
    if (!has_arrived(block.left, block.right.since(block.left))) fault_in(packet, "SACKs what never arrived");
  }
}

}  // namespace weir::fuzz
