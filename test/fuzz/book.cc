#include "book.h"

#include <weir/wire/parse.h>
#include <algorithm>

#include "ground.h"

namespace weir::fuzz {
namespace {

constexpr std::size_t kMtu = 1500;

std::uint32_t length_of(const TcpPacket& packet) {
  return static_cast<std::uint32_t>(packet.payload.size()) + ((packet.flags & kSyn) != 0 ? 1U : 0U) +
         ((packet.flags & kFin) != 0 ? 1U : 0U);
}

TcpOptions options_of(const TcpPacket& packet) {
  TcpOptions options;
  static_cast<void>(wire::parse_tcp_options(packet.options, options));
  return options;
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

void fault_in(const TcpPacket& packet, const std::string& what) {
  fault(what + ": " + describe(packet));
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
  if (length_of(packet) > 0) note({seq, length_of(packet)});
  const TcpOptions options = options_of(packet);
  if (has(packet, kSyn)) {
    syns_.push_back(seq);
    if (options.window_scale) peer_scale_ = std::max(peer_scale_, options.window_scale->shift());
  }
  if (life_) hear(*life_, packet);
  for (const auto& offer : offers_)
    if (offer != life_) hear(*offer, packet);
}

void Book::hear(Life& life, const TcpPacket& packet) const {
  if (has(packet, kSyn) && !life.edge) life.edge = life.iss + 1 + packet.window;  // its ACK may come later, or in this
  const SeqNum ack{packet.ack};
  if (!has(packet, kAck) || !is_between(ack, life.iss, life.sent_end.since(life.iss) + 2)) return;
  const SeqNum edge = ack + (std::uint32_t{packet.window} << peer_scale_);
  if (!life.edge || edge.after(*life.edge)) life.edge = edge;
  life.una = SeqNum::latest(life.una, ack);
  life.is_answered = life.is_answered || (!has(packet, kSyn) && ack == life.iss + 1);
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
  else
    take_up_offer(packet);
  if (was_short_ && !has(packet, kSyn)) begin_if_unseen(packet);
  if (!life_) fault_in(packet, "neither a reset nor of a connection");
  judge_text(packet);
  if (has(packet, kAck)) judge_ack(packet);
  judge_options(packet, options);
}

void Book::run_short() {
  is_short_ = was_short_ = true;
  if (life_) life_->is_doubtful = true;
}

void Book::open(std::shared_ptr<Written> written) {
  opening_ = std::move(written);
  opening_syns_ = syns_.size();
}

std::shared_ptr<Written> Book::claim() {
  if (!life_) return open(std::make_shared<Written>()), opening_;  // its SYN-ACK was never seen
  choose_answered();
  if (life_->is_claimed) claim_anew();
  life_->is_claimed = life_->is_accepted = true;
  return life_->written;
}

// With cookies each SYN-ACK may still be answered when others have followed it.
void Book::choose_answered() {
  std::erase_if(offers_, [](const auto& offer) { return offer->is_claimed; });
  std::vector<std::shared_ptr<Life>> answered;
  std::ranges::copy_if(offers_, std::back_inserter(answered), [](const auto& offer) { return offer->is_answered; });
  if (answered.size() == 1) life_ = answered.front();
  if (answered.size() < 2) return;
  was_short_ = life_->is_doubtful = true;  // as if SYN-ACKs had not been seen
}

// What it says next to a SYN-ACK before the last one.
void Book::take_up_offer(const TcpPacket& packet) {
  const SeqNum seq{packet.seq};
  if (!life_ || opening_ || seq == life_->iss + 1 || is_between(seq, life_->iss, life_->sent_end.since(life_->iss) + 1))
    return;
  const auto taken = std::ranges::find_if(
      offers_, [&](const auto& offer) { return offer->is_answered && !offer->is_claimed && offer->iss + 1 == seq; });
  if (taken != offers_.end()) life_ = *taken;
}

// With a chosen ISS, and the peer's again: nothing tells it from the life before.
void Book::claim_anew() {
  life_ = std::make_shared<Life>(*life_);
  life_->written = std::make_shared<Written>();
  life_->sent_end = life_->iss + 1;
  life_->fin.reset();
}

void Book::begin_if_new(const TcpPacket& packet, const TcpOptions& options) {
  if (is_same_life(packet)) return;
  const SeqNum iss{packet.seq};
  begin(iss, options);
  if (!has(packet, kAck)) return;
  life_->edge = iss + 1 + 0xffffU;  // as the SYN that it answers said, or less
  if (has_cookies_) offers_.push_back(life_);
}

bool Book::is_same_life(const TcpPacket& syn) const {
  if (!life_ || opening_ || life_->iss != SeqNum{syn.seq} || life_->has_spoken()) return false;
  const auto& candidates = life_->irs_candidates;
  return !has(syn, kAck) || candidates.empty() ||
         std::ranges::find(candidates, SeqNum{syn.ack} - 1) != candidates.end();
}

void Book::begin_if_unseen(const TcpPacket& packet) {
  const SeqNum seq{packet.seq};
  const auto written = life_ ? static_cast<std::uint32_t>(life_->written->bytes.size()) : 0;
  const bool is_in_range = life_ && is_between(seq, life_->iss, written + 3);
  if (!opening_ && is_in_range && !answers_other_syn(SeqNum{packet.ack})) return;
  const bool is_held = life_ && life_->is_accepted && !life_->has_spoken();  // the accepted one, with another number
  if (is_held && !opening_) {
    opening_ = life_->written;
    opening_syns_ = life_->syns_from;
  }
  begin(seq - 1, options_of(packet));
  life_->edge = seq + 0xffffU;
}

void Book::begin(SeqNum iss, const TcpOptions& options) {
  life_ = std::make_shared<Life>();
  life_->iss = life_->una = iss;
  life_->sent_end = iss + 1;
  life_->is_doubtful = is_short_;
  life_->is_claimed = opening_ != nullptr;
  life_->syns_from = opening_ ? opening_syns_ : 0;
  life_->written = opening_ ? std::exchange(opening_, nullptr) : std::make_shared<Written>();
  life_->scale = options.window_scale;
  life_->has_timestamps = options.timestamps.has_value();
  life_->has_sack = options.sack_permitted;
}

// Where a host's numbers are chosen by its settings, two lives may begin with the same one.
bool Book::answers_other_syn(SeqNum ack) const {
  const auto explains = [&](SeqNum syn) { return may_follow(syn, ack); };
  const auto& candidates = life_->irs_candidates;
  const bool goes_back = life_->is_doubtful && life_->acked && ack.before(*life_->acked);
  const bool is_other = goes_back || (!candidates.empty() && std::ranges::none_of(candidates, explains));
  return is_other && std::ranges::any_of(syns_, explains);
}

bool Book::is_syn_of_peer(SeqNum seq) const {
  return std::ranges::find(syns_, seq) != syns_.end();
}

void Book::note(Piece added) {
  std::erase_if(pieces_, [&added](const Piece& known) {
    const std::uint32_t behind = added.from.since(known.from), ahead = known.from.since(added.from);
    if (behind <= known.length)
      added = {known.from, std::max(known.length, behind + added.length)};
    else if (ahead <= added.length)
      added.length = std::max(added.length, ahead + known.length);
    else
      return false;
    return true;
  });
  pieces_.push_back(added);
}

SeqNum Book::reach(SeqNum from) const {
  for (const Piece& piece : pieces_)
    if (is_between(from, piece.from, piece.length)) return piece.from + piece.length;
  return from;
}

bool Book::has_arrived(SeqNum from, std::uint32_t length) const {
  return reach(from).since(from) >= length;
}

}  // namespace weir::fuzz
